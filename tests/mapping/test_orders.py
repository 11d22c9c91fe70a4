"""Orders and tags from raw records: the buyer, the guest, the things bought, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.compile import compile_mapping, parse_mapping
from mapping.models import Mapped, Order, OrderItem, Ref, Tag
from tests.mapping.test_people import json_values

orders = compile_mapping(
    parse_mapping(
        {
            "record": "order",
            "map": {
                "number": "number",
                "placed_at": "placed",
                "status": "status",
                "currency": "currency",
                "total": "total",
                "refunded": "refunded",
                "test": "test",
                "items": {"each": "lines", "title": "title", "sku": "sku", "quantity": "qty", "price": "price"},
                "customer": {"stream": "customers", "id": "customer.id"},
                "person": {"name": "name", "emails": ["email"], "phones": ["phone"]},
            },
        }
    ),
    region="AU",
    where={("map", "items"): "shop.yaml:8"},
)
tags = compile_mapping(
    parse_mapping({"record": "tag", "map": {"name": "tag", "person": {"stream": "members", "id": "member"}}}),
    region=None,
)


def order(mapped: Mapped) -> Order:
    assert isinstance(mapped.value, Order)
    return mapped.value


def test_alices_order_points_to_alice_and_not_to_a_guest() -> None:
    found = order(
        orders(
            {
                "number": 1001,
                "placed": "2024-01-02T03:04:05Z",
                "status": "paid",
                "currency": "aud",
                "total": "19.90",
                "refunded": 0,
                "test": False,
                "customer": {"id": 7},
                "email": "alice@example.com",
                "lines": [{"title": "Bread", "sku": "B-1", "qty": 2, "price": 9.95}, {"title": "Free bag"}],
            }
        )
    )
    assert found == Order.model_validate(found.model_dump())
    assert (found.number, found.currency, found.total, found.refunded) == ("1001", "AUD", Decimal("19.90"), Decimal(0))
    assert found.items == (
        OrderItem(title="Bread", sku="B-1", quantity=2, price=Decimal("9.95")),
        OrderItem(title="Free bag"),
    )
    assert (found.customer, found.person) == (Ref(stream="customers", id="7"), None)


@pytest.mark.parametrize("customer", [None, {"id": None}, {"id": ""}, {"id": False}, {}])
def test_a_guests_order_stands_for_the_guest(customer: Any) -> None:
    found = order(orders({"customer": customer, "email": "bob@example.com"}))
    assert found.customer is None
    assert found.person is not None
    assert found.person.emails[0].key == "bob@example.com"


def test_a_guest_of_whom_nothing_is_said_is_nobody() -> None:
    assert order(orders({"email": "", "name": None})).person is None


@pytest.mark.fault("D16")
def test_values_of_an_order_that_will_not_do_are_left_out() -> None:
    mapped = orders(
        {
            "total": "1,234",
            "currency": "A$",
            "placed": "2024-01-02 10:00",
            "lines": [{"qty": "many", "price": "x"}],
            "test": "perhaps",
            "phone": "12",
        }
    )
    assert [(remark.field, remark.code) for remark in mapped.remarks] == [
        ("currency", "currency_invalid"),
        ("placed_at", "time_without_zone"),
        ("total", "money_invalid"),
        ("test", "truth_invalid"),
        ("items.quantity", "quantity_invalid"),
        ("items.price", "money_invalid"),
        ("person.phones[0]", "phone_invalid"),
    ]
    assert order(mapped).items == (OrderItem(),)


@pytest.mark.fault("D01")
@pytest.mark.parametrize("lines", ["Bread", {"title": "Bread"}, ["Bread"], 3])
def test_an_order_whose_items_are_no_list_of_objects_is_refused(lines: Any) -> None:
    refused = orders({"number": "1001", "lines": lines}).refusal
    assert refused is not None
    assert (refused.code, refused.where) == ("items_not_list", "shop.yaml:8")


def test_a_tag_is_on_somebody() -> None:
    assert tags({"tag": " VIP ", "member": 7}).value == Tag(name="VIP", person=Ref(stream="members", id="7"))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"member": 7}, "tag_without_name"),
        ({"tag": "", "member": 7}, "tag_without_name"),
        ({"tag": "VIP"}, "tag_without_person"),
        ({"tag": "VIP", "member": ""}, "tag_without_person"),
    ],
)
def test_half_a_tag_is_refused(raw: dict[str, Any], code: str) -> None:
    refused = tags(raw).refusal
    assert refused is not None
    assert refused.code == code


@pytest.mark.fault("D01")
@given(
    st.dictionaries(
        st.sampled_from(["number", "placed", "total", "lines", "customer", "name", "email", "tag", "member"]),
        json_values,
    )
)
def test_any_record_is_an_order_or_refused_for_its_shape(raw: dict[str, Any]) -> None:
    mapped = orders(raw)
    if mapped.refusal:
        assert mapped.refusal.code == "items_not_list"
    else:
        assert Order.model_validate(order(mapped).model_dump()) == mapped.value
    refusal = tags(raw).refusal
    assert refusal is None or refusal.code.startswith("tag_without")
