"""Where a destination's tags do not agree with the segments: kept as differences to be pushed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from hub.consent.resolution import State
from hub.settings.settings import Connection as Configured
from hub.settings.settings import Settings
from hub.stages.consent import Telling, states_of
from hub.stages.gaps import OPEN, scope_of
from hub.stages.holdings import holdings, people
from hub.stages.homes import STORED
from hub.stages.land import landed
from hub.stages.ledger import Line
from hub.stages.map import related
from hub.stages.runs import states as stream_states
from hub.stages.sights import deliveries
from hub.store.derived.consent import TagGap
from hub.store.sql import among, insert_all, table

tag_gaps = table(TagGap)

TARGET = "tag:"


@dataclass(frozen=True, slots=True)
class Held:
    """One record of a contact at a destination: the tags it was last read with, when, and its addresses."""

    record: str
    stream: str
    contact_id: str
    tags: frozenset[str]
    read_at: datetime | None
    addresses: tuple[Line, ...]


def tag_of(target: str) -> str:
    """The tag's name in a push target such as "tag:VIP"."""
    return target.removeprefix(TARGET)


def takes_tags(connection: Configured) -> bool:
    return connection.push.mode != "off" and connection.capabilities.tags and bool(connection.push.segments)


def find_tag_gaps(db: Connection, settings: Settings, ids: Sequence[str], inside: Mapping[str, set[str]]) -> None:
    """Replace the stored tag differences of these contacts."""
    takers = any(takes_tags(connection) for connection in settings.connections.values())
    rows = tag_gaps_of(db, settings, STORED.of_contacts(db, ids), inside, states_of) if takers else []
    db.execute(delete(tag_gaps).where(among(tag_gaps.c.contact_id, "ids")), {"ids": ids})
    for row in rows:  # a record whose contact changed may still have its row under the old one
        own = (tag_gaps.c.destination == row["destination"]) & (tag_gaps.c.record == row["record"])
        db.execute(delete(tag_gaps).where(own, tag_gaps.c.segment == row["segment"]))
    insert_all(db, tag_gaps, rows)


def tag_gaps_of(
    db: Connection, settings: Settings, home_of: Mapping[int, str], inside: Mapping[str, set[str]], telling: Telling
) -> list[dict[str, Any]]:
    """The rows of `tag_gap` of these records, by record id their contacts. `telling`: the states of addresses."""
    return [
        row
        for connection in settings.connections.values()
        if takes_tags(connection)
        for row in _of_connection(db, settings, connection, home_of, inside, telling)
    ]


def _of_connection(
    db: Connection,
    settings: Settings,
    connection: Configured,
    home_of: Mapping[int, str],
    inside: Mapping[str, set[str]],
    telling: Telling,
) -> list[dict[str, Any]]:
    held = _held(db, connection, home_of)
    if not held:
        return []
    written = _written(db, connection.name, [one.record for one in held])
    states = telling(db, {line for one in held for line in one.addresses})
    rows = []
    for one in held:
        for name, target in connection.push.segments.items():
            segment, tag = settings.segments[name], tag_of(target)
            line, refusal = _sendable(settings, connection, one, segment.channel, states)
            has, under_way = _has(one, tag, written)
            wanted, withheld = _difference(one.contact_id in inside.get(name, set()), has, refusal)
            if under_way or not (wanted or withheld):
                continue
            rows.append(
                {
                    "destination": connection.name,
                    "record": one.record,
                    "segment": name,
                    "stream": one.stream,
                    "contact_id": one.contact_id,
                    "channel": segment.channel,
                    "address": line[1] if line else "",
                    "tag": tag,
                    "wanted": wanted,
                    "withheld": withheld,
                }
            )
    return rows


def _difference(inside: bool, has: bool, refusal: str) -> tuple[str, str]:
    """What to write, or why not: whoever must not be sent to is in no segment of ours."""
    if inside and not refusal:
        return ("", "") if has else ("add", "")
    if has:
        return "remove", ""
    return ("", refusal) if inside else ("", "")


def _sendable(
    settings: Settings,
    connection: Configured,
    held: Held,
    channel: str,
    states: Mapping[Line, Mapping[tuple[str, str], State]],
) -> tuple[Line | None, str]:
    """The address of the record that the segment would be sent to, and what speaks against it ("" if nothing does)."""
    own = [line for line in held.addresses if line[0] == channel]
    if not own:
        return None, "no_address"
    scope = scope_of(connection)
    reach = settings.consent.reach_of(scope)
    refusal = ""
    for line in own:
        state = states.get(line, {}).get((reach.purpose, reach.brand))
        if state is None or not state.may_send_at(scope):
            refusal = refusal or (state.reason if state else "unknown")
            if state is not None and state.recorded == "granted" and not state.stops:
                refusal = "vendor_locked"
    return own[0], refusal


_RECORDS = (
    select(people.c.record_id, people.c.external_id, people.c.stream, people.c.fields, landed.c.last_seen_at)
    .join(landed, landed.c.id == people.c.record_id)
    .where(
        among(people.c.record_id, "records"),
        people.c.connection == bindparam("of"),
        people.c.stream == bindparam("in"),
    )
    .order_by(people.c.external_id)
)


def _held(db: Connection, connection: Configured, home_of: Mapping[int, str]) -> list[Held]:
    place = {"of": connection.name, "in": connection.capabilities.stream}
    rows = db.execute(_RECORDS, {"records": home_of.keys(), **place}).all()
    hung, snapshot_at = _hung(db, connection, [row.external_id for row in rows])
    addresses = _addresses(db, [row.record_id for row in rows])
    return [
        Held(
            record=row.external_id,
            stream=row.stream,
            contact_id=home_of[row.record_id],
            tags=frozenset(tag.casefold() for tag in (*row.fields.get("tags", ()), *hung.get(row.external_id, ()))),
            read_at=snapshot_at or row.last_seen_at,
            addresses=tuple(addresses.get(row.record_id, ())),
        )
        for row in rows
    ]


def _hung(db: Connection, connection: Configured, ids: list[str]) -> tuple[dict[str, list[str]], datetime | None]:
    """Tags that come as a stream of their own, and when that stream was last read; None where there is none."""
    stream = next((one.name for one in connection.streams if one.stream.record == "tag"), None)
    if stream is None:
        return {}, None
    found: dict[str, list[str]] = defaultdict(list)
    query = select(related.c.owner_external_id, related.c.fields).where(
        related.c.kind == "tag",
        related.c.owner_connection == connection.name,
        related.c.owner_stream == connection.capabilities.stream,
        related.c.owner_external_id.in_(ids),
    )
    for row in db.execute(query):
        found[row.owner_external_id].append(row.fields["name"])
    own = (stream_states.c.connection == connection.name) & (stream_states.c.stream == stream)
    return found, db.execute(select(stream_states.c.last_started_at).where(own)).scalar()


def _addresses(db: Connection, record_ids: list[int]) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = defaultdict(list)
    query = (
        select(holdings.c.record_id, holdings.c.channel, holdings.c.address)
        .where(holdings.c.record_id.in_(record_ids))
        .order_by(holdings.c.record_id, holdings.c.position)
    )
    for row in db.execute(query):
        found[row.record_id].append((row.channel, row.address))
    return found


def _written(db: Connection, destination: str, records: list[str]) -> dict[tuple[str, str], Any]:
    """Our latest write of each tag to these records."""
    query = (
        select(deliveries)
        .where(deliveries.c.destination == destination, deliveries.c.kind == "tag", deliveries.c.record.in_(records))
        .order_by(deliveries.c.id)
    )
    return {(row.record, row.field): row for row in db.execute(query)}


def _has(held: Held, tag: str, written: Mapping[tuple[str, str], Any]) -> tuple[bool, bool]:
    """Whether the record has the tag, by the newer of what was read and what was answered; and whether it is open."""
    last = written.get((held.record, TARGET + tag))
    read = tag.casefold() in held.tags  # vendors keep tags in small letters, or take them for the same
    if last is None:
        return read, False
    if last.status in OPEN:
        return read, True
    newer = last.answered_at is not None and (held.read_at is None or last.answered_at >= held.read_at)
    if last.status == "confirmed" and newer:
        return last.wanted == "add", False
    return read, False
