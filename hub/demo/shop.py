"""What the shop holds: customers and orders as nodes of Shopify's Admin GraphQL API."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from hub.demo import names
from hub.demo.people import END, Address, Answer, Sighting, moment

Node = dict[str, Any]


class Shop:
    """Opens accounts and takes orders; ids count up. An e-mail and a phone can each be on one account only."""

    def __init__(self, rng: Random) -> None:
        self.customers: list[Node] = []
        self.orders: list[Node] = []
        self._rng = rng
        self._phones: set[str] = set()

    def open_account(self, seen: Sighting) -> Node:
        number = 700001 + len(self.customers)
        gid = f"gid://shopify/Customer/{number}"
        phone = e164(seen.phone)
        own_phone = phone if phone not in self._phones else ""
        self._phones.add(own_phone)
        count = seen.orders if seen.orders is not None else self._rng.choices(range(7), (20, 28, 20, 14, 9, 6, 3))[0]
        orders = [self._order(seen, gid, moment(self._rng, after=seen.since)) for _ in range(count)]
        asked = (seen.consent_at or seen.since, seen.sms_at or seen.since)
        changed = max([seen.since, *asked, *(placed for placed, _ in orders)])
        customer = {
            "id": gid,
            "legacyResourceId": str(number),
            "firstName": seen.given,
            "lastName": seen.family,
            "state": "ENABLED" if count else "DISABLED",
            "tags": ["vip"] if count >= 5 else [],
            "note": None,
            "locale": "en-AU",
            "createdAt": stamp(seen.since),
            "updatedAt": stamp(changed),
            "verifiedEmail": bool(seen.email),
            "dataSaleOptOut": False,
            "numberOfOrders": str(count),
            "amountSpent": money(sum(cents for _, cents in orders)),
            "defaultEmailAddress": _email(seen),
            "defaultPhoneNumber": _phone(own_phone, seen),
            "defaultAddress": _address(seen.address, phone),
            "mergeable": {"isMergeable": True, "reason": None, "mergeInProgress": None},
        }
        self.customers.append(customer)
        return customer

    def guest_order(self, seen: Sighting) -> Node:
        self._order(seen, None, seen.since)
        return self.orders[-1]

    def _order(self, seen: Sighting, customer: str | None, placed: datetime) -> tuple[datetime, int]:
        """Take an order; its time and what was paid in cents, refunds taken off."""
        rng = self._rng
        number = 900001 + len(self.orders)
        goods = rng.sample(names.GOODS, rng.choices((1, 2, 3), (60, 30, 10))[0])
        lines = [_line(number * 10 + n, rng.choices((1, 2, 3), (80, 15, 5))[0], *each) for n, each in enumerate(goods)]
        total = sum(line["quantity"] * price for line, (_, _, price) in zip(lines, goods, strict=True))
        fate = rng.random()
        refunded = total if fate < 0.05 else 0
        cancelled = fate < 0.03
        changed = min(END, placed + timedelta(days=rng.randint(1, 6)))
        self.orders.append(
            {
                "id": f"gid://shopify/Order/{number}",
                "name": f"#{number - 899000}",
                "email": seen.email or None,
                "phone": None if customer else e164(seen.phone) or None,
                "createdAt": stamp(placed),
                "updatedAt": stamp(changed),
                "processedAt": stamp(placed),
                "cancelledAt": stamp(changed) if cancelled else None,
                "test": False,
                "currencyCode": "AUD",
                "displayFinancialStatus": "REFUNDED" if refunded else "PAID",
                "displayFulfillmentStatus": "UNFULFILLED" if cancelled else "FULFILLED",
                "customer": {"id": customer} if customer else None,
                "billingAddress": _billing(seen),
                "totalPriceSet": {"shopMoney": money(total)},
                "currentTotalPriceSet": {"shopMoney": money(total - refunded)},
                "totalRefundedSet": {"shopMoney": money(refunded)},
                "lineItems": {"nodes": lines},
            }
        )
        return changed, total - refunded


def e164(phone: str) -> str:
    """An Australian mobile as people write it, the way the shop keeps it."""
    digits = "".join(c for c in phone if c.isdigit())
    return f"+61{digits.removeprefix('61').removeprefix('0')}" if digits else ""


def stamp(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def money(cents: int) -> dict[str, str]:
    return {"amount": f"{cents // 100}.{cents % 100:02d}", "currencyCode": "AUD"}


def _email(seen: Sighting) -> Node | None:
    if not seen.email:
        return None
    return {
        "emailAddress": seen.email,
        "validFormat": True,
        **_marketing(seen.consent, seen.consent_at or seen.since),
    }


def _phone(phone: str, seen: Sighting) -> Node | None:
    if not phone:
        return None
    return {
        "phoneNumber": phone,
        **_marketing(seen.sms, seen.sms_at or seen.since),
        "marketingCollectedFrom": "SHOPIFY" if seen.sms else None,
    }


def _marketing(said: Answer, at: datetime) -> Node:
    return {
        "marketingState": {"yes": "SUBSCRIBED", "no": "UNSUBSCRIBED", "": "NOT_SUBSCRIBED"}[said],
        "marketingOptInLevel": "SINGLE_OPT_IN" if said else "UNKNOWN",
        "marketingUpdatedAt": stamp(at) if said else None,
    }


def _address(address: Address | None, phone: str) -> Node | None:
    return {**_place(address), "address2": None, "phone": phone or None} if address else None


def _place(address: Address) -> Node:
    return {
        "address1": address.street,
        "city": address.suburb,
        "provinceCode": address.state,
        "zip": address.postcode,
        "countryCodeV2": "AU",
    }


def _billing(seen: Sighting) -> Node | None:
    if seen.address is None:
        return None
    name = {"name": f"{seen.given} {seen.family}", "firstName": seen.given, "lastName": seen.family}
    return {**name, "phone": e164(seen.phone) or None, **_place(seen.address)}


def _line(number: int, quantity: int, sku: str, title: str, price: int) -> Node:
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "sku": sku,
        "title": title,
        "quantity": quantity,
        "originalUnitPriceSet": {"shopMoney": money(price)},
    }
