"""What the connector asks, and what the simulator offers, are the vendor's own words."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    parse,
    print_ast,
    validate,
)

from connectors.shopify import mutations, queries
from connectors.shopify.simulator.graph import SCHEMA, document

VENDOR = Path(__file__).parents[4] / "shared" / "vendors" / "specs" / "shopify.graphql"
NAMES = ("CUSTOMERS", "NODES", "ORDERS", "MORE_LINES", "SHOP", "SAMPLE")
TEXTS = {
    **{name: getattr(queries, name) for name in NAMES},
    "CONSENT": mutations.document(("email", "email", "sms")),
    "TAGS": mutations.document(("add", "remove", "remove")),
}


@pytest.fixture(scope="module")
def vendor() -> GraphQLSchema:
    if not VENDOR.exists():
        pytest.skip("the vendor's own schema is not beside this checkout")
    return build_schema(VENDOR.read_text())


@pytest.mark.parametrize("name", TEXTS)
def test_every_query_is_valid_at_the_vendor(vendor: GraphQLSchema, name: str) -> None:
    assert validate(vendor, parse(TEXTS[name])) == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_query_is_valid_at_the_simulator(name: str) -> None:
    operation, _ = document(TEXTS[name])
    assert operation.operation.value == ("mutation" if name in {"CONSENT", "TAGS"} else "query")


def test_the_simulator_has_no_field_that_the_vendor_has_not(vendor: GraphQLSchema) -> None:
    for name, ours in SCHEMA.type_map.items():
        if not isinstance(ours, GraphQLObjectType) or name.startswith("__"):
            continue
        theirs = vendor.type_map[name]
        assert isinstance(theirs, GraphQLObjectType)
        for field_name, field in ours.fields.items():
            assert str(field.type) == str(theirs.fields[field_name].type), f"{name}.{field_name}"
            assert set(field.args) <= set(theirs.fields[field_name].args), f"{name}.{field_name}"
            assert get_named_type(field.type).name in vendor.type_map


@pytest.mark.parametrize("name", ["Customers", "Orders", "EmailConsent", "SmsConsent", "Tags"])
def test_what_the_vendor_takes_from_others_is_taken_by_the_simulator(vendor: GraphQLSchema, name: str) -> None:
    text = parse(VENDOR.with_name("shopify.operations.graphql").read_text())
    [operation] = [part for part in text.definitions if print_ast(part).partition("(")[0].endswith(f" {name}")]
    alone = DocumentNode(definitions=(operation,))
    assert validate(vendor, alone) == []
    assert validate(SCHEMA, alone) == []


def test_the_simulator_takes_no_input_that_the_vendor_does_not_take(vendor: GraphQLSchema) -> None:
    for name, ours in SCHEMA.type_map.items():
        theirs = vendor.type_map.get(name)
        if isinstance(ours, GraphQLInputObjectType):
            assert isinstance(theirs, GraphQLInputObjectType)
            assert {key: str(field.type) for key, field in ours.fields.items()} == {
                key: str(field.type) for key, field in theirs.fields.items()
            }, name
        if isinstance(ours, GraphQLEnumType) and not name.startswith("__") and not name.endswith("SortKeys"):
            assert isinstance(theirs, GraphQLEnumType)
            assert set(ours.values) <= set(theirs.values), name


def test_the_filter_quotes_its_moment_in_utc_and_whole_seconds() -> None:
    perth = timezone(timedelta(hours=8))
    moment = datetime(2026, 3, 1, 15, 45, 12, 999_999, tzinfo=perth)
    assert queries.changed_since(moment) == "updated_at:>='2026-03-01T07:45:12Z'"
    assert queries.changed_since(None) is None
