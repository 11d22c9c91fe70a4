"""What is known of an address's consent: evidence, state, deliveries and destinations; and what is overdue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, or_, select

from hub.consent.desired import Shown, Told
from hub.consent.events import Event
from hub.consent.noes import in_order
from hub.consent.policy import Reach
from hub.consent.resolution import State
from hub.queries import masks
from hub.queries.due import SETTLED, UNSETTLED_NOES, Evidence, is_open_no
from hub.settings.settings import Settings
from hub.stages.bearing import PHONE_CHANNELS, borne_by
from hub.stages.consent import States, resolved
from hub.stages.gaps import Difference, differences, gaps, scope_of
from hub.stages.holdings import holdings, people
from hub.stages.homes import STORED
from hub.stages.ledger import Line, of_addresses
from hub.stages.relatives import relatives_of
from hub.stages.sights import deliveries
from hub.store.jsontext import storable
from hub.store.sql import any_of, chunks
from mapping.normalise import NotNormal
from mapping.normalise.email import email
from mapping.normalise.phone import phone

SHOWN_WORDS: Mapping[Shown, str] = {
    "in": "says yes",
    "out": "says no",
    "blocked": "blocks the address",
    "asked": "has asked the person to confirm",
    "never": "was never told anything",
    "unknown": "may say anything",
    "absent": "does not show it",
}
TOLD_WORDS: Mapping[Told, str] = {
    "read": "as it was read",
    "answer": "as it answered us",
    "told": "as its messages tell",
    "none": "nothing was read",
}


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store holds of some addresses, by address."""

    states: Mapping[Line, States]
    evidence: Mapping[Line, Evidence]
    deliveries: Mapping[Line, Sequence[RowMapping]]
    differences: Mapping[Line, Sequence[tuple[str, str, Difference]]]
    observed: Mapping[Line, Sequence[dict[str, Any]]]

    def is_silent(self, line: Line) -> bool:
        return not (self.evidence[line].events or self.deliveries.get(line) or self.observed.get(line))


def lines_of(address_text: str, region: str | None) -> tuple[str, list[Line]]:
    """An address in any form: normalised, and the channels on which it is one. Raises NotNormal."""
    text = storable(address_text.strip())
    if "@" in text:
        address = email(text).key
        return address, [("email", address)]
    number = phone(text, region).value
    return number, [(channel, number) for channel in PHONE_CHANNELS]


def consent_of(db: Connection, settings: Settings, address_text: str, masked: bool = False) -> dict[str, Any]:
    """The contract's document of one address. Raises NotNormal.

    The state is that of this moment. An e-mail always has an entry, and a number for text messages; its other
    channels have one when anything is known of them.
    """
    address, lines = lines_of(address_text, settings.hub.region)
    document = _documents(db, settings, {address: lines})[0]
    return masks.consent(document) if masked else document


def consent_on(db: Connection, settings: Settings, channel: str, address_text: str) -> dict[str, Any]:
    """The same of one channel only, which always has an entry. Raises NotNormal, also where it is no address of it."""
    address, lines = lines_of(address_text, settings.hub.region)
    if (channel, address) not in lines:
        raise NotNormal("consent.channel", f"no address of the channel {channel}")
    return consent_of_line(db, settings, (channel, address))


def consent_of_line(db: Connection, settings: Settings, line: Line, masked: bool = False) -> dict[str, Any]:
    """The same of one channel of an address as it is stored."""
    document = _documents(db, settings, {line[1]: [line]})[0]
    return masks.consent(document) if masked else document


def consent_of_contact(
    db: Connection, settings: Settings, contact_id: str, masked: bool = False
) -> list[dict[str, Any]]:
    """Such a document for every address of a contact, e-mails first."""
    found: dict[str, list[Line]] = defaultdict(list)
    for channel, address in sorted(_lines_of_contact(db, contact_id), key=_by_channel):
        found[address].append((channel, address))
    documents = _documents(db, settings, found)
    return [masks.consent(one) for one in documents] if masked else documents


_CHANNELS = ("email", *PHONE_CHANNELS)


def _by_channel(line: Line) -> tuple[int, Line]:
    return (_CHANNELS.index(line[0]) if line[0] in _CHANNELS else len(_CHANNELS)), line


def _lines_of_contact(db: Connection, contact_id: str) -> set[Line]:
    borne = borne_by(db, STORED.of_contacts(db, [contact_id]))
    return {line for own in borne.values() for line in own}


def _documents(db: Connection, settings: Settings, lines: Mapping[str, Sequence[Line]]) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    known = _known(db, settings, [line for own in lines.values() for line in own], now)
    return [
        {
            "address": address,
            "entries": [
                _entry(settings, known, line, Reach(*reach), state, now)
                for line in own
                if line == own[0] or not known.is_silent(line)
                for reach, state in sorted(known.states[line].items())
            ],
        }
        for address, own in lines.items()
    ]


def _known(db: Connection, settings: Settings, lines: Sequence[Line], now: datetime) -> _Known:
    states: dict[Line, States] = {}
    for some in chunks(lines, 200):
        states |= resolved(db, settings, some, now)
    places: dict[Line, list[tuple[str, str, Difference]]] = defaultdict(list)
    for connection in settings.connections.values():
        for one in differences(db, settings, connection, states):
            places[one.line].append((connection.name, scope_of(connection), one))
    return _Known(states, _evidence(db, lines), _deliveries(db, lines), places, _observed(db, lines))


def _evidence(db: Connection, lines: Sequence[Line]) -> dict[Line, Evidence]:
    own, relatives = of_addresses(db, lines), relatives_of(db, lines)
    found = {}
    for line in lines:
        related = relatives.get(line)
        reaching = related.events if related else ()
        found[line] = Evidence(line, in_order((*own[line], *reaching)), related.severe if related else ())
    return found


def _deliveries(db: Connection, lines: Sequence[Line]) -> dict[Line, list[RowMapping]]:
    """Our consent writes, newest first."""
    found: dict[Line, list[RowMapping]] = defaultdict(list)
    for some in chunks(lines, 200):
        query = (
            select(deliveries)
            .where(deliveries.c.kind == "consent", any_of((deliveries.c.channel, deliveries.c.address), some))
            .order_by(deliveries.c.id.desc())
        )
        for row in db.execute(query).mappings():
            found[row["channel"], row["address"]].append(row)
    return found


def _observed(db: Connection, lines: Sequence[Line]) -> dict[Line, list[dict[str, Any]]]:
    """What each source says at present. Evidence only: nothing here permits anything."""
    found: dict[Line, list[dict[str, Any]]] = defaultdict(list)
    for some in chunks(lines, 200):
        query = (
            select(people.c.connection, people.c.stream, people.c.external_id, people.c.fields)
            .where(
                people.c.record_id.in_(
                    select(holdings.c.record_id).where(any_of((holdings.c.channel, holdings.c.address), some))
                )
            )
            .order_by(people.c.connection, people.c.stream, people.c.external_id)
        )
        wanted = set(some)
        for row in db.execute(query):
            for said in row.fields.get("consents", ()):
                if (line := (said["channel"], said["address"])) in wanted:
                    found[line].append({**said, "source": f"{row.connection}:{row.stream}:{row.external_id}"})
    return found


def _entry(settings: Settings, known: _Known, line: Line, reach: Reach, state: State, now: datetime) -> dict[str, Any]:
    places = [place for place in known.differences.get(line, ()) if _reach_at(settings, place[0]) == reach]
    due_at = _due(settings, known.evidence[line], reach, places)
    own = [row for row in known.deliveries.get(line, ()) if _reach_at(settings, row["destination"]) == reach]
    return {
        "channel": line[0],
        "purpose": reach.purpose,
        "brand": reach.brand,
        "state": state.recorded,
        "may_send": state.may_send,
        "reason": state.reason,
        "at": state.at,
        "scopes": sorted(state.scopes),
        "locks": sorted(state.locks),
        "stops": list(state.stops),
        "review": state.review,
        "recheck_at": state.recheck_at,
        "due_at": due_at,
        "overdue": due_at is not None and due_at < now,
        "events": [_event(event) for event in reversed(known.evidence[line].events)],
        "deliveries": _told_deliveries(settings, known.evidence[line], own, due_at, now),
        "destinations": [_destination(name, found) for name, _, found in places],
        "observed": list(known.observed.get(line, ())),
    }


def _reach_at(settings: Settings, destination: str) -> Reach:
    """What a destination's list or sender stands for; one that is no longer configured stands for marketing."""
    connection = settings.connections.get(destination)
    return settings.consent.reach_of(scope_of(connection)) if connection else Reach()


def _due(
    settings: Settings, evidence: Evidence, reach: Reach, places: Iterable[tuple[str, str, Difference]]
) -> datetime | None:
    """Until when the no must have arrived where it has not; None when it is everywhere."""
    found = [
        settings.consent.due_at(began)
        for _, scope, one in places
        if is_open_no(one.gap) and (began := evidence.began(reach, scope, settings.consent)) is not None
    ]
    return min(found, default=None)


_EVENT_FIELDS = (
    "id",
    "channel",
    "action",
    "value",
    "method",
    "basis",
    "occurred_at",
    "precision",
    "observed_at",
    "source",
    "record",
    "purpose",
    "brand",
    "scope",
    "echo_of",
    "explained_by",
    "lifts",
    "actor",
    "wording",
    "evidence",
)


def _event(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in _EVENT_FIELDS}


def _told_deliveries(
    settings: Settings, evidence: Evidence, rows: Iterable[RowMapping], due_at: datetime | None, now: datetime
) -> list[dict[str, Any]]:
    learned = {event.id: event.observed_at for event in evidence.events}
    places: set[tuple[str, str]] = set()
    found = []
    for row in rows:
        place = (row["destination"], row["record"])
        is_open = place not in places and row["wanted"] == "out" and row["status"] not in SETTLED
        places.add(place)
        due = None
        if row["wanted"] == "out":
            due = settings.consent.due_at(learned.get(row["decided_by"], row["created_at"]))
            due = min(due, due_at) if is_open and due_at is not None else due
        found.append(
            {
                "destination": row["destination"],
                "record": row["record"],
                "wanted": row["wanted"],
                "status": row["status"],
                "message": row["message"],
                "at": row["sent_at"],
                "due_at": due,
                "overdue": is_open and due is not None and due < now,
                "consent_at": row["consent_at"],
                "attempts": row["attempts"],
            }
        )
    return found


def _destination(name: str, found: Difference) -> dict[str, Any]:
    observed, gap = found.observed, found.gap
    told = f"{SHOWN_WORDS[observed.shown]}, {TOLD_WORDS[observed.told]}"
    return {
        "destination": name,
        "record": found.place.record,
        "shown": observed.shown,
        "told": observed.told,
        "at": observed.at,
        "words": told,
        "wanted": gap.wanted,
        "withheld": gap.withheld,
        "reason": gap.reason,
    }


def overdue(db: Connection, settings: Settings, now: datetime) -> list[dict[str, Any]]:
    """The opt-outs that have not arrived at a destination although their time is over, the oldest first."""
    unsettled = gaps.c.withheld.in_(sorted(UNSETTLED_NOES)) & (gaps.c.reason != "granted")
    query = select(gaps).where(
        gaps.c.destination.in_(sorted(settings.connections)),
        or_((gaps.c.wanted == "out") & (gaps.c.withheld == ""), unsettled),
    )
    found = []
    for some in chunks(db.execute(query.order_by(gaps.c.channel, gaps.c.address)).all(), 200):
        lines = sorted({(row.channel, row.address) for row in some})
        evidence, sent = _evidence(db, lines), _deliveries(db, lines)
        for row in some:
            scope = scope_of(settings.connections[row.destination])
            known = evidence[row.channel, row.address]
            since = known.began(settings.consent.reach_of(scope), scope, settings.consent)
            if since is not None and (due_at := settings.consent.due_at(since)) < now:
                found.append(_late(row, since, due_at, sent))
    return sorted(found, key=lambda one: (one["due_at"], one["address"], one["destination"], one["record"]))


def _late(gap: Any, since: datetime, due_at: datetime, sent: Mapping[Line, Sequence[RowMapping]]) -> dict[str, Any]:
    own = (
        row["status"]
        for row in sent.get((gap.channel, gap.address), ())
        if (row["destination"], row["record"], row["wanted"]) == (gap.destination, gap.record, "out")
    )
    return {
        "address": gap.address,
        "channel": gap.channel,
        "destination": gap.destination,
        "record": gap.record,
        "since": since,
        "due_at": due_at,
        "status": next(own, "waiting"),
    }
