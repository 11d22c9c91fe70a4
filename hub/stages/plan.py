"""The plan: everything that differs, in the order in which it would leave, and what is held back and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping, select, update

from hub.settings.settings import Settings
from hub.stages.gaps import gaps
from hub.stages.holdings import holdings
from hub.stages.homes import STORED, Homes
from hub.stages.land import landed
from hub.stages.ledger import Line
from hub.stages.tags import TARGET, tag_gaps
from hub.store.operating.plans import PushPlan
from hub.store.sql import any_of, chunks, table, upsert

plans = table(PushPlan)

WITHDRAW, UNTAG, TAG, GRANT = range(4)
"""The lanes, in the order in which they leave."""

NOT_SHOWN = frozenset({"under_way"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One change that would be sent. `field` is the channel, or "tag:NAME"; `old` is what the destination shows."""

    lane: int
    destination: str
    kind: str
    stream: str
    record: str
    channel: str
    address: str
    field: str
    wanted: str
    old: str
    reason: str
    scope: str = ""
    decided_by: str = ""
    by_confirmation: bool = False
    consent_at: datetime | None = None
    contact_id: str = ""

    @property
    def identity(self) -> tuple[Any, ...]:
        """What an approval is about: who is changed where, from what to what, and on which evidence."""
        who = (self.destination, self.record, self.address)
        return (self.lane, *who, self.field, self.wanted, self.old, self.decided_by)

    def as_json(self) -> dict[str, Any]:
        """The contract's document of an operation."""
        return {
            "destination": self.destination,
            "contact_id": self.contact_id,
            "external_id": self.record,
            "address": self.address,
            "change": self.kind,
            "field": self.field,
            "old": self.old,
            "new": self.wanted,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Withheld:
    """A difference that is not sent, with the code of the reason."""

    operation: Operation
    reason: str

    def as_json(self) -> dict[str, Any]:
        return {**self.operation.as_json(), "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Plan:
    """Operations in the order of leaving. The same differences always have the same id."""

    operations: tuple[Operation, ...]
    withheld: tuple[Withheld, ...]

    @property
    def id(self) -> str:
        told = orjson.dumps([operation.identity for operation in self.operations])
        return sha256(told).hexdigest()[:12]


def make_plan(db: Connection, settings: Settings) -> Plan:
    """What would be sent now; read from the stored differences, so that it costs what differs and no more."""
    return plan_of(db, settings, db.execute(select(gaps)), db.execute(select(tag_gaps)))


def plan_of(
    db: Connection, settings: Settings, consent: Iterable[Any], tags: Iterable[Any], homes: Homes = STORED
) -> Plan:
    """What would be sent if these were the differences: rows of `consent_gap` and of `tag_gap`."""
    return _planned(db, settings, [*_consent(consent), *_segments(tags)], homes)


def plan_to_send(db: Connection, settings: Settings, destination: str | None = None) -> Plan:
    """As `make_plan`, without what is withheld or queued: it costs what is new. `destination`: for this one alone."""
    consent = select(gaps).where(gaps.c.wanted.in_(("out", "in")))
    tags = select(tag_gaps).where(tag_gaps.c.wanted.in_(("add", "remove")))
    if destination is not None:
        consent = consent.where(gaps.c.destination == destination)
        tags = tags.where(tag_gaps.c.destination == destination)
    return plan_of(db, settings, db.execute(consent), db.execute(tags))


def _planned(db: Connection, settings: Settings, found: list[tuple[Operation, str]], homes: Homes) -> Plan:
    found = [(one, withheld) for one, withheld in found if one.destination in settings.connections]
    contacts = _contacts(db, [one for one, _ in found], homes)
    named = [(_with_contact(one, contacts), withheld) for one, withheld in found]
    operations = sorted((one for one, withheld in named if not withheld), key=lambda one: one.identity)
    held = [Withheld(one, withheld) for one, withheld in named if withheld and withheld not in NOT_SHOWN]
    return Plan(tuple(operations), tuple(sorted(held, key=lambda one: (one.operation.identity, one.reason))))


def _consent(rows: Iterable[Any]) -> Iterable[tuple[Operation, str]]:
    for row in rows:
        wanted = row.wanted or ("in" if row.reason == "granted" else "out")
        operation = Operation(
            lane=WITHDRAW if wanted == "out" else GRANT,
            destination=row.destination,
            kind="consent",
            stream=row.stream,
            record=row.record,
            channel=row.channel,
            address=row.address,
            field=row.channel,
            wanted=wanted,
            old=row.shown,
            reason=row.reason,
            scope=row.scope,
            decided_by=row.decided_by,
            by_confirmation=row.by_confirmation,
            consent_at=row.at,
        )
        yield operation, row.withheld


def _segments(rows: Iterable[Any]) -> Iterable[tuple[Operation, str]]:
    for row in rows:
        wanted = row.wanted or "add"
        operation = Operation(
            lane=TAG if wanted == "add" else UNTAG,
            destination=row.destination,
            kind="segment",
            stream=row.stream,
            record=row.record,
            channel=row.channel,
            address=row.address,
            field=TARGET + row.tag,
            wanted=wanted,
            old="" if wanted == "add" else "tagged",
            reason=row.segment,
            contact_id=row.contact_id,
        )
        yield operation, row.withheld


def _contacts(
    db: Connection, operations: Sequence[Operation], homes: Homes
) -> Mapping[tuple[str, str, str] | Line, str]:
    """Contact ids by record, and by address for destinations that have no records."""
    found: dict[tuple[str, str, str] | Line, str] = {}
    records = {(one.destination, one.stream, one.record) for one in operations if one.record and not one.contact_id}
    key = (landed.c.connection, landed.c.stream, landed.c.external_id)
    for some in chunks(sorted(records), 200):
        rows = db.execute(select(*key, landed.c.id).where(any_of(key, some))).all()
        home = homes.of_records(db, (row.id for row in rows))
        found.update(((row.connection, row.stream, row.external_id), home[row.id]) for row in rows if row.id in home)
    lines = {(one.channel, one.address) for one in operations if not one.record}
    line = (holdings.c.channel, holdings.c.address)
    for addresses in chunks(sorted(lines), 200):
        held = db.execute(select(*line, holdings.c.record_id).where(any_of(line, addresses))).all()
        home = homes.of_records(db, (row.record_id for row in held))
        of_lines = ((home[row.record_id], (row.channel, row.address)) for row in held if row.record_id in home)
        found.update((one, contact_id) for contact_id, one in sorted(of_lines, reverse=True))
    return found


def _with_contact(operation: Operation, contacts: Mapping[tuple[str, str, str] | Line, str]) -> Operation:
    if operation.contact_id:
        return operation
    key = (operation.destination, operation.stream, operation.record)
    found = contacts.get(key) if operation.record else contacts.get((operation.channel, operation.address))
    return replace(operation, contact_id=found or "")


def keep_plan(db: Connection, plan: Plan) -> None:
    """Remember a plan that was shown, so that its approval can be held against it."""
    told = [list(operation.identity) for operation in plan.operations]
    upsert(db, plans, [{"id": plan.id, "made_at": datetime.now(UTC), "operations": told}])


def deny(db: Connection, plan_id: str, by: str, now: datetime) -> bool:
    """Say no to exactly this plan, until the data moves or somebody takes it back; False for one never shown."""
    return _set_denied(db, plan_id, denied_by=by, denied_at=now)


def take_back_denial(db: Connection, plan_id: str) -> bool:
    return _set_denied(db, plan_id, denied_by=None, denied_at=None)


def _set_denied(db: Connection, plan_id: str, **denied: Any) -> bool:
    return db.execute(update(plans).where(plans.c.id == plan_id).values(**denied)).rowcount == 1


def denial_of(db: Connection, plan_id: str) -> RowMapping | None:
    """Who denied this plan, and when."""
    query = select(plans.c.denied_by, plans.c.denied_at).where(plans.c.id == plan_id, plans.c.denied_by.is_not(None))
    return db.execute(query).mappings().first()


def check_not_denied(db: Connection, plan_id: str) -> None:
    """Raises PlanDenied."""
    if (found := denial_of(db, plan_id)) is not None:
        raise PlanDenied(f"{found['denied_by']} has denied plan {plan_id}: the page Outgoing takes that back")


class PlanDenied(Exception):
    """A person has said no to exactly this plan."""


class NoSuchPlan(Exception):
    """No plan with this id was ever shown."""


class DataMoved(Exception):
    """What would be sent now is not what was approved; the message says what moved."""


def check_unmoved(db: Connection, plan: Plan, plan_id: str) -> None:
    """Raises NoSuchPlan, or DataMoved when the approved plan is not the one that would be sent now."""
    if plan.id == plan_id:
        return
    shown = db.execute(select(plans.c.operations).where(plans.c.id == plan_id)).scalar()
    if shown is None:
        raise NoSuchPlan(f"there is no plan {plan_id}: `hub plan` makes one")
    before, now = {tuple(one) for one in shown}, {one.identity for one in plan.operations}
    moved = [f"no longer: {_in_words(one)}" for one in sorted(before - now, key=repr)]
    moved += [f"new: {_in_words(one)}" for one in sorted(now - before, key=repr)]
    more = f"\n  and {len(moved) - MOST_TOLD} more" if len(moved) > MOST_TOLD else ""
    told = "\n  ".join(moved[:MOST_TOLD])
    raise DataMoved(f"the data has moved since plan {plan_id}:\n  {told}{more}\n`hub plan` makes a new one: {plan.id}")


MOST_TOLD = 20


def _in_words(identity: Sequence[Any]) -> str:
    _, destination, record, address, field, wanted, old, _ = identity
    return f"{destination} {record or address} {field}: {old or 'nothing'} -> {wanted}"
