"""Where destinations say something else of an address than the evidence does: kept as differences to be pushed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, false, select

from hub.consent.desired import Gap, Observed, Shown, Told, gap, shown
from hub.consent.resolution import State
from hub.settings.settings import Connection as Configured
from hub.settings.settings import Settings
from hub.stages.holdings import holdings
from hub.stages.land import landed
from hub.stages.ledger import Line
from hub.stages.sights import UNDER_WAY, deliveries, sights
from hub.store.derived.consent import ConsentGap
from hub.store.sql import any_of, chunks, insert_all, table

gaps = table(ConsentGap)

OPEN = ("queued", "sent", "accepted")
"""Deliveries that are under way: what they will change is not planned a second time."""

FINAL_NOES = frozenset({"vendor_locked", "rejected", "unsupported", "dead"})
"""Settled without equality: shown, and not tried again before the evidence or the record changes."""

MOST_REFUSALS = 5


@dataclass(frozen=True, slots=True)
class Place:
    """One record at one destination that holds an address; `record` is "" where consent is keyed by address.

    `changed_at` is the record's change time, `consent_at` the vendor's own time of the consent it shows.
    """

    record: str
    stream: str
    scope: str
    state: str
    seen_at: datetime | None
    changed_at: datetime | None
    consent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What is observed at one place, and what follows from it."""

    line: Line
    place: Place
    observed: Observed
    gap: Gap
    state: State


def is_destination(connection: Configured, channel: str) -> bool:
    """Whether consent on this channel is pushed there at all."""
    can, push = connection.capabilities, connection.push
    return push.mode != "off" and channel in push.consent and channel in can.consent


def scope_of(connection: Configured) -> str:
    """The list or sender the connection writes to, as events name it."""
    scope = connection.capabilities.scope
    return f"{connection.name}/{scope}" if scope else ""


def find_gaps(db: Connection, settings: Settings, states: Mapping[Line, Mapping[tuple[str, str], State]]) -> None:
    """Replace the stored differences of these addresses."""
    rows = gaps_of(db, settings, states)
    for some in chunks(states):
        db.execute(delete(gaps).where(any_of((gaps.c.channel, gaps.c.address), some)))
    insert_all(db, gaps, rows)


def gaps_of(
    db: Connection, settings: Settings, states: Mapping[Line, Mapping[tuple[str, str], State]]
) -> list[dict[str, Any]]:
    """The rows of `consent_gap` that these states make."""
    return [
        _row(connection.name, difference)
        for connection in settings.connections.values()
        for difference in differences(db, settings, connection, states)
        if difference.gap.wanted or difference.gap.withheld
    ]


def _row(destination: str, found: Difference) -> dict[str, Any]:
    return {
        "destination": destination,
        "record": found.place.record,
        "channel": found.line[0],
        "address": found.line[1],
        "stream": found.place.stream,
        "scope": found.place.scope,
        "shown": found.observed.shown,
        "wanted": found.gap.wanted,
        "reason": found.gap.reason,
        "withheld": found.gap.withheld,
        "by_confirmation": found.gap.by_confirmation,
        "decided_by": next(iter(found.state.decided_by), ""),
        "at": found.state.at,
    }


def differences(
    db: Connection, settings: Settings, connection: Configured, states: Mapping[Line, Mapping[tuple[str, str], State]]
) -> Iterator[Difference]:
    """What one destination says of these addresses, place by place."""
    lines = [line for line in states if is_destination(connection, line[0])]
    if not lines:
        return
    scope = scope_of(connection)
    reach = settings.consent.reach_of(scope)
    places = _places(db, connection, scope, lines)
    written = _written(db, connection.name, lines)
    for line in lines:
        state = states[line][reach.purpose, reach.brand]
        for place in places.get(line, ()):
            own = written.get((place.record, line), [])
            observed = _observed(connection, place, own, settings.consent.tolerance)
            observed = replace(observed, is_still=_is_still(place, state, settings.consent.tolerance))
            found = gap(
                state,
                scope,
                observed,
                connection.capabilities,
                connection.narrowed.resubscribe,
                connection.narrowed.push_grants,
            )
            yield Difference(line, place, observed, _unless_settled(found, own, state, place), state)


def _places(db: Connection, connection: Configured, scope: str, lines: Sequence[Line]) -> dict[Line, list[Place]]:
    if not connection.capabilities.stream:
        return _told_places(db, connection.name, scope, lines)
    found: dict[Line, list[Place]] = defaultdict(list)
    for some in chunks(lines):
        query = (
            select(holdings, landed.c.last_seen_at, landed.c.changed_at)
            .join(landed, landed.c.id == holdings.c.record_id)
            .where(
                holdings.c.connection == connection.name,
                holdings.c.stream == connection.capabilities.stream,
                any_of((holdings.c.channel, holdings.c.address), some),
                landed.c.deleted == false(),
            )
            .order_by(holdings.c.external_id, holdings.c.position)
        )
        for row in db.execute(query):
            place = Place(row.external_id, row.stream, row.scope, row.state, row.last_seen_at, row.changed_at, row.at)
            found[row.channel, row.address].append(place)
    return found


def _told_places(db: Connection, name: str, scope: str, lines: Sequence[Line]) -> dict[Line, list[Place]]:
    """Where consent is keyed by address, every address has a place, and what is known is what messages told."""
    told: dict[Line, Place] = {}
    for some in chunks(lines):
        query = select(sights).where(
            sights.c.connection == name,
            sights.c.scope == scope,
            sights.c.told_at.is_not(None),
            any_of((sights.c.channel, sights.c.address), some),
        )
        for row in db.execute(query).mappings():
            told[row["channel"], row["address"]] = Place("", "", scope, row["state"], row["told_at"], None)
    unheard = Place("", "", scope, "", None, None)
    return {line: [told.get(line, unheard)] for line in lines}


def _written(db: Connection, destination: str, lines: Sequence[Line]) -> dict[tuple[str, Line], list[RowMapping]]:
    """Our consent writes, oldest first, by record and address."""
    found: dict[tuple[str, Line], list[RowMapping]] = defaultdict(list)
    for some in chunks(lines):
        query = (
            select(deliveries)
            .where(
                deliveries.c.destination == destination,
                deliveries.c.kind == "consent",
                any_of((deliveries.c.channel, deliveries.c.address), some),
            )
            .order_by(deliveries.c.id)
        )
        for row in db.execute(query).mappings():
            found[row["record"], (row["channel"], row["address"])].append(row)
    return found


def _observed(connection: Configured, place: Place, own: Sequence[RowMapping], tolerance: timedelta) -> Observed:
    """The newest of what was read, what the vendor answered, and what messages told."""
    reached = [row for row in reversed(own) if row["status"] in UNDER_WAY]
    asked = next((row["decided_by"] for row in reached if row["by_confirmation"]), "")
    last = reached[0] if reached else None
    read, by = _read(connection, place)
    if last is not None and by == "told" and last["wanted"] != read and _is_close(last, place, tolerance):
        return Observed("unknown", "told", place.seen_at, asked=asked)
    if last is not None and _is_newer(last, place):
        if last["status"] in ("unknown", "sent"):
            return Observed("unknown", "answer", last["sent_at"], asked=asked)
        if not last["by_confirmation"]:
            wanted: Shown = last["wanted"]
            return Observed(wanted, "answer", last["answered_at"], is_ours=wanted == "out", asked=asked)
    return Observed(read, by, place.seen_at, _is_ours(read, place, own), asked=asked)


def _read(connection: Configured, place: Place) -> tuple[Shown, Told]:
    if not place.state:
        return "unknown", "none"
    if connection.capabilities.stream:
        return shown(place.state), "read"
    # a message that went through says that the number is not blocked, and nothing of what we may write
    return (shown(place.state) if place.state in ("withdrawn", "granted") else "unknown"), "told"


def _is_still(place: Place, state: State, tolerance: timedelta) -> bool:
    """A second no that looks like the first still moves the record's change time."""
    return place.changed_at is not None and state.at is not None and place.changed_at + tolerance < state.at


def _is_close(write: RowMapping, place: Place, tolerance: timedelta) -> bool:
    """Told by the vendor's clock and written by ours, so close together that nobody knows which came first."""
    written_at = write["answered_at"] or write["sent_at"]
    return written_at is not None and place.seen_at is not None and abs(written_at - place.seen_at) <= tolerance


def _is_newer(write: RowMapping, place: Place) -> bool:
    written_at = write["answered_at"] or write["sent_at"]
    return written_at is not None and (place.seen_at is None or written_at >= place.seen_at)


def _is_ours(read: Shown, place: Place, own: Sequence[RowMapping]) -> bool:
    """A no of our own that was read back, on a record that nobody but us has changed since."""
    acknowledged = [row for row in own if row["acknowledged_at"] is not None and not row["by_confirmation"]]
    if read != "out" or not acknowledged or acknowledged[-1]["wanted"] != "out" or place.changed_at is None:
        return False
    return bool(acknowledged[-1]["acknowledged_change"] == place.changed_at)


def _unless_settled(found: Gap, own: Sequence[RowMapping], state: State, place: Place) -> Gap:
    """A write that is under way is not planned again, nor one that was refused for good and nothing changed since."""
    if not found.wanted or not own:
        return found
    last = own[-1]
    if last["status"] in OPEN:
        return Gap(withheld="under_way", reason=found.reason)
    same = last["wanted"] == found.wanted and last["decided_by"] in (*state.decided_by, "")
    settled_at = last["sent_at"] or last["created_at"]
    if last["status"] == "not_held" and same and (place.seen_at is None or place.seen_at <= settled_at):
        return Gap(withheld="not_held", reason=found.reason)
    refused = last["status"] in FINAL_NOES and not (found.wanted == "out" and _worth_another_try(own))
    if refused and same and not _has_changed(last, place, settled_at):
        return Gap(withheld=last["status"], reason=found.reason)
    return found


def _has_changed(last: RowMapping, place: Place, since: datetime) -> bool:
    """Another value ends what was settled; what was rejected may also pass when the record was mended otherwise."""
    if (place.state or "unknown") != last["was"]:
        return True
    return last["status"] == "rejected" and place.changed_at is not None and place.changed_at > since


def _worth_another_try(own: Sequence[RowMapping]) -> bool:
    """An opt-out that was refused is tried again with every run, but not for ever."""
    latest = own[-MOST_REFUSALS:]
    return len(latest) < MOST_REFUSALS or any(row["status"] not in FINAL_NOES for row in latest)
