"""Zendesk keeps the laws of every destination, also where its jobs take their time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from connectors.kit.base import Source
from connectors.kit.destination import Channel, ConsentChange, Destination, Permitted
from connectors.kit.simulator import Simulator
from connectors.kit.testing_destination import DestinationConformance
from connectors.kit.testing_writes import Held
from connectors.zendesk import CONNECTOR
from connectors.zendesk.destination import capabilities
from connectors.zendesk.simulator import TOKEN, ZendeskSimulator
from connectors.zendesk.simulator.account import address_of
from tests.connectors.zendesk.estate import config_for, crowd, destination_at, source_at

STRANGER = "a-token-of-nobody"


class TestZendeskDestination(DestinationConformance):
    connector = CONNECTOR
    capabilities = capabilities(config_for("https://acme.example.test"))
    secrets = (TOKEN, STRANGER)
    consent_paths: ClassVar[Mapping[Channel, tuple[str, ...]]] = {
        "email": ("user_fields.consent_email",),
        "sms": ("user_fields.consent_sms",),
    }
    tag_paths = ("tags",)
    change_time = ("updated_at",)

    def make_simulator(self) -> Simulator:
        simulator = ZendeskSimulator(now=self.clock.now)
        simulator.load([{**user, "phone": f"+614805550{n:02}", "tags": ["vip"]} for n, user in enumerate(crowd(100))])
        return simulator

    def make_destination(self, base_url: str) -> Destination:
        return destination_at(base_url, self.clock)

    def make_stranger(self, base_url: str) -> Destination:
        return destination_at(base_url, self.clock, token=STRANGER)

    def make_source(self, base_url: str) -> Source:
        return source_at(base_url, self.clock, page_size=100)

    def permit(self, change: ConsentChange) -> Permitted[ConsentChange]:
        return Permitted(change, "a law")

    def people(self, simulator: Any) -> set[str]:
        return {str(one) for one, user in simulator.account.users.items() if user["active"]}

    def held(self, simulator: Any, channel: Channel) -> list[Held]:
        return [Held(str(one), address_of(user, channel)) for one, user in simulator.account.users.items()]

    def remove(self, simulator: Any, who: Held) -> None:
        simulator.deactivate(int(who.record))

    def tags(self, simulator: Any, who: Held) -> set[str]:
        return set(simulator.account.users[int(who.record)]["tags"])

    def add_foreign_tag(self, simulator: Any, who: Held, tag: str) -> None:
        simulator.edit(int(who.record), tags=[*self.tags(simulator, who), tag])


class TestZendeskWithSlowJobs(TestZendeskDestination):
    """What a job does is told by `settle` alone."""

    def make_simulator(self) -> Simulator:
        simulator = super().make_simulator()
        assert isinstance(simulator, ZendeskSimulator)
        simulator.set_jobs(polls=99)
        return simulator
