"""A running store with a destination aimed at it, and the changes that the tests of writing ask for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, TypeVar

from connectors.kit.destination import Channel, ConsentChange, Outcome, Permitted, SegmentChange, Wanted
from connectors.kit.testing import FakeClock
from connectors.shopify.config import ShopifyConfig
from connectors.shopify.destination import ShopifyDestination
from connectors.shopify.simulator import TOKEN, ShopifySimulator
from connectors.shopify.simulator.state import addresses

CORRELATION = "0123456789abcdef0123456789abcdef"
T = TypeVar("T")
NOBODY = "gid://shopify/Customer/404404"


class Till:
    """Alice has an e-mail and a phone, Bob shares her phone and has never been asked, Charlie unsubscribed."""

    def __init__(self, simulator: ShopifySimulator, base_url: str, clock: FakeClock) -> None:
        self.simulator, self.base_url, self.clock = simulator, base_url, clock
        self.alice = simulator.create_customer(email="Alice@example.com", phone="+61491570156", tags=["vip"])
        self.bob = simulator.create_customer(email="bob@example.com", phone="+61491570156")
        self.charlie = simulator.create_customer(email="charlie@example.com", email_state="UNSUBSCRIBED")
        clock.advance(timedelta(hours=1))

    def consent(self, *changes: ConsentChange) -> list[Outcome]:
        return self.use(lambda shop: shop.write_consent([Permitted(change, "a test") for change in changes]))

    def tags(self, *changes: SegmentChange) -> list[Outcome]:
        return self.use(lambda shop: shop.write_tags(changes))

    def use(self, act: Callable[[ShopifyDestination], T]) -> T:
        with closing(destination_of(self.base_url, self.clock)) as destination:
            return act(destination)

    def change(
        self, record: str, wanted: Wanted, channel: Channel = "email", *, at: datetime | None = None, ask: bool = False
    ) -> ConsentChange:
        address = addresses(self.simulator.store.customer(record) or {}).get(channel, "gone@example.com")
        when = at or self.clock.now()
        return ConsentChange(record, channel, address, wanted, when, CORRELATION, by_confirmation=ask)

    def held(self, record: str, channel: str = "email") -> tuple[str, str | None, str | None]:
        """State, level and time of a consent as the store has it."""
        node = self.simulator.store.customer(record)
        assert node is not None
        held = node["defaultEmailAddress" if channel == "email" else "defaultPhoneNumber"]
        return held["marketingState"], held["marketingOptInLevel"], held["marketingUpdatedAt"]

    def effects(self, kind: str = "consents") -> list[dict[str, Any]]:
        """What the ledger tells of all writes so far."""
        return [effect for entry in self.simulator.ledger for effect in (entry.effect or {}).get(kind, [])]


def tag(record: str, name: str, wanted: Any = "add") -> SegmentChange:
    return SegmentChange(record, "alice@example.com", name, wanted, CORRELATION)


def destination_of(base_url: str, clock: FakeClock, token: str = TOKEN) -> ShopifyDestination:
    settings = {"store": "acme", "token": token, "base_url": base_url}
    return ShopifyDestination(ShopifyConfig.model_validate(settings), clock=clock)
