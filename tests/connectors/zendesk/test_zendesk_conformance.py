"""The laws every source keeps, kept by Zendesk's."""

from __future__ import annotations

from typing import Any

from connectors.kit.base import Source, Stream
from connectors.kit.simulator import Simulator
from connectors.kit.testing import SourceConformance
from connectors.zendesk.simulator import TOKEN, ZendeskSimulator
from connectors.zendesk.source import USERS, ZendeskSource
from tests.connectors.zendesk.estate import crowd, source_at


class TestZendeskSource(SourceConformance):
    source_class = ZendeskSource
    secrets = (TOKEN,)
    faulty = "/incremental/"

    def make_simulator(self) -> Simulator:
        simulator = ZendeskSimulator(now=self.clock.now)
        simulator.repeats = 0  # a law counts each record once
        users = crowd(14)
        tickets = [
            {"id": 100 + i, "requester_id": user["id"], "updated_at": user["updated_at"]}
            for i, user in enumerate(users)
        ]
        simulator.load(users, tickets)
        return simulator

    def make_source(self, base_url: str) -> Source:
        return source_at(base_url, self.clock)

    def make_stranger(self, base_url: str) -> Source:
        return source_at(base_url, self.clock, token="nobody's")

    def held(self, simulator: Any, stream: Stream) -> set[str]:
        account = simulator.account
        return {str(one) for one in (account.users if stream.name == USERS.name else account.tickets)}

    def edit_one(self, simulator: Any, stream: Stream) -> str:
        if stream.name == USERS.name:
            simulator.edit(1003, notes="called twice")
            return "1003"
        simulator.rate(103, "good", "thank you")
        return "103"
