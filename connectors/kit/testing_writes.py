"""What the laws of writing are made of: a vendor with people, changes to be made, and what became of them there."""

# ruff: noqa: S101 - tests, though they stand where connectors outside of this repository find them
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count, product
from typing import Any, ClassVar, Literal, cast
from urllib.parse import quote

import pytest

from connectors.kit.base import Record, Source
from connectors.kit.connector import Connector
from connectors.kit.destination import (
    Capabilities,
    Channel,
    ConsentChange,
    Destination,
    Outcome,
    Permitted,
    SegmentChange,
    Wanted,
)
from connectors.kit.errors import ConnectorError, VendorDown
from connectors.kit.simulator import Fault, Simulator, serve
from connectors.kit.testing import SURVIVED, FakeClock

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
POLLS = 20
OURS = "hub_law"
OPPOSITE = {"in": "out", "out": "in", "remove": "add"}

Change = ConsentChange | SegmentChange


@dataclass(frozen=True, slots=True)
class Held:
    """A person at the vendor: the record's id ("" where consent is keyed by address) and the normalised address."""

    record: str
    address: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of write: consent on a channel, in or out; or a tag (`channel` is ""), add or remove."""

    channel: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.channel or 'tag'} {self.wanted}"


class WriteBench:
    """A vendor of each test's own, and what its subclass tells of it. Time is `self.clock`."""

    connector: ClassVar[Connector]
    capabilities: ClassVar[Capabilities]
    secrets: ClassVar[tuple[str, ...]]
    consent_paths: ClassVar[Mapping[Channel, tuple[str, ...]]] = {}
    tag_paths: ClassVar[tuple[str, ...]] = ()
    change_time: ClassVar[tuple[str, ...]] = ()
    clock: FakeClock
    simulator: Any
    base_url: str

    def make_simulator(self) -> Simulator:
        raise NotImplementedError

    def make_destination(self, base_url: str) -> Destination:
        raise NotImplementedError

    def make_stranger(self, base_url: str) -> Destination:
        raise NotImplementedError

    def make_source(self, base_url: str) -> Source:
        raise NotImplementedError

    def permit(self, change: ConsentChange) -> Permitted[ConsentChange]:
        raise NotImplementedError

    def people(self, simulator: Any) -> set[str]:
        raise NotImplementedError

    def held(self, simulator: Any, channel: Channel) -> list[Held]:
        raise NotImplementedError

    def remove(self, simulator: Any, who: Held) -> None:
        raise NotImplementedError

    def tags(self, simulator: Any, who: Held) -> set[str]:
        raise NotImplementedError

    def add_foreign_tag(self, simulator: Any, who: Held, tag: str) -> None:
        raise NotImplementedError

    def throttle(self) -> Fault:
        """How this vendor says "too fast", where it is not by a 429."""
        return SURVIVED["429"]

    @contextmanager
    def vendor(self) -> Iterator[None]:
        """A simulator with its people, on a socket."""
        self.clock, self._numbers = FakeClock(), count(1)
        with serve(self.make_simulator()) as server:
            self.simulator, self.base_url = server.simulator, server.base_url
            yield

    @pytest.fixture(autouse=True)
    def _vendor(self) -> Iterator[None]:
        with self.vendor():
            yield

    def some(self, kind: Kind, many: int, start: int = 0) -> list[Held]:
        """So many people with an address for this kind of write; all of them for 0."""
        channel = kind.channel or (*self.capabilities.consent, "email")[0]
        people = self.held(self.simulator, cast(Channel, channel))[start : start + many if many else None]
        assert len(people) >= many, f"the test needs {many} people more after the first {start} on {channel}"
        return people

    def readable(self, kind: Kind, many: int = 1) -> list[Held]:
        if not self.capabilities.readable or not self.capabilities.stream:
            pytest.skip("nothing can be read back")
        return self.some(kind, many)

    def change(self, kind: Kind, who: Held) -> Change:
        correlation = f"{next(self._numbers):032x}"
        if kind.channel:
            channel, wanted = cast(Channel, kind.channel), cast(Wanted, kind.wanted)
            return ConsentChange(who.record, channel, who.address, wanted, self.clock.now(), correlation)
        return SegmentChange(who.record, who.address, OURS, cast(Literal["add", "remove"], kind.wanted), correlation)

    def to_do(self, kind: Kind, people: list[Held]) -> list[Change]:
        """A change of this kind for each, which is not so yet; the ledger begins anew."""
        before = OPPOSITE.get(kind.wanted)
        if before == "add" or before in self.capabilities.directions:
            self.sure([self.change(replace(kind, wanted=str(before)), who) for who in people])
        self.clock.advance(HOUR)
        self.simulator.ledger.clear()
        return [self.change(kind, who) for who in people]

    def sure(self, changes: Sequence[Change]) -> None:
        assert self.statuses(changes) == ["confirmed"] * len(changes), "the simulator's people must be free to change"

    def troubled(
        self, kind: Kind, faults: Mapping[str, Fault], *, writing: bool | None = None
    ) -> Iterator[tuple[str, list[Change]]]:
        """Two changes to be made, while the fault of this name lies in wait for one of the requests that they take.

        That is done with every fault and every request that writes, or that does not, or with all of them.
        """
        self.sure(self.to_do(kind, self.some(kind, 2)))
        steps = [entry.effect is not None for entry in self.simulator.ledger]
        assert any(steps), "the simulator must tell its ledger what a write did"
        places = [at for at, writes in enumerate(steps) if writing in (None, writes)]
        if not places:
            pytest.skip("this write reads nothing")
        pairs = len(self.some(kind, 0)) // 2
        for turn, (name, place) in enumerate(product(faults, places), 1):
            self.simulator.clear_faults()
            changes = self.to_do(kind, self.some(kind, 2, 2 * (turn % pairs)))
            self.simulator.script(replace(faults[name], after=place))
            yield name, changes

    def passes_at_last(self, changes: Sequence[Change]) -> None:
        """When the trouble is over the same attempt succeeds, and each state has changed once in all."""
        self.simulator.clear_faults()
        self.clock.advance(HOUR)
        self.sure(changes)
        assert [change for change in changes if not self.stands(change)] == []
        consents = [change for change in changes if isinstance(change, ConsentChange)]
        assert [len(self.effects(change)) for change in consents] == [1] * len(consents)

    def batch(self, kind: Kind) -> int:
        return self.capabilities.consent_batch if kind.channel else self.capabilities.tag_batch

    def batches(self, changes: Sequence[Change]) -> list[Sequence[Change]]:
        kind = Kind("email" if isinstance(changes[0], ConsentChange) else "", "")
        return [changes[at : at + self.batch(kind)] for at in range(0, len(changes), self.batch(kind))]

    def statuses(self, changes: Sequence[Change]) -> list[str]:
        """What became of each change. A vendor that is down leaves the whole batch unknown."""
        told: list[str] = []
        for batch in self.batches(changes):
            try:
                told += [outcome.status for outcome in self.send(batch)]
            except VendorDown:
                told += ["unknown"] * len(batch)
        return told

    def send(self, changes: Sequence[Change], make: Callable[[str], Destination] | None = None) -> list[Outcome]:
        """One call of the destination, by a destination of its own."""
        there = self.people(self.simulator)
        with closing((make or self.make_destination)(self.base_url)) as destination:
            try:
                outcomes = self.settled(destination, self.write(destination, changes))
            except ConnectorError as error:
                self.look_for_private(*texts_of(error))
                raise
            finally:
                assert self.people(self.simulator) == there, "a write made or removed somebody"
        assert len(outcomes) == len(changes)
        self.look_for_private(*(outcome.message for outcome in outcomes))
        return outcomes

    def write(self, destination: Destination, changes: Sequence[Change]) -> list[Outcome]:
        consents = [self.permit(change) for change in changes if isinstance(change, ConsentChange)]
        if consents:
            return destination.write_consent(consents)
        return destination.write_tags([change for change in changes if isinstance(change, SegmentChange)])

    def settled(self, destination: Destination, outcomes: list[Outcome]) -> list[Outcome]:
        """With what became of the accepted ones within some minutes."""
        ends: dict[str, list[Outcome] | None] = {}
        for job in dict.fromkeys(outcome.job for outcome in outcomes if outcome.status == "accepted"):
            for _ in range(POLLS):
                self.clock.advance(MINUTE)
                ends[job] = destination.settle(job)
                if ends[job] is not None:
                    break
        return [end[outcome.row] if (end := ends.get(outcome.job)) else outcome for outcome in outcomes]

    def fetch(self, people: Sequence[Held], make: Callable[[str], Destination] | None = None) -> list[Record]:
        with closing((make or self.make_destination)(self.base_url)) as destination:
            return destination.fetch([who.record for who in people])

    def moved_by(self, change: Change, who: Held) -> list[str]:
        """The paths of the record that differ after the change."""
        self.clock.advance(HOUR)
        change = replace(change, at=self.clock.now()) if isinstance(change, ConsentChange) else change
        (before,) = self.fetch([who])
        self.sure([change])
        (after,) = self.fetch([who])
        old, new = _leaves(before.data), _leaves(after.data)
        return sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))

    def stands(self, change: Change) -> bool:
        """Whether it is so at the vendor now."""
        if isinstance(change, ConsentChange):
            return bool(self.simulator.sendable(change.address, change.channel) is (change.wanted == "in"))
        there = change.tag in self.tags(self.simulator, Held(change.record, change.address))
        return there is (change.wanted == "add")

    def effects(self, change: Change, at: int | None = None) -> list[Mapping[str, Any]]:
        """What the ledger, or its one entry, tells of the change: consent that became another, or a tag's write."""
        entries = self.simulator.ledger if at is None else self.simulator.ledger[at : at + 1]
        consent = isinstance(change, ConsentChange)
        told = [e for entry in entries for e in (entry.effect or {}).get("consents" if consent else "tags", ())]
        mine = [e for e in told if (e["record"], e["wanted"]) == (change.record, change.wanted)]
        if isinstance(change, SegmentChange):
            return [e for e in mine if e["tag"] == change.tag and e["applied"]]
        here = [e for e in mine if (e["channel"], e["address"]) == (change.channel, change.address)]
        return [e for e in here if e["before"] != e["after"]]

    def changed(self) -> list[str]:
        """The address of each consent that the ledger says became another one."""
        told = [e for entry in self.simulator.ledger for e in (entry.effect or {}).get("consents", ())]
        return [str(e["address"]) for e in told if e["before"] != e["after"]]

    def private(self) -> set[str]:
        """What no text may tell."""
        channels = self.capabilities.consent or ("email",)
        addresses = {who.address.lstrip("+") for channel in channels for who in self.held(self.simulator, channel)}
        return {*self.secrets, *addresses, *map(quote, addresses)}

    def look_for_private(self, *texts: str) -> None:
        assert not [word for word in self.private() for text in texts if word in text], "a secret or an address is told"


def texts_of(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{error} {error!r}"
        error = error.__cause__ or error.__context__


def _leaves(data: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """The values of a record by their dotted path; a list is one value."""
    leaves: dict[str, Any] = {}
    for name, value in data.items():
        leaves.update(_leaves(value, f"{above}{name}.") if isinstance(value, dict) else {f"{above}{name}": value})
    return leaves
