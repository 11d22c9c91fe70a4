"""Takes the evidence out of records in the transaction that lands them: what a state, a message or a ticket says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from connectors.kit.destination import Capabilities
from hub.consent.events import Event
from hub.consent.policy import Policy
from hub.consent.sightings import Noted, OwnWrite, Reading, Seen, Sight, note, note_late
from hub.stages.land import Change
from hub.stages.ledger import keep, keep_of_marked
from hub.stages.place import Place
from hub.stages.runs import runs
from hub.stages.sights import LineKey, deliveries, follow_changes, mark_of, own_writes, remember, sights_of
from hub.stages.words_said import said_in_message, said_in_ticket
from mapping.models import ConsentObservation, Mapped, Message, Person, Ticket


@dataclass(frozen=True, slots=True)
class Rules:
    """What the evidence of one connection is read by."""

    policy: Policy = field(default_factory=Policy)
    can: Capabilities = field(default_factory=Capabilities)
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a record that has become the latest one, and when it was landed.

    `is_news`: just now; not, when an old version is read again because the mapping has changed.
    """

    change: Change
    value: Any
    landed_at: datetime
    is_news: bool = True


@dataclass
class _Taken:
    """What one batch of records adds to the store."""

    events: list[Event] = field(default_factory=list)
    sights: dict[tuple[str, LineKey], Sight] = field(default_factory=dict)
    acknowledged: dict[str, datetime | None] = field(default_factory=dict)


def take_evidence(db: Connection, place: Place, rules: Rules, versions: Sequence[Version], now: datetime) -> None:
    """Note what these versions say of consent, mapped in this transaction. The same version again says nothing new."""
    people = [one for one in versions if isinstance(one.value, Person) and one.value.consents]
    if people:
        _of_people(db, place, rules, people, now)
    messages = [
        (one.change.external_id, one.value, one.landed_at) for one in versions if isinstance(one.value, Message)
    ]
    if messages:
        said_in_message(db, place.connection, rules.can, messages)
    tickets = [(one.change.external_id, one.value, one.landed_at) for one in versions if isinstance(one.value, Ticket)]
    if tickets:
        said_in_ticket(db, place.connection, tickets)


def _of_people(db: Connection, place: Place, rules: Rules, people: Sequence[Version], now: datetime) -> None:
    ids = [one.change.external_id for one in people]
    before = sights_of(db, place.connection, place.stream, ids)
    ours = own_writes(db, place.connection, ids)
    heard = _heard_until(db, place, rules.policy.tolerance) if rules.can.id_follows_address else None
    taken = _Taken()
    for one in people:
        record = one.change.external_id
        until = heard if one.is_news else None
        _of_person(place, rules, one, until, before.get(record, {}), ours.get(record, []), taken)
    keep_of_marked(db, taken.events)  # who maps a record marks what it holds
    _remember(db, place, taken)
    follow_changes(db, place.connection, {one.change.external_id: one.change.changed_at for one in people})
    _acknowledge(db, taken, now)


def _of_person(
    place: Place,
    rules: Rules,
    version: Version,
    heard_until: datetime | None,
    before: Mapping[LineKey, Sight],
    ours: Sequence[tuple[LineKey, OwnWrite]],
    taken: _Taken,
) -> None:
    change = version.change
    addresses = {(channel, address) for channel, address, _ in before}
    for observed in version.value.consents:
        seen = seen_in(place.connection, observed)
        line = (seen.channel, seen.address, seen.scope)
        others = any(channel == seen.channel and address != seen.address for channel, address in addresses)
        reading = _reading(
            place, rules, change.external_id, version.landed_at, change.changed_at, not others, heard_until
        )
        own = [write for (channel, address, _), write in ours if (channel, address) == line[:2]]
        noted = note(seen, reading, before.get(line), own, rules.policy.tolerance, rules.policy.reach_of(seen.scope))
        _add(taken, change, line, noted, own)
    shown = {(one.channel, one.address) for one in version.value.consents}
    for line, sight in before.items():
        if sight.shown and line[:2] not in shown:
            taken.sights[change.external_id, line] = replace(sight, shown=False)


def _heard_until(db: Connection, place: Place, tolerance: timedelta) -> datetime | None:
    """Up to when a pull that reached its end has surely read everything; None before there was one."""
    query = select(func.max(runs.c.started_at)).where(
        runs.c.connection == place.connection, runs.c.stream == place.stream, runs.c.status.in_(("ok", "held"))
    )
    began: datetime | None = db.execute(query).scalar()
    return None if began is None else began - tolerance


def _add(taken: _Taken, change: Change, line: LineKey, noted: Noted, own: Sequence[OwnWrite]) -> None:
    taken.events.extend(noted.events)
    if noted.sight is not None:
        taken.sights[change.external_id, line] = noted.sight
    for write in own:
        if write.delivery == noted.acknowledges:
            taken.acknowledged[write.delivery] = mark_of(write, change.changed_at)


def seen_in(connection: str, observed: ConsentObservation) -> Seen:
    return Seen(
        channel=observed.channel,
        address=observed.address,
        state=observed.state,
        at=observed.at,
        level=observed.level,
        scope=f"{connection}/{observed.scope}" if observed.scope else "",
        precision="date" if observed.day else "second",
        zone=observed.zone,
        method=observed.method,
        wording=observed.wording,
        evidence=observed.evidence,
    )


def _reading(
    place: Place,
    rules: Rules,
    record: str,
    observed_at: datetime,
    changed_at: datetime | None,
    born_with: bool,
    heard_until: datetime | None = None,
) -> Reading:
    return Reading(
        connection=place.connection,
        stream=place.stream,
        record=record,
        observed_at=observed_at,
        changed_at=changed_at if rules.can.change_time_covers_consent else None,
        born_with=born_with,
        yes_methods=rules.can.yes_methods,
        settle=rules.can.settle,
        heard_until=heard_until,
    )


def take_late(
    db: Connection, place: Place, rules: Rules, late: Iterable[tuple[str, datetime | None, Mapped]], now: datetime
) -> None:
    """The evidence of versions that a newer one had overtaken: (external id, change time, what it maps to)."""
    found: list[Event] = []
    for external_id, changed_at, mapped in late:
        if not isinstance(mapped.value, Person):
            continue
        for observed in mapped.value.consents:
            seen = seen_in(place.connection, observed)
            reading = _reading(place, rules, external_id, now, changed_at, True)
            found += note_late(seen, reading, rules.policy.reach_of(seen.scope))
    keep(db, found)


def _remember(db: Connection, place: Place, taken: _Taken) -> None:
    remember(db, place.connection, place.stream, taken.sights, {})


def _acknowledge(db: Connection, taken: _Taken, now: datetime) -> None:
    done = [
        {"which": correlation, "acknowledged_at": now, "acknowledged_change": changed_at}
        for correlation, changed_at in sorted(taken.acknowledged.items())
    ]
    if done:
        db.execute(update(deliveries).where(deliveries.c.correlation == bindparam("which")), done)
