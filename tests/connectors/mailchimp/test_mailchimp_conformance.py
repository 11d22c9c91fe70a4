"""The laws every source keeps, kept by Mailchimp's."""

from __future__ import annotations

from typing import Any

from connectors.kit.base import Source, Stream
from connectors.kit.simulator import Simulator
from connectors.kit.testing import SourceConformance
from connectors.mailchimp.simulator import API_KEY
from connectors.mailchimp.source import MEMBERS, MailchimpSource
from tests.connectors.mailchimp.estate import AUDIENCE, RestlessSimulator, crowd, source_at


class TestMailchimpSource(SourceConformance):
    source_class = MailchimpSource
    secrets = (API_KEY,)
    faulty = "/members"

    def make_simulator(self) -> Simulator:
        simulator = RestlessSimulator(now=self.clock.now)
        members = [{**member, "archived": i % 4 == 0} for i, member in enumerate(crowd(24))]
        audience = simulator.load(AUDIENCE, members)
        listed = [member["id"] for member in audience.listing()]
        for segment_id, name in ((31001, "vip"), (31002, "wine")):
            audience.add_segment(name, listed[:11], segment_id)
        return simulator

    def make_source(self, base_url: str) -> Source:
        return source_at(base_url, self.clock)

    def make_stranger(self, base_url: str) -> Source:
        return source_at(base_url, self.clock, api_key="ffffffffffffffffffffffffffffffff-us19")

    def held(self, simulator: Any, stream: Stream) -> set[str]:
        audience = simulator.audiences[AUDIENCE]
        if stream.name == MEMBERS.name:
            return set(audience.members)
        return {f"{sid}:{member}" for sid, segment in audience.segments.items() for member in segment["members"]}

    def edit_one(self, simulator: Any, stream: Stream) -> str:
        member = simulator.audiences[AUDIENCE].listing()[-1]["id"]
        if stream.name == MEMBERS.name:
            return str(simulator.edit(AUDIENCE, member, vip=True))
        simulator.tag(AUDIENCE, member, "wine")
        return f"31002:{member}"

    def test_what_was_fetched_is_what_the_vendor_sent(self, stream: Stream) -> None:
        """But for the one record that each page repeats from the page before it in the same listing."""
        fetched = sum(page.fetched for page in self.pull(stream))
        carried = [n for n in (entry.records.get(stream.name, 0) for entry in self.simulator.ledger) if n]
        listings = 2  # plain and archived members; two tags
        assert fetched == sum(carried) - (len(carried) - listings)
