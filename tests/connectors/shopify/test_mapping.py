"""The vendor's own mapping.yaml: what a customer and an order of Shopify become."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from ruamel.yaml import YAML

from connectors.shopify import CONNECTOR
from mapping.compile import Mapper, compile_mapping, parse_mapping
from mapping.models import Order, Person, Ref
from tests.connectors.shopify.store import customer, line, order

MARA: dict[str, Any] = {
    "id": "gid://shopify/Customer/700001",
    "legacyResourceId": "700001",
    "firstName": "Mara",
    "lastName": "Oduya",
    "state": "DISABLED",
    "locale": "en-AU",
    "tags": ["vip", "newsletter-2026"],
    "note": None,
    "createdAt": "2025-11-04T02:10:09Z",
    "updatedAt": "2026-03-01T07:45:12Z",
    "verifiedEmail": True,
    "dataSaleOptOut": False,
    "numberOfOrders": "3",
    "amountSpent": {"amount": "412.50", "currencyCode": "AUD"},
    "defaultEmailAddress": {
        "emailAddress": "mara.oduya@example.com",
        "validFormat": True,
        "marketingState": "SUBSCRIBED",
        "marketingOptInLevel": "SINGLE_OPT_IN",
        "marketingUpdatedAt": "2026-02-27T22:03:55Z",
    },
    "defaultPhoneNumber": {
        "phoneNumber": "+61400111222",
        "marketingState": "NOT_SUBSCRIBED",
        "marketingOptInLevel": "UNKNOWN",
        "marketingUpdatedAt": None,
        "marketingCollectedFrom": None,
    },
    "defaultAddress": {
        "address1": "1 Test St",
        "address2": None,
        "city": "Perth",
        "provinceCode": "WA",
        "zip": "6000",
        "countryCodeV2": "AU",
        "phone": None,
        "company": None,
    },
}
BILLING = {
    "firstName": "Bob",
    "lastName": "Brown",
    "phone": "0400 111 333",
    "address1": "2 High St",
    "address2": "Unit 4",
}


def mapper(stream: str) -> Mapper:
    assert CONNECTOR.mapping is not None
    spec = YAML(typ="safe").load(CONNECTOR.mapping.read_text())[stream]
    return compile_mapping(parse_mapping(spec), region="AU")


def person_of(node: dict[str, Any]) -> Person:
    mapped = mapper("customers")(node)
    assert isinstance(mapped.value, Person)
    assert mapped.remarks == ()
    return mapped.value


def order_of(node: dict[str, Any]) -> Order:
    mapped = mapper("orders")(node)
    assert isinstance(mapped.value, Order)
    assert mapped.remarks == ()
    return mapped.value


def test_the_vendors_example_becomes_the_person_it_describes() -> None:
    mara = person_of(MARA)
    assert mara.name is not None
    assert (mara.name.first, mara.name.last, mara.name.full) == ("Mara", "Oduya", "Mara Oduya")
    assert [email.key for email in mara.emails] == ["mara.oduya@example.com"]
    assert [phone.value for phone in mara.phones] == ["+61400111222"]
    [home] = mara.addresses
    assert (home.street, home.city, home.state, home.postcode, home.country) == (
        "1 Test St",
        "Perth",
        "WA",
        "6000",
        "AU",
    )
    assert mara.tags == ("vip", "newsletter-2026")
    assert mara.language == "en-AU"
    assert mara.company is None
    assert mara.created_at == datetime(2025, 11, 4, 2, 10, 9, tzinfo=UTC)


def test_consent_is_read_per_channel_with_the_vendors_own_time_and_level() -> None:
    email, sms = person_of(MARA).consents
    assert (email.channel, email.address, email.state) == ("email", "mara.oduya@example.com", "granted")
    assert (email.at, email.level) == (datetime(2026, 2, 27, 22, 3, 55, tzinfo=UTC), "SINGLE_OPT_IN")
    assert (sms.channel, sms.address, sms.state, sms.at) == ("sms", "+61400111222", "unknown", None)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("SUBSCRIBED", "granted"),
        ("PENDING", "pending"),
        ("UNSUBSCRIBED", "withdrawn"),
        ("NOT_SUBSCRIBED", "unknown"),
        ("INVALID", "invalid"),
        ("REDACTED", "suppressed"),
    ],
)
def test_never_asked_is_not_a_no_and_a_dead_address_is_not_a_persons_no(word: str, state: str) -> None:
    charlie = {**MARA, "defaultEmailAddress": {**MARA["defaultEmailAddress"], "marketingState": word}}
    assert person_of(charlie).consents[0].state == state


def test_a_customer_with_only_a_name_is_a_person_without_remarks() -> None:
    alice = {
        **customer(1, firstName="Alice"),
        "lastName": None,
        "defaultEmailAddress": None,
        "defaultPhoneNumber": None,
    }
    mapped = person_of({**alice, "defaultAddress": None})
    assert mapped.name is not None
    assert mapped.name.full == "Alice"
    assert (mapped.emails, mapped.phones, mapped.addresses, mapped.consents) == ((), (), (), ())


def money(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "AUD"}}


SALE: dict[str, Any] = {
    "processedAt": "2026-02-01T10:00:00Z",
    "displayFinancialStatus": "PARTIALLY_REFUNDED",
    "totalPriceSet": money("19.00"),
    "totalRefundedSet": money("9.50"),
    "cancelledAt": None,
    "test": False,
    "lineItems": {"nodes": [line(1)]},
}


def test_an_order_points_to_its_customer_and_counts_in_the_stores_currency() -> None:
    sale = order_of(order(1010, buyer=700001, **SALE, email="mara.oduya@example.com", phone=None))
    assert sale.customer == Ref(stream="customers", id="gid://shopify/Customer/700001")
    assert sale.person is None
    assert (sale.number, sale.status, sale.currency) == ("#1010", "PARTIALLY_REFUNDED", "AUD")
    assert (sale.total, sale.refunded) == (Decimal("19.00"), Decimal("9.50"))
    assert sale.placed_at == datetime(2026, 2, 1, 10, tzinfo=UTC)
    [soap] = sale.items
    assert (soap.title, soap.sku, soap.quantity, soap.price) == ("Soap 1", "SOAP-1", 2, Decimal("9.50"))


def test_a_guest_is_the_one_who_pays_not_the_one_who_gets_the_parcel() -> None:
    gift = {"firstName": "Alice", "lastName": "Adams", "phone": "+61400999888", "address1": "9 Low Rd"}
    guest = order_of(
        order(7, **SALE, email="bob@example.com", phone=None, billingAddress=BILLING, shippingAddress=gift)
    ).person
    assert guest is not None
    assert guest.name is not None
    assert guest.name.full == "Bob Brown"
    assert [email.key for email in guest.emails] == ["bob@example.com"]
    assert [phone.value for phone in guest.phones] == ["+61400111333"]
    assert [address.street for address in guest.addresses] == ["2 High St, Unit 4"]


def test_a_guest_without_a_billing_address_is_named_by_the_parcel() -> None:
    parcel = {"firstName": "Bob", "lastName": "Brown", "phone": "+61400999888"}
    guest = order_of(
        order(8, **SALE, email="bob@example.com", phone=None, billingAddress=None, shippingAddress=parcel)
    ).person
    assert guest is not None
    assert guest.name is not None
    assert guest.name.full == "Bob Brown"
    assert guest.phones == ()
