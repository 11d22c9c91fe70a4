"""A small estate for the preview of decisions: a shop, a mailer, a texter that knows addresses alone; segments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

from hypothesis import strategies as st
from sqlalchemy import Connection as Database
from sqlalchemy import select

from connectors.kit.base import Record
from connectors.kit.destination import Capabilities
from hub.consent.resolution import State
from hub.decide import CannotDecide, merge, split
from hub.jobs.inline import Runner
from hub.queries.consequences.changes import ConsentChange
from hub.queries.consequences.preview import preview_merge, preview_split
from hub.queries.consequences.told import Consequences
from hub.record import Statement, object_
from hub.segments.compile import compile_segment
from hub.segments.spec import SegmentSpec
from hub.settings.models import PushSettings
from hub.settings.settings import Connection, Narrowing, Settings
from hub.stages.consent import state_of, states
from hub.stages.golden import provenance
from hub.stages.order import derive
from hub.stages.plan import make_plan
from hub.stages.pull import Wish
from hub.stages.reading import members
from hub.stages.segment import segment_members
from hub.store.engine import Store
from tests.hub.stages.consent_world import CUSTOMERS, TRUSTING
from tests.hub.world import EPOCH, MEMORY, MemoryConfig, Silent, always, compiled, page, record_id, settings, stream

PERSON = {**CUSTOMERS, "map": {**CUSTOMERS["map"], "job_title": "job", "tags": "tags"}}
MAP_PERSON = compiled(PERSON)
SEGMENTS = {
    "buyers": {"title": "Buyers", "all": [{"field": "orders", "at_least": 2}]},
    "reachable": {"title": "Reachable", "all": [{"field": "may_send.email", "is": True}]},
    "cooks": {"title": "Cooks", "any": [{"field": "job_title", "is": "Cook"}, {"field": "tags", "contains": "cook"}]},
}
TAGS = {"buyers": "tag:Buyer", "reachable": "tag:Reachable", "cooks": "tag:Cook"}
OLIVE = Statement("Olive Operator", reason="a letter")


@dataclass
class Estate:
    """What the vendors hold. `objecting`: record ids of the shop whose contact objects to everything."""

    shop: list[Record] = field(default_factory=list)
    mailer: list[Record] = field(default_factory=list)
    orders: list[Record] = field(default_factory=list)

    def customer(self, external_id: str, **said: Any) -> None:
        self.shop.append(_person(external_id, said))

    def reader(self, external_id: str, **said: Any) -> None:
        self.mailer.append(_person(external_id, said))

    def order(self, external_id: str, customer: str) -> None:
        data = {"id": external_id, "number": external_id, "customer": customer, "total": "10.00", "currency": "AUD"}
        self.orders.append(Record(external_id, data, EPOCH))

    @property
    def settings(self) -> Settings:
        push = PushSettings.model_validate({"mode": "auto", "consent": ["email"], "segments": TAGS})
        both = Capabilities(
            stream="customers",
            consent=("email",),
            tags=True,
            resubscribe="plain",
            yes_methods={"": "form"},
            change_time_covers_consent=True,
        )
        shop = _connection("shop", [("customers", MAP_PERSON, self.shop), ("orders", None, self.orders)], both, push)
        listed = replace(both, scope="letter", tags=False)
        mailer = _connection("mailer", [("customers", MAP_PERSON, self.mailer)], listed, push)
        texter = _connection("texter", [], Capabilities(consent=("email",), directions=("out",)), push)
        compiled_ = {name: compile_segment(name, SegmentSpec.model_validate(spec)) for name, spec in SEGMENTS.items()}
        policy = replace(TRUSTING, grant_sources={"email": frozenset({("shop", ""), ("mailer", "")})})
        return replace(settings(shop, mailer, texter), consent=policy, segments=compiled_)

    def hear(self, store: Store) -> Settings:
        """Pull everything and derive it."""
        found = self.settings
        ends = Runner(store, found, Silent()).run_all(list(found.connections.values()), Wish())
        assert {end.status for end in ends} == {"ok"}, ends
        derive(store, found)
        return found


def _person(external_id: str, said: dict[str, Any]) -> Record:
    said = {"said_at": EPOCH.isoformat(), **said}
    return Record(external_id, {"id": external_id, **said}, EPOCH)


def _connection(name: str, streams: Sequence[Any], can: Capabilities, push: PushSettings) -> Connection:
    kept = {one: records for one, _, records in streams}
    config = MemoryConfig(pull=lambda asked, cursor: always(page(kept[asked.name]))(asked, cursor))
    made = tuple(stream(one, mapper) for one, mapper, _ in streams)
    narrowed = Narrowing(resubscribe="plain", push_grants=True)
    return Connection(name, "memory", MEMORY, config, made, push, capabilities=can, narrowed=narrowed)


NAMES = ["Alice Adams", "Alice Adams", "Bob Brown", "Charlie Chan"]
EMAILS = ["alice@example.com", "adams@example.com", "bob@example.com", "info@example.com"]


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    """Few values, so that they meet."""
    estate = Estate()
    for ids, add in (("abcd", estate.customer), ("mno", estate.reader)):
        for external_id in ids[: draw(st.integers(1, len(ids)))]:
            add(
                external_id,
                name=draw(st.sampled_from(NAMES)),
                email=draw(st.sampled_from(EMAILS)),
                said=draw(st.sampled_from(["yes", "yes", "no", "never", "spam"])),
                said_at=(EPOCH + timedelta(days=draw(st.integers(0, 3)))).isoformat(),
                other=draw(st.sampled_from(["", "", *EMAILS])),
                other_said=draw(st.sampled_from(["yes", "never", "spam"])),
                job=draw(st.sampled_from(["", "Cook", "Teacher"])),
                tags=draw(st.sampled_from([[], ["cook"], ["Buyer"]])),
            )
    for at in range(draw(st.integers(0, 4))):
        estate.order(f"order-{at}", draw(st.sampled_from("abcd")))
    return estate


@dataclass(frozen=True)
class Decision:
    """A merge of two contacts or a split of some records; the numbers choose among what is there at that moment."""

    kind: str
    first: int
    second: int

    def on(self, store: Store) -> tuple[Any, ...]:
        """The contact ids of a merge, or the record ids of a split."""
        with store.read() as db:
            home = {row.record_id: row.contact_id for row in db.execute(select(members))}
        known = sorted(set(home.values()))
        if self.kind == "merge":
            left = self.first % len(known)
            return known[left], known[(left + 1 + self.second % max(1, len(known) - 1)) % len(known)]
        largest = sorted(known, key=lambda one: (-list(home.values()).count(one), one))
        mates = sorted(one for one in home if home[one] == largest[self.first % 2 % len(known)])
        return (tuple(one for at, one in enumerate(mates) if (self.second + 1) >> at & 1) or tuple(mates[:1]),)

    def preview(self, db: Database, found: Settings, named: tuple[Any, ...]) -> Consequences:
        return preview_merge(db, found, *named) if self.kind == "merge" else preview_split(db, found, *named)

    def make(self, store: Store, named: tuple[Any, ...]) -> int:
        if self.kind == "merge":
            left, right = named
            return store.write(lambda db: merge(db, left, right, "Olive", ""))
        (record_ids,) = named
        return store.write(lambda db: split(db, record_ids, "Olive", ""))


decisions = st.builds(Decision, st.sampled_from(["merge", "merge", "split"]), st.integers(0, 9), st.integers(0, 9))


def decide(store: Store, found: Settings, one: Decision) -> None:
    """Make a decision and derive what follows; nothing where it makes no sense."""
    try:
        one.make(store, one.on(store))
    except CannotDecide:
        return
    derive(store, found)


def objects(store: Store, found: Settings, external_id: str) -> None:
    """The person objects to being contacted at all."""
    with store.read() as db:
        home = db.execute(select(members.c.contact_id).where(members.c.record_id == record_id(store, external_id)))
        contact_id = home.scalar_one()
    store.write(lambda db: object_(db, contact_id, OLIVE))
    derive(store, found)


@dataclass
class Snapshot:
    """Everything that a decision may change, as the store has it."""

    homes: dict[int, str]
    golden: dict[tuple[str, str, int], tuple[Any, ...]]
    states: dict[tuple[str, str, str, str], State]
    inside: set[tuple[str, str]]
    operations: dict[tuple[Any, ...], Any]
    withheld: set[tuple[Any, ...]]


def snapshot(store: Store, found: Settings) -> Snapshot:
    with store.read() as db:
        plan = make_plan(db, found)
        return Snapshot(
            {row.record_id: row.contact_id for row in db.execute(select(members))},
            {
                (row.contact_id, row.field, row.position): (row.value, row.record_id, row.rule, row.others)
                for row in db.execute(select(provenance))
            },
            {
                (row["channel"], row["address"], row["purpose"], row["brand"]): state_of(row)
                for row in db.execute(select(states)).mappings()
            },
            {(row.segment, row.contact_id) for row in db.execute(select(segment_members)) if row.inside},
            {one.identity: one for one in plan.operations},
            {(one.operation.identity, one.reason) for one in plan.withheld},
        )


def states_told(consents: Iterable[ConsentChange], side: Literal["before", "after"]) -> dict[Any, State]:
    """The states of one side, as the store keeps them."""
    found = {(*one.line, one.purpose, one.brand): getattr(one, side) for one in consents}
    return {key: replace(state, decided_by=tuple(sorted(state.decided_by))) for key, state in found.items()}


def foretold(before: Snapshot, told: Consequences) -> Snapshot:
    """What the store must be like afterwards, if the preview is right and nothing else changes."""
    touched = {*told.contacts[0], *told.contacts[1]}
    golden = {key: kept for key, kept in before.golden.items() if key[0] not in touched}
    for one in told.fields:
        for at, kept in enumerate(one.after):
            others = [{"value": lost.value, "record_id": lost.record_id} for lost in kept.others]
            golden[one.contact_id, one.field, at] = (kept.value, kept.record_id, kept.rule, others)
    left = {(one.segment, one.contact_id) for one in told.segments if not one.after}
    entered = {(one.segment, one.contact_id) for one in told.segments if one.after}
    withheld = {(one.operation.identity, one.reason) for one in told.withheld}
    no_longer = {one.identity for one in told.no_longer}
    operations = {key: one for key, one in before.operations.items() if key not in no_longer}
    return Snapshot(
        before.homes | {one.record_id: one.after for one in told.moves},
        golden,
        before.states | states_told(told.consents, "after"),
        (before.inside - left) | entered,
        operations | {one.identity: one for one in told.operations},
        before.withheld | withheld,
    )
