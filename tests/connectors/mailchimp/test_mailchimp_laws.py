"""Mailchimp keeps the laws of every destination."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from connectors.kit.base import Source
from connectors.kit.destination import Channel, ConsentChange, Destination, Permitted
from connectors.kit.simulator import Simulator
from connectors.kit.testing_destination import DestinationConformance
from connectors.kit.testing_writes import Held
from connectors.mailchimp import CONNECTOR
from connectors.mailchimp.destination import capabilities
from connectors.mailchimp.simulator import API_KEY, MailchimpSimulator
from tests.connectors.mailchimp.estate import AUDIENCE, config_at, crowd, destination_at, source_at

STRANGER = "ffffffffffffffffffffffffffffffff-us19"


class TestMailchimpDestination(DestinationConformance):
    connector = CONNECTOR
    capabilities = capabilities(config_at("https://us19.example.test"))
    secrets = (API_KEY, STRANGER)
    consent_paths: ClassVar[Mapping[Channel, tuple[str, ...]]] = {
        "email": ("status", "timestamp_opt", "unsubscribe_reason")
    }
    tag_paths = ("tags", "tags_count")
    change_time = ("last_changed",)

    def make_simulator(self) -> Simulator:
        simulator = MailchimpSimulator(now=self.clock.now)
        simulator.load(AUDIENCE, [{**member, "tags": ["vip"]} for member in crowd(50)])
        return simulator

    def make_destination(self, base_url: str) -> Destination:
        return destination_at(base_url, self.clock)

    def make_stranger(self, base_url: str) -> Destination:
        return destination_at(base_url, self.clock, api_key=STRANGER)

    def make_source(self, base_url: str) -> Source:
        return source_at(base_url, self.clock)

    def permit(self, change: ConsentChange) -> Permitted[ConsentChange]:
        return Permitted(change, "a law")

    def people(self, simulator: Any) -> set[str]:
        return set(simulator.audiences[AUDIENCE].members)

    def held(self, simulator: Any, channel: Channel) -> list[Held]:
        return [Held(one, member["email_address"]) for one, member in simulator.audiences[AUDIENCE].members.items()]

    def remove(self, simulator: Any, who: Held) -> None:
        simulator.delete(AUDIENCE, who.record)

    def tags(self, simulator: Any, who: Held) -> set[str]:
        return {tag["name"] for tag in simulator.audiences[AUDIENCE].tags_of(who.record)}

    def add_foreign_tag(self, simulator: Any, who: Held, tag: str) -> None:
        simulator.tag(AUDIENCE, who.record, tag)
