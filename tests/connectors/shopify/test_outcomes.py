"""What an answer to several mutations says of each one: errors beside data, payloads with holes, mere errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import responses

from connectors.kit.destination import ConsentChange, Outcome, Permitted
from connectors.kit.errors import AuthError, ConnectorError, RateLimited, Refused, VendorDown
from connectors.kit.testing import FakeClock
from connectors.shopify.outcomes import tag_outcome
from tests.connectors.shopify.till import CORRELATION, destination_of, tag

SHOP = "https://shop.example"
URL = f"{SHOP}/admin/api/2026-07/graphql.json"
CUSTOMER = "gid://shopify/Customer/{}"


def payload(state: Any = "UNSUBSCRIBED", **errors: Any) -> dict[str, Any]:
    """A consent payload; with `code` and `field` it has one userError."""
    customer = {"id": CUSTOMER.format(1), "defaultEmailAddress": {"marketingState": state, "marketingUpdatedAt": None}}
    refused = [{"message": "alice@example.com is refused", **errors}] if errors else []
    return {"customer": None if errors else customer, "userErrors": refused}


def error(code: str, *path: str) -> dict[str, Any]:
    return {"message": "alice@example.com is not for you", "path": list(path), "extensions": {"code": code}}


@pytest.fixture
def shop() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def write(count: int = 1) -> list[Outcome]:
    clock = FakeClock()
    changes = [
        ConsentChange(CUSTOMER.format(n), "email", "alice@example.com", "out", clock.now(), CORRELATION)
        for n in range(count)
    ]
    with closing(destination_of(SHOP, clock)) as destination:
        return destination.write_consent([Permitted(change, "a test") for change in changes])


@pytest.mark.fault("W01")
@pytest.mark.parametrize(
    ("told", "status"),
    [
        (payload(), "confirmed"),
        (payload("SUBSCRIBED"), "rejected"),
        (payload(code="INVALID", field=["input", "customerId"]), "not_held"),
        (payload(code="INVALID", field=["input", "emailMarketingConsent", "marketingState"]), "rejected"),
        (payload(code="MISSING_ARGUMENT", field=["input", "customerId"]), "rejected"),
        (payload(code="INCLUSION", field=None), "rejected"),
        (payload(code="INTERNAL_ERROR", field=None), "retry"),
        (payload(code=7, field="input"), "rejected"),
        (payload(None), "unknown"),
        ({"customer": None, "userErrors": []}, "unknown"),
        ({"customer": {"defaultEmailAddress": {"marketingState": "UNSUBSCRIBED"}}}, "unknown"),
        ("done", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_change_is_confirmed_only_by_its_own_payload(shop: responses.RequestsMock, told: Any, status: str) -> None:
    shop.post(URL, json={"data": {"m0": told, "m1": payload()}})
    first, second = write(2)
    assert (first.status, second.status) == (status, "confirmed")
    assert "alice" not in first.message


@pytest.mark.fault("W01")
@pytest.mark.parametrize("code", ["INTERNAL_SERVER_ERROR", "ACCESS_DENIED", "SOMETHING_NEW"])
def test_an_error_beside_data_leaves_only_its_own_change_unknown(shop: responses.RequestsMock, code: str) -> None:
    shop.post(URL, json={"data": {"m0": payload(), "m1": None, "m2": payload()}, "errors": [error(code, "m1")]})
    assert [outcome.status for outcome in write(3)] == ["confirmed", "unknown", "confirmed"]
    assert len(shop.calls) == 1


@pytest.mark.fault("W02")
@pytest.mark.parametrize(
    "body",
    [
        {"errors": [error("INTERNAL_SERVER_ERROR")]},
        {"data": None, "errors": [error("INTERNAL_SERVER_ERROR")]},
        {"data": {"m0": None}, "errors": [error("TIMEOUT", "m0")]},
        {"data": {"m0": None}, "errors": [error("SOMETHING_NEW", "m0")]},
        {"data": {"m0": None}, "errors": [error("ACCESS_DENIED", "m0", "customer", "id")]},
        {"data": None, "errors": "alice@example.com"},
        {"data": None},
        [],
    ],
)
def test_an_answer_that_says_nothing_of_any_change_leaves_all_unknown(shop: responses.RequestsMock, body: Any) -> None:
    shop.post(URL, json=body)
    with pytest.raises(VendorDown, match="unknown") as told:
        write()
    assert "alice" not in str(told.value)
    assert len(shop.calls) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"errors": [error("ACCESS_DENIED")]}, AuthError),
        ({"data": {"m0": None}, "errors": [error("ACCESS_DENIED", "m0")]}, AuthError),
        ({"errors": [error("SHOP_INACTIVE")]}, RateLimited),
        ({"errors": [error("MAX_COST_EXCEEDED")]}, Refused),
        ({"errors": [error("undefinedField")]}, Refused),
    ],
)
def test_a_document_that_never_ran_is_told_as_such(
    shop: responses.RequestsMock, body: Any, kind: type[ConnectorError]
) -> None:
    shop.post(URL, json=body)
    with pytest.raises(kind):
        write()
    assert len(shop.calls) == 1


@pytest.mark.fault("W02")
@pytest.mark.parametrize("status", [500, 502, 503, 408])
def test_a_server_that_breaks_while_writing_is_not_asked_again(shop: responses.RequestsMock, status: int) -> None:
    shop.post(URL, status=status)
    with pytest.raises(VendorDown):
        write()
    assert len(shop.calls) == 1


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"node": {"tags": ["Hub", "vip"]}, "userErrors": []}, "confirmed"),
        ({"node": {"tags": ["vip"]}, "userErrors": []}, "rejected"),
        ({"node": None, "userErrors": []}, "unknown"),
        ({"node": None, "userErrors": [{"field": ["id"]}]}, "not_held"),
        ({"node": None, "userErrors": [{"field": ["tags"]}]}, "rejected"),
        (None, "unknown"),
    ],
)
def test_a_tag_is_confirmed_only_where_the_customer_shows_it(told: Any, status: str) -> None:
    assert tag_outcome(told, tag(CUSTOMER.format(1), "hub")).status == status


def test_a_tag_that_stays_after_its_removal_is_not_confirmed() -> None:
    told = {"node": {"tags": ["hub"]}, "userErrors": []}
    assert tag_outcome(told, tag(CUSTOMER.format(1), "hub", "remove")).status == "rejected"
