"""The store that the Shopify tests look at: its customers, its orders and how a source is aimed at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.kit.base import Stream
from connectors.kit.clock import SYSTEM, Clock
from connectors.shopify.config import ShopifyConfig
from connectors.shopify.simulator import TOKEN, ShopifySimulator
from connectors.shopify.source import ShopifySource

OPENED = datetime(2026, 3, 1, 7, 45, 12, tzinfo=UTC)
CUSTOMERS, ORDERS = ShopifySource.streams
Node = dict[str, Any]


def at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def customer(number: int, *, updated: datetime = OPENED, **fields: Any) -> Node:
    email = {
        "emailAddress": f"person{number}@example.com",
        "validFormat": True,
        "marketingState": "NOT_SUBSCRIBED",
        "marketingOptInLevel": None,
        "marketingUpdatedAt": None,
    }
    return {
        "id": f"gid://shopify/Customer/{number}",
        "firstName": "Person",
        "lastName": str(number),
        "updatedAt": at(updated),
        "defaultEmailAddress": email,
        **fields,
    }


def order(number: int, *, updated: datetime = OPENED, buyer: int | None = None, **fields: Any) -> Node:
    return {
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "updatedAt": at(updated),
        "customer": None if buyer is None else {"id": f"gid://shopify/Customer/{buyer}"},
        **fields,
    }


def line(number: int) -> Node:
    money = {"amount": "9.50", "currencyCode": "AUD"}
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "name": f"Soap {number}",
        "title": f"Soap {number}",
        "sku": f"SOAP-{number}",
        "quantity": 2,
        "originalUnitPriceSet": {"shopMoney": money, "presentmentMoney": money},
    }


def busy_store(clock: Clock = SYSTEM, people: int = 620) -> ShopifySimulator:
    """A store whose records changed a minute apart, three pages of each stream, every third order a guest's."""
    simulator = ShopifySimulator(now=clock.now)
    moments = [OPENED + timedelta(minutes=n) for n in range(people)]
    simulator.load(
        [customer(n, updated=moment) for n, moment in enumerate(moments, 1)],
        [order(n, updated=moment, buyer=n if n % 3 else None) for n, moment in enumerate(moments, 1)],
    )
    return simulator


def source_of(base_url: str, clock: Clock = SYSTEM, *, token: str = TOKEN, version: str = "2026-07") -> ShopifySource:
    settings = {"store": "acme", "token": token, "version": version, "base_url": base_url}
    return ShopifySource(ShopifyConfig.model_validate(settings), clock=clock)


def held(simulator: ShopifySimulator, stream: Stream) -> set[str]:
    return set(simulator.store.collections[stream.name].nodes)  # type: ignore[index]
