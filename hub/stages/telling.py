"""What subscribers are told of segments and consent: written by these stages in the transaction of the change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select

from hub.settings.automations import EventName, Subscriber
from hub.settings.settings import Settings
from hub.stages import notes
from hub.stages.holdings import holdings, members
from hub.stages.ledger import Line
from hub.stages.notices import HOOK, News, queue
from hub.store.operating.notices import ConsentTold
from hub.store.sql import any_of, chunks, table, upsert

told = table(ConsentTold)

NOTE = "consent_told"
CHUNK = 200
NOTHING = ("unknown", False)
"""What is known of an address that nobody ever said anything about."""

KeyOf = tuple[str, str, str, str]
Stays = Sequence[tuple[str, str, int]]
"""Segment, contact, and the number of the stay."""


def wanting(settings: Settings, event: EventName, segment: str | None = None) -> list[str]:
    """The targets that want to be told of this."""
    return [HOOK + name for name, one in settings.hub.subscribers.items() if _wants(one, event, segment)]


def _wants(subscriber: Subscriber, event: EventName, segment: str | None) -> bool:
    if subscriber.events and event not in subscriber.events:
        return False
    return segment is None or not subscriber.segments or segment in subscriber.segments


def tell_stays(db: Connection, settings: Settings, event: EventName, stays: Stays, now: datetime) -> None:
    """Tell of who has just entered or left."""
    found: dict[str, list[News]] = defaultdict(list)
    for segment, contact_id, number in stays:
        written = settings.segments.get(segment)
        data: dict[str, Any] = {"segment": segment, "stay": number}
        if written is not None:
            data |= {"title": written.title, "channel": written.channel}
        for target in wanting(settings, event, segment):
            found[target].append(News(event, (segment, contact_id, str(number)), now, contact_id, data))
    for target, news in found.items():
        queue(db, target, news)


def begin_consent(db: Connection, settings: Settings, states: Table) -> None:
    """Note what is the case when the first subscriber comes: only what changes from then on is told."""
    listening = bool(wanting(settings, "consent.changed"))
    if listening is (notes.get(db, NOTE) == "yes"):
        return
    db.execute(delete(told))
    if listening:
        names = [column.name for column in told.columns]
        db.execute(insert(told).from_select(names, select(*(states.c[name] for name in names))))
    notes.put(db, NOTE, "yes" if listening else "")


def tell_consent(
    db: Connection, settings: Settings, lines: Sequence[Line], rows: Mapping[KeyOf, Mapping[str, Any]], now: datetime
) -> None:
    """Tell where what is kept of these addresses now is something else than was told last. `rows`: all that is kept."""
    targets = wanting(settings, "consent.changed")
    if not targets:
        return
    before = _told(db, lines)
    changed = sorted(key for key in before.keys() | rows.keys() if _gist(rows.get(key)) != before.get(key, NOTHING))
    if not changed:
        return
    holders = _holders(db, {key[:2] for key in changed})
    news = [_changed(key, before.get(key, NOTHING), rows.get(key), holders.get(key[:2], []), now) for key in changed]
    for target in targets:
        queue(db, target, news)
    names = ("channel", "address", "purpose", "brand")
    upsert(db, told, [{**dict(zip(names, key, strict=True)), **_as_row(_gist(rows.get(key)))} for key in changed])


def _told(db: Connection, lines: Iterable[Line]) -> dict[KeyOf, tuple[str, bool]]:
    found: dict[KeyOf, tuple[str, bool]] = {}
    for some in chunks(lines, CHUNK):
        query = select(told).where(any_of((told.c.channel, told.c.address), some))
        for row in db.execute(query):
            found[row.channel, row.address, row.purpose, row.brand] = (row.recorded, row.may_send)
    return found


def _gist(row: Mapping[str, Any] | None) -> tuple[str, bool]:
    return NOTHING if row is None else (row["recorded"], bool(row["may_send"]))


def _as_row(gist: tuple[str, bool]) -> dict[str, Any]:
    return {"recorded": gist[0], "may_send": gist[1]}


def _holders(db: Connection, lines: Iterable[Line]) -> dict[Line, list[str]]:
    """The contacts that hold each of these addresses."""
    found: dict[Line, list[str]] = defaultdict(list)
    for some in chunks(sorted(lines), CHUNK):
        query = (
            select(holdings.c.channel, holdings.c.address, members.c.contact_id)
            .join(members, members.c.record_id == holdings.c.record_id)
            .where(any_of((holdings.c.channel, holdings.c.address), some))
            .distinct()
            .order_by(members.c.contact_id)
        )
        for row in db.execute(query):
            found[row.channel, row.address].append(row.contact_id)
    return found


def _changed(
    key: KeyOf, before: tuple[str, bool], row: Mapping[str, Any] | None, contacts: list[str], now: datetime
) -> News:
    channel, address, purpose, brand = key
    recorded, may_send = _gist(row)
    data = {
        "channel": channel,
        "address": address,
        "purpose": purpose,
        "brand": brand,
        "state": recorded,
        "may_send": may_send,
        "reason": row["reason"] if row is not None else "unknown",
        "was": {"state": before[0], "may_send": before[1]},
        "contacts": contacts,
    }
    contact_id = contacts[0] if len(contacts) == 1 else ""
    return News("consent.changed", (*key, recorded, str(may_send), now.isoformat()), now, contact_id, data)
