"""Shopify keeps the laws of every destination."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from connectors.kit.base import Source
from connectors.kit.destination import Channel, ConsentChange, Destination, Permitted
from connectors.kit.simulator import Fault, Simulator
from connectors.kit.testing_destination import DestinationConformance
from connectors.kit.testing_writes import Held
from connectors.shopify import CONNECTOR
from connectors.shopify.config import ShopifyConfig
from connectors.shopify.destination import capabilities
from connectors.shopify.simulator import TOKEN, ShopifySimulator
from connectors.shopify.simulator.state import addresses
from tests.connectors.shopify.store import source_of
from tests.connectors.shopify.test_conformance import THROTTLED
from tests.connectors.shopify.till import destination_of

STRANGER = "shpat_of_a_stranger"


class TestShopifyDestination(DestinationConformance):
    connector = CONNECTOR
    capabilities = capabilities(ShopifyConfig.model_validate({"store": "acme", "token": TOKEN}))
    secrets = (TOKEN, STRANGER)
    consent_paths: ClassVar[Mapping[Channel, tuple[str, ...]]] = {
        "email": ("defaultEmailAddress.marketing",),
        "sms": ("defaultPhoneNumber.marketing",),
    }
    tag_paths = ("tags",)
    change_time = ("updatedAt",)

    def make_simulator(self) -> Simulator:
        simulator = ShopifySimulator(now=self.clock.now)
        for n in range(100):
            simulator.create_customer(email=f"person{n}@example.com", phone=f"+614805550{n:02}", tags=["vip"])
        return simulator

    def make_destination(self, base_url: str) -> Destination:
        return destination_of(base_url, self.clock)

    def make_stranger(self, base_url: str) -> Destination:
        return destination_of(base_url, self.clock, token=STRANGER)

    def make_source(self, base_url: str) -> Source:
        return source_of(base_url, self.clock)

    def permit(self, change: ConsentChange) -> Permitted[ConsentChange]:
        return Permitted(change, "a law")

    def people(self, simulator: Any) -> set[str]:
        return set(simulator.store.collections["customers"].nodes)

    def held(self, simulator: Any, channel: Channel) -> list[Held]:
        customers = simulator.store.collections["customers"].nodes
        return [Held(gid, addresses(node)[channel]) for gid, node in customers.items()]

    def remove(self, simulator: Any, who: Held) -> None:
        simulator.delete("customers", who.record)

    def tags(self, simulator: Any, who: Held) -> set[str]:
        return set(simulator.store.customer(who.record)["tags"])

    def add_foreign_tag(self, simulator: Any, who: Held, tag: str) -> None:
        simulator.upsert("customers", {"id": who.record, "tags": [*self.tags(simulator, who), tag]})

    def throttle(self) -> Fault:
        return Fault(status=200, headers={"Content-Type": "application/json"}, body=json.dumps(THROTTLED).encode())
