"""What the operator asks first: how each stream stands, how much there is, which runs there were, who has this key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select

from hub.queries import masks
from hub.queries.find import NotFound, SeveralFound, find
from hub.queries.quarantine import held_back
from hub.queries.search import search
from hub.queries.totals import contacts_total
from hub.settings.schedule import next_due
from hub.settings.settings import Connection as ConfiguredConnection
from hub.settings.settings import ConnectionStream, Settings
from hub.stages.golden import contacts
from hub.stages.map import people
from hub.stages.pauses import paused
from hub.stages.run_status import WAITING
from hub.stages.runs import runs, states

SHOWN_RUNS = 14
BIGGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class StreamOverview:
    """One stream of a connection: `runs` are its latest, oldest first, each with every column of `sync_run`.

    `next_due` is None where nothing is scheduled; `configured` is False for what ran once and is in no file now.
    `needs_attention`: the last run ended in a way that only a person can mend; the schedule rests meanwhile.
    `paused`: by its file; `paused_by`: by a person, since `paused_at`. `fresh_until`: when the last good run is older
    than schedule and grace allow; None where nothing is scheduled or nothing ever went well.
    """

    connection: str
    stream: str
    configured: bool = True
    paused: bool = False
    needs_attention: bool = False
    paused_by: str = ""
    paused_at: datetime | None = None
    fresh_until: datetime | None = None
    last_ok_at: datetime | None = None
    next_due: datetime | None = None
    runs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def last(self) -> dict[str, Any] | None:
        return self.runs[-1] if self.runs else None

    @property
    def is_under_way(self) -> bool:
        return self.last is not None and self.last["status"] in WAITING


@dataclass(frozen=True, slots=True)
class Totals:
    """What is counted by walking over it."""

    contacts: int
    records: int


def totals(db: Connection) -> Totals:
    return Totals(contacts_total(db), db.execute(select(func.count()).select_from(people)).scalar_one())


@dataclass(frozen=True, slots=True)
class Overview:
    streams: list[StreamOverview]
    to_review: int
    quarantined: int

    @property
    def never_ran(self) -> bool:
        return not any(stream.runs for stream in self.streams)


def overview(db: Connection, settings: Settings, needs_attention: Set[int], to_review: int) -> Overview:
    """Everything that the first page shows. `needs_attention`: exit codes after which a stream waits for a person."""
    return Overview(
        streams=list(_streams(db, settings, needs_attention)),
        to_review=to_review,
        quarantined=held_back(db),
    )


def _streams(db: Connection, settings: Settings, needs_attention: Set[int]) -> Iterator[StreamOverview]:
    """The configured streams in the order in which they are pulled, then those that only the store remembers."""
    columns = (states.c.connection, states.c.stream, states.c.last_ok_at, states.c.last_started_at)
    known = {(row["connection"], row["stream"]): dict(row) for row in db.execute(select(*columns)).mappings()}
    resting, grace = paused(db), settings.hub.alerts.rules.stream
    for connection in settings.connections.values():
        for stream in connection.streams:
            pause = resting.get((connection.name, stream.name))
            state = known.pop((connection.name, stream.name), {})
            latest = _latest(db, connection.name, stream.name)
            ended = next((run for run in reversed(latest) if run["status"] not in WAITING), None)
            yield StreamOverview(
                connection=connection.name,
                stream=stream.name,
                last_ok_at=state.get("last_ok_at"),
                paused=connection.paused,
                paused_by=pause["paused_by"] if pause else "",
                paused_at=pause["paused_at"] if pause else None,
                fresh_until=_fresh_until(stream, state.get("last_ok_at"), grace),
                needs_attention=ended is not None and ended["exit_code"] in needs_attention,
                next_due=None if pause else _next(connection, stream, state.get("last_started_at"), ended),
                runs=latest,
            )
    for (name, stream_name), state in sorted(known.items()):
        latest = _latest(db, name, stream_name)
        yield StreamOverview(name, stream_name, configured=False, last_ok_at=state["last_ok_at"], runs=latest)


def _latest(db: Connection, connection: str, stream: str) -> list[dict[str, Any]]:
    own = (runs.c.connection == connection) & (runs.c.stream == stream)
    query = select(runs).where(own).order_by(runs.c.id.desc()).limit(SHOWN_RUNS)
    return [dict(row) for row in db.execute(query).mappings()][::-1]


def _fresh_until(stream: ConnectionStream, last_ok_at: datetime | None, grace: timedelta) -> datetime | None:
    due = None if last_ok_at is None else next_due(stream, last_ok_at)
    return None if due is None else due + grace


def _next(
    connection: ConfiguredConnection, stream: ConnectionStream, started_at: datetime | None, last: dict[str, Any] | None
) -> datetime | None:
    """When the scheduler wants the next run, but not before the vendor wants us back."""
    due = None if connection.paused else next_due(stream, started_at)
    if due is None or last is None:
        return due
    return max(due, last["retry_at"] or due)


def next_run(db: Connection, settings: Settings) -> datetime | None:
    """When the next stream is due; None where nothing is scheduled."""
    return min((one.next_due for one in _streams(db, settings, frozenset()) if one.next_due), default=None)


def one_run(db: Connection, run_id: int) -> dict[str, Any] | None:
    if not 0 < run_id <= BIGGEST_ID:
        return None
    row = db.execute(select(runs).where(runs.c.id == run_id)).mappings().first()
    return dict(row) if row else None


def look_up(db: Connection, text: str, region: str | None, limit: int, masked: bool = False) -> list[dict[str, Any]]:
    """Contacts by what a person types, or else by one whole key: a contact's id, also a retired one, or a record's."""
    found = search(db, text, limit, masked)
    if found or not text.strip():
        return found
    try:
        keyed = [find(db, text.strip(), region).contact_id]
    except NotFound:
        return []
    except SeveralFound as several:
        keyed = several.matches[:limit]
    return headings(db, keyed, masked)


def headings(db: Connection, contact_ids: Sequence[str], masked: bool = False) -> list[dict[str, Any]]:
    """The contacts' lines in a list; a contact that the golden stage has not reached yet has none."""
    query = select(contacts).where(contacts.c.id.in_(contact_ids)).order_by(contacts.c.name, contacts.c.id)
    return _lines(db, query, masked)


def some_contacts(db: Connection, limit: int, masked: bool = False) -> list[dict[str, Any]]:
    """A few contacts to begin with, the same ones every time."""
    return _lines(db, select(contacts).order_by(contacts.c.id).limit(limit), masked)


def _lines(db: Connection, query: Select[Any], masked: bool) -> list[dict[str, Any]]:
    rows = [dict(row) for row in db.execute(query).mappings()]
    return [masks.heading(row) for row in rows] if masked else rows
