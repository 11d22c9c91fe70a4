"""Twilio keeps the laws of every destination, at a messaging service and at a toll-free number."""

from __future__ import annotations

from typing import Any

from connectors.kit.destination import Channel, ConsentChange, Destination, Permitted
from connectors.kit.simulator import Simulator
from connectors.kit.testing_destination import DestinationConformance
from connectors.kit.testing_writes import Held
from connectors.twilio import CONNECTOR
from connectors.twilio.destination import TwilioDestination, capabilities
from connectors.twilio.simulator import API_SECRET, AUTH_TOKEN, SENDER, TOLL_FREE, TwilioSimulator
from tests.connectors.twilio.estate import chatter, config_for

STRANGER = "wrongwrongwrongwrongwrongwrongwr"


class TestTwilioDestination(DestinationConformance):
    connector = CONNECTOR
    sender = SENDER
    capabilities = capabilities(config_for())
    secrets = (AUTH_TOKEN, API_SECRET, STRANGER)

    def make_simulator(self) -> Simulator:
        simulator = TwilioSimulator(now=self.clock.now)
        simulator.sender = self.sender
        simulator.load(chatter(25))
        return simulator

    def make_destination(self, base_url: str) -> Destination:
        return TwilioDestination(config_for(base_url, sender=self.sender), clock=self.clock)

    def make_stranger(self, base_url: str) -> Destination:
        return TwilioDestination(config_for(base_url, sender=self.sender, auth_token=STRANGER), clock=self.clock)

    def permit(self, change: ConsentChange) -> Permitted[ConsentChange]:
        return Permitted(change, "a law")

    def people(self, simulator: Any) -> set[str]:
        """Twilio keeps no people: what it holds of them is the log of texts."""
        return {message["sid"] for message in simulator.log}

    def held(self, simulator: Any, channel: Channel) -> list[Held]:
        return [Held("", message["from"]) for message in simulator.log]


class TestTwilioTollFree(TestTwilioDestination):
    sender = TOLL_FREE
    capabilities = capabilities(config_for(sender=TOLL_FREE))
