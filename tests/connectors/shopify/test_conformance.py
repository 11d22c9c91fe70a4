"""Shopify keeps the laws of every source."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from connectors.kit.base import Source, Stream
from connectors.kit.simulator import Fault, Simulator
from connectors.kit.testing import SourceConformance
from connectors.shopify.simulator import TOKEN
from connectors.shopify.source import ShopifySource
from tests.connectors.shopify.store import busy_store, held, source_of

STATUS = {"maximumAvailable": 2000.0, "currentlyAvailable": 8, "restoreRate": 100.0}
THROTTLED = {
    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
    "extensions": {"cost": {"requestedQueryCost": 58, "actualQueryCost": None, "throttleStatus": STATUS}},
}


class TestShopify(SourceConformance):
    source_class: ClassVar[type[Source]] = ShopifySource
    secrets = (TOKEN, "shpat_of_a_stranger")

    def make_simulator(self) -> Simulator:
        return busy_store(self.clock)

    def make_source(self, base_url: str) -> Source:
        return source_of(base_url, self.clock)

    def make_stranger(self, base_url: str) -> Source:
        return source_of(base_url, self.clock, token="shpat_of_a_stranger")

    def held(self, simulator: Any, stream: Stream) -> set[str]:
        return held(simulator, stream)

    def edit_one(self, simulator: Any, stream: Stream) -> str:
        edited = sorted(held(simulator, stream))[7]
        simulator.upsert(stream.name, {"id": edited, "note": "rang on Monday"})
        return edited

    def throttle(self) -> Fault:
        return Fault(status=200, headers={"Content-Type": "application/json"}, body=json.dumps(THROTTLED).encode())
