"""The laws every destination keeps: inherited by its tests, driven by what its capabilities say, never by the vendor.

    class TestShopDestination(DestinationConformance):
        connector = CONNECTOR
        capabilities = capabilities(config_for("https://shop.example.test"))
        secrets = (TOKEN, "wrong")
        consent_paths = {"email": ("consent.email",)}               # where a fetched record tells a channel's consent
        tag_paths = ("tags",)                                       # ... and its tags
        change_time = ("updated_at",)                               # ... and what any write of ours may move

        def make_simulator(self) -> Simulator:                      # a full batch of people, twenty at least
            ...

        def make_destination(self, base_url: str) -> Destination:   # asks and sleeps by self.clock
            return ShopDestination(config_for(base_url, TOKEN), clock=self.clock)

        def make_stranger(self, base_url: str) -> Destination:      # the same with credentials the vendor refuses
            return ShopDestination(config_for(base_url, "wrong"), clock=self.clock)

        def make_source(self, base_url: str) -> Source:             # where records can be read
            return ShopSource(config_for(base_url, TOKEN), clock=self.clock)

        def permit(self, change: ConsentChange) -> Permitted[ConsentChange]:
            ...                                                     # only the gate makes one, and tests for themselves

        def people(self, simulator: Any) -> set[str]:               # the ids of everybody the vendor holds
            return set(simulator.customers)

        def held(self, simulator: Any, channel: Channel) -> list[Held]:
            ...                                                     # an address of their own each, nobody opted out

        def remove(self, simulator: Any, who: Held) -> None:        # somebody deletes the record at the vendor
            del simulator.customers[who.record]

        def tags(self, simulator: Any, who: Held) -> set[str]:      # where it writes tags
            return set(simulator.customers[who.record]["tags"])

        def add_foreign_tag(self, simulator: Any, who: Held, tag: str) -> None:
            ...                                                     # another tool of the company sets a tag

`Held` and the tools are in testing_writes.py. What a capability leaves out is skipped, with the reason. Every write of
every law is also looked at for whether it made or removed somebody, and for secrets and addresses in what it tells.
"""

# ruff: noqa: S101 - tests, though they stand where connectors outside of this repository find them
from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing, suppress
from typing import Any, get_args

import pytest

from connectors.kit.destination import Channel, Wanted
from connectors.kit.errors import AuthError, ConnectorError
from connectors.kit.simulator import Fault
from connectors.kit.testing import MAINTENANCE, SURVIVED
from connectors.kit.testing_writes import HOUR, OURS, Change, Held, Kind, WriteBench, texts_of

FOREIGN = "somebody_elses"
REFUSALS = (400, 401, 403, 404, 409, 422, 500)
NOTHING_DONE = {
    "dropped connection": Fault(drop=True),
    "503": SURVIVED["503"],
    "web page": Fault(status=200, headers={"Content-Type": "text/html"}, body=MAINTENANCE),
}


class DestinationConformance(WriteBench):
    """The laws of writing; see the module."""

    @classmethod
    def pytest_generate_tests(cls, metafunc: pytest.Metafunc) -> None:
        can = cls.capabilities
        consent = [Kind(channel, wanted) for channel in can.consent for wanted in can.directions]
        tags = [Kind("", "add"), Kind("", "remove")] if can.tags else []
        families = [family for family in (consent, tags) if family]
        offered: dict[str, Sequence[Any]] = {"channel": can.consent, "kind": consent + tags, "family": families}
        for name, values in offered.items():
            if name in metafunc.fixturenames:
                ids = ["tags" if family is tags else "consent" for family in values] if name == "family" else str
                metafunc.parametrize(name, values, ids=ids)

    # What happens.

    def test_a_confirmed_write_stands_and_the_same_again_changes_nothing(self, kind: Kind) -> None:
        changes = self.to_do(kind, self.some(kind, 1))
        assert not self.stands(changes[0]), "the simulator must tell what this write changes"
        assert self.statuses(changes) == ["confirmed"]
        assert self.stands(changes[0])
        assert len(self.effects(changes[0])) == 1
        self.clock.advance(HOUR)
        self.simulator.ledger.clear()
        assert self.statuses(changes) == ["confirmed"]
        assert self.stands(changes[0])
        assert not self.changed()

    def test_a_no_a_yes_and_a_no_again_each_stand(self, channel: Channel) -> None:
        if set(self.capabilities.directions) != {"in", "out"}:
            pytest.skip(f"only {self.capabilities.directions} can be written")
        (who,) = self.some(Kind(channel, "out"), 1)
        for wanted in ("out", "in", "out"):
            self.clock.advance(HOUR)
            change = self.change(Kind(channel, wanted), who)
            assert self.statuses([change]) == ["confirmed"], wanted
            assert self.stands(change), wanted

    @pytest.mark.parametrize("turn", range(3))
    def test_each_change_of_a_mixed_batch_has_its_outcome_in_its_place(self, family: list[Kind], turn: int) -> None:
        """What is new, who is gone and what is so already, of every kind, in three orders."""
        new: list[Change] = []
        already: list[Change] = []
        gone: list[Change] = []
        for number, kind in enumerate(family):
            fresh, so, missing = self.to_do(kind, self.some(kind, 3, 3 * number))
            self.sure([so])
            new, already = [*new, fresh], [*already, so]
            if self.capabilities.stream:
                self.remove(self.simulator, Held(missing.record, missing.address))
                gone.append(missing)
        self.simulator.ledger.clear()
        told = [(change, "confirmed") for change in new + already]
        roles = [told[: len(new)], [(change, "not_held") for change in gone], told[len(new) :]]
        rows = [row for role in roles[turn:] + roles[:turn] for row in role]
        assert self.statuses([change for change, _ in rows]) == [status for _, status in rows]
        assert [change for change in new + already if not self.stands(change)] == []
        assert [len(self.effects(change)) for change in new] == [1] * len(new)
        assert sorted(change.address for change in new if family[0].channel) == sorted(self.changed())

    def test_a_full_batch_passes(self, kind: Kind) -> None:
        changes = self.to_do(kind, self.some(kind, self.batch(kind)))
        assert [outcome.status for outcome in self.send(changes)] == ["confirmed"] * len(changes)
        assert [change for change in changes if not self.stands(change)] == []

    def test_somebody_gone_is_not_held_and_nobody_is_made(self, kind: Kind) -> None:
        if not self.capabilities.stream:
            pytest.skip("consent is keyed by address alone: there is no record to be gone")
        (who,) = self.some(kind, 1)
        changes = self.to_do(kind, [who])
        self.remove(self.simulator, who)
        assert self.statuses(changes) == ["not_held"]
        assert not self.changed()

    def test_nothing_to_write_asks_nothing(self) -> None:
        with closing(self.make_destination(self.base_url)) as destination:
            assert (destination.write_consent([]), destination.write_tags([]), destination.fetch([])) == ([], [], [])
        assert self.simulator.ledger == []

    def test_what_the_capabilities_leave_out_is_told_and_not_sent(self) -> None:
        can = self.capabilities
        kinds = [Kind(channel, wanted) for channel in get_args(Channel) for wanted in get_args(Wanted)]
        left_out = [kind for kind in kinds if kind.channel not in can.consent or kind.wanted not in can.directions]
        if not can.tags:
            left_out += [Kind("", "add"), Kind("", "remove")]
        (who,) = self.some(Kind("", "add"), 1)
        told = {str(kind): self.statuses([self.change(kind, who)])[0] for kind in left_out}
        assert {what: status for what, status in told.items() if status not in ("unsupported", "vendor_locked")} == {}
        assert [entry for entry in self.simulator.ledger if entry.effect is not None] == []

    # What stays.

    def test_a_consent_write_leaves_everything_else_alone(self, channel: Channel) -> None:
        (who,) = self.readable(Kind(channel, "out"))
        if self.capabilities.tags:
            self.add_foreign_tag(self.simulator, who, FOREIGN)
        for wanted in self.capabilities.directions:
            moved = self.moved_by(self.change(Kind(channel, wanted), who), who)
            assert [path for path in moved if path.startswith(self.consent_paths[channel])], "nothing was written"
            allowed = (*self.consent_paths[channel], *self.change_time)
            assert [path for path in moved if not path.startswith(allowed)] == []

    def test_a_tag_write_leaves_consent_and_foreign_tags_alone(self) -> None:
        if not self.capabilities.tags:
            pytest.skip("it writes no tags")
        (who,) = self.readable(Kind("", "add"))
        self.add_foreign_tag(self.simulator, who, FOREIGN)
        before = self.tags(self.simulator, who)
        assert FOREIGN in before
        for wanted, after in (("add", before | {OURS}), ("remove", before)):
            moved = self.moved_by(self.change(Kind("", wanted), who), who)
            assert [path for path in moved if not path.startswith((*self.tag_paths, *self.change_time))] == []
            assert self.tags(self.simulator, who) == after

    # What is read.

    def test_a_fetched_record_is_the_pulled_one_and_nothing_is_written(self) -> None:
        gone, *others = self.readable(Kind("", "add"), 3)
        self.remove(self.simulator, gone)
        self.clock.advance(HOUR)
        with closing(self.make_source(self.base_url)) as source:
            (stream,) = [stream for stream in source.streams if stream.name == self.capabilities.stream]
            pulled = {record.id: record for page in source.pull(stream, None) for record in page.records}
        self.simulator.ledger.clear()
        fetched = self.fetch([gone, *others])
        assert {record.id: record for record in fetched} == {who.record: pulled[who.record] for who in others}
        assert [json.dumps(r.data) for r in fetched] == [json.dumps(pulled[r.id].data) for r in fetched]
        assert [entry for entry in self.simulator.ledger if entry.effect is not None] == []

    def test_a_full_batch_can_be_fetched(self) -> None:
        everybody = self.readable(Kind("", "add"), self.capabilities.fetch_batch)
        assert sorted(record.id for record in self.fetch(everybody)) == sorted(who.record for who in everybody)

    # What goes wrong.

    def test_a_lost_answer_is_never_a_confirmation(self, kind: Kind) -> None:
        """Unless the state was read after it, which is an answer of its own."""
        for _, changes in self.troubled(kind, {"lost": Fault(lose_reply=True)}, writing=True):
            told = dict(zip(changes, self.statuses(changes), strict=True))
            (lost,) = [at for at, entry in enumerate(self.simulator.ledger) if entry.status == 0]
            read = [entry for entry in self.simulator.ledger[lost:] if entry.effect is None and entry.status == 200]
            hit = [change for change in changes if self.effects(change, lost)]
            assert hit, "the simulator must tell the effect of what it did not answer"
            assert {told[change] for change in hit} <= ({"unknown", "confirmed"} if read else {"unknown"})
            assert [change for change in changes if told[change] == "confirmed" and not self.stands(change)] == []
            assert [len(self.effects(change)) for change in hit] == [1] * len(hit), "sent twice"
            self.passes_at_last(changes)

    def test_a_write_that_was_not_done_is_never_a_confirmation(self, kind: Kind) -> None:
        for trouble, changes in self.troubled(kind, NOTHING_DONE, writing=True):
            told = dict(zip(changes, self.statuses(changes), strict=True))
            undone = [change for change in changes if not self.stands(change)]
            assert undone, trouble
            assert {told[change] for change in undone} <= {"unknown", "retry"}, f"{trouble}: {list(told.values())}"
            assert {told[change] for change in changes if change not in undone} <= {"unknown", "confirmed"}, trouble
            self.passes_at_last(changes)

    def test_a_vendor_that_asks_for_patience_gets_it(self, kind: Kind) -> None:
        for trouble, changes in self.troubled(kind, {"429": SURVIVED["429"], "throttle": self.throttle()}):
            before = len(self.clock.slept)
            assert self.statuses(changes) == ["confirmed"] * len(changes), trouble
            assert sum(self.clock.slept[before:]) > 0, trouble
            assert [len(self.effects(change)) for change in changes] == [1] * len(changes), trouble

    def test_passing_trouble_of_a_read_around_the_write_changes_nothing(self, kind: Kind) -> None:
        for trouble, changes in self.troubled(kind, SURVIVED, writing=False):
            assert self.statuses(changes) == ["confirmed"] * len(changes), trouble
            assert [len(self.effects(change)) for change in changes] == [1] * len(changes), trouble

    def test_a_refusal_is_never_a_confirmation_and_its_words_stay_at_the_vendor(self, kind: Kind) -> None:
        for status, changes in self.troubled(kind, self.refusals(), writing=True):
            told: list[str] = ["raised"] * len(changes)
            with suppress(ConnectorError):
                told = [outcome.status for batch in self.batches(changes) for outcome in self.send(batch)]
            undone = [at for at, change in enumerate(changes) if not self.stands(change)]
            assert undone, status
            assert "confirmed" not in [told[at] for at in undone], status

    def refusals(self) -> dict[str, Fault]:
        """By status: answers that refuse in many words, which hold all there is to hide."""
        said = " ".join(self.private())
        words = dict.fromkeys(("detail", "details", "message", "description", "error_description"), said)
        body = json.dumps({**words, "errors": [{"message": said}]}).encode()
        headers = {"Content-Type": "application/json"}
        return {str(status): Fault(status=status, headers=headers, body=body) for status in REFUSALS}

    def test_refused_credentials_are_an_auth_error_and_write_nothing(self, kind: Kind) -> None:
        changes = self.to_do(kind, self.some(kind, 1))
        with pytest.raises(AuthError):
            self.send(changes, self.make_stranger)
        assert [entry for entry in self.simulator.ledger if entry.effect is not None] == []
        assert not self.stands(changes[0])

    def test_refused_credentials_read_nothing(self) -> None:
        someone = self.readable(Kind("", "add"))
        with pytest.raises(AuthError) as caught:
            self.fetch(someone, self.make_stranger)
        self.look_for_private(*texts_of(caught.value))
