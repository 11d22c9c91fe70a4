"""The laws every source keeps, kept by Twilio's."""

from __future__ import annotations

from typing import Any

from connectors.kit.base import Source, Stream
from connectors.kit.simulator import Simulator
from connectors.kit.testing import SourceConformance
from connectors.twilio.simulator import API_SECRET, AUTH_TOKEN, TwilioSimulator
from connectors.twilio.source import NUMBERS, TwilioSource
from tests.connectors.twilio.estate import chatter, config_for


class TestTwilioSource(SourceConformance):
    source_class = TwilioSource
    secrets = (AUTH_TOKEN, API_SECRET, "wrongwrongwrongwrongwrongwrongwr")
    faulty = "/Messages.json"

    def make_simulator(self) -> Simulator:
        simulator = TwilioSimulator(now=self.clock.now)
        simulator.load(chatter(14))
        return simulator

    def make_source(self, base_url: str) -> Source:
        return TwilioSource(config_for(base_url), clock=self.clock, page_size=4)

    def make_stranger(self, base_url: str) -> Source:
        config = config_for(base_url, auth_token="wrongwrongwrongwrongwrongwrongwr")
        return TwilioSource(config, clock=self.clock, page_size=4)

    def held(self, simulator: Any, stream: Stream) -> set[str]:
        return {message["from" if stream.name == NUMBERS.name else "sid"] for message in simulator.log}

    def edit_one(self, simulator: Any, stream: Stream) -> str:
        last = list(simulator.log)[-1]
        if stream.name == NUMBERS.name:
            simulator.text(last["from"], "hello again")
            return str(last["from"])
        simulator.log.change(last["sid"], status="read")
        return str(last["sid"])
