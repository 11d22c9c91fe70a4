"""The pull stage: carries one stream from its source to the store, from the saved cursor to the end.

Law: a group of pages, their quarantine rows, their counters, the new cursor and the renewed lease commit in one
transaction. Killed anywhere, the next run goes on from the last commit and lands nothing twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from connectors.kit.base import Cursor, Page, Reject, Source
from hub.crashpoints import crashpoint
from hub.settings.settings import ConnectionStream
from hub.stages import freeze, runs
from hub.stages.collector import without_collector
from hub.stages.evidence import Rules
from hub.stages.intake import take_in_evidence
from hub.stages.land import Arrival, Landing, arrivals, known_hashes, land, vanish
from hub.stages.looking import look_at
from hub.stages.map import anything_waits, map_changes, map_waiting, remap
from hub.stages.overtaken import overtaken
from hub.stages.passes import see
from hub.stages.place import Place
from hub.stages.prefetch import Prefetched
from hub.stages.quarantine import keep_rejects
from hub.stages.reconcile import WholeRead
from hub.stages.runs import Buckets
from hub.stages.suspects import map_with_care
from hub.store.engine import Store
from hub.store.leases import Held, renew
from mapping.models import Mapped

GROUP_RECORDS = 2_000
GROUP_SECONDS = 1.0
REMAP_CHUNK = 1_000
LOOK_SECONDS = 1.0
"""How often the fields of raw records are looked at: always in a short pull, in a long one at no cost worth a word."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asked of this run: everything again, from a time on, only so many records; or to reconcile."""

    full: bool = False
    since: datetime | None = None
    limit: int | None = None
    dry_run: bool = False
    reconcile: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page, and when nobody had asked for it yet."""

    page: Page
    asked_at: datetime


@dataclass(slots=True)
class Pull:
    """One stream's run: who pulls, from where, under which lease. `progress` hears the buckets after each commit.

    `careful`: workers have died at it, so that a record may be to blame.
    `whole`: the read of a reconciliation, with a cursor of its own, instead of what comes after the stream's cursor.
    """

    store: Store
    source: Source
    stream: ConnectionStream
    place: Place
    held: Held
    run_id: int
    wish: Wish
    progress: Callable[[Buckets, int | None], None]
    asked_to_stop: Callable[[], bool] = lambda: False
    rules: Rules = field(default_factory=Rules)
    buckets: Buckets = field(default_factory=Buckets)
    careful: bool = False
    whole: WholeRead | None = None
    gone: int = 0
    complete: bool = False
    next_look: float = 0.0

    def run(self) -> None:
        """Pull to the end. Raises the connector's errors, LeaseLost, and what the store raises."""
        if not self._remap_if_changed():
            return
        started = datetime.now(UTC)
        with self.store.read() as db:
            saved = self.whole.cursor(db) if self.whole else runs.cursor_of(db, self.place)
        keep_back = self.wish.full and saved is not None
        whole = self._start(saved) is None
        last: Cursor | None = None
        pages = Prefetched(lambda: _asked(self.source.pull(self.stream.stream, self._start(saved))), _fetched)
        with without_collector() as collect, pages as arriving:
            for group, complete in _groups(arriving, self.wish.limit, self.asked_to_stop):
                if group:
                    last = group[-1].page.cursor
                    self._commit(group, None if keep_back else last)
                    collect()
                if complete:
                    self.complete = True
                    self._finish(started, last if keep_back else None, whole)

    def _start(self, saved: Cursor | None) -> Cursor | None:
        if self.wish.since is not None:
            return Cursor(position=self.wish.since)
        return None if self.wish.full else saved

    def _remap_if_changed(self) -> bool:
        """Map again what another mapping has mapped; False where somebody asked to stop before the end of it."""
        with self.store.read() as db:
            known = runs.state_of(db, self.place).get("mapping")
            waits = anything_waits(db, self.place)
        fingerprint = self.stream.mapper.fingerprint
        if known == fingerprint and not waits:
            return True
        if known != fingerprint and not self.wish.dry_run:
            self.store.write(lambda db: self._begin_remap(db, fingerprint))
        while not self.wish.dry_run and self.store.write(self._map_some) == REMAP_CHUNK:
            self.progress(self.buckets, None)
            if self.asked_to_stop():
                return False
        return True

    def _begin_remap(self, db: Connection, fingerprint: str) -> None:
        renew(db, self.held)
        remap(db, self.place)
        runs.save_mapping(db, self.place, fingerprint)

    def _map_some(self, db: Connection) -> int:
        renew(db, self.held)
        return map_waiting(db, self.place, self.stream.mapper, REMAP_CHUNK, self.rules)

    def _commit(self, group: list[Fetched], cursor: Cursor | None) -> None:
        crashpoint("pull.fetched")
        arriving, rejects = arrivals(record for one in group for record in one.page.records)
        rejects += (reject for one in group for reject in one.page.rejects)
        mapped = self._map_ahead(arriving)
        if self.wish.dry_run:
            self.store.write(lambda db: renew(db, self.held))  # the group's own is rolled back with it
        counted = self.store.write(lambda db: self._store_group(db, group, arriving, rejects, mapped, cursor))
        crashpoint("page.committed")
        self.buckets += counted
        self.progress(self.buckets, group[-1].page.total)

    def _map_ahead(self, arriving: list[Arrival]) -> dict[str, Mapped]:
        """Map outside the transaction what looks new; by content hash."""
        with self.store.read() as db:
            known = known_hashes(db, self.place, arriving)
        new = [
            arrival
            for arrival in arriving
            if not arrival.record.deleted and known.get(arrival.record.id) != arrival.content_hash
        ]
        mapper = self.stream.mapper
        if self.careful:
            return map_with_care(self.store, self.place, mapper, new)
        return {arrival.content_hash: mapper(arrival.record.data) for arrival in new}

    def _store_group(
        self,
        db: Connection,
        group: list[Fetched],
        arriving: list[Arrival],
        rejects: list[Reject],
        mapped: dict[str, Mapped],
        cursor: Cursor | None,
    ) -> Buckets:
        renew(db, self.held)
        now = datetime.now(UTC)
        fetched, arriving = arriving, self._not_overtaken(db, arriving, mapped, group[0].asked_at, now)
        landing = land(db, self.place, arriving, now)
        crashpoint("land.stored")
        counted = self._map(db, landing, arriving, mapped)
        crashpoint("map.stored")
        take_in_evidence(db, self.place, self.stream, self.rules, landing, arriving, mapped, now, rejects)
        crashpoint("consent.noted")
        new, repeated = keep_rejects(db, self.place, rejects, now)
        counted.quarantined += new
        counted.unchanged += repeated
        counted.fetched = sum(one.page.fetched for one in group)
        counted.superseded += len(fetched) - len(arriving)
        total = replace(self.buckets)
        total += counted
        runs.count(db, self.run_id, total)
        self._look(db, landing, arriving, now)
        if self.whole is not None:
            self.whole.note(db, cursor, landing, len(rejects))
        elif cursor is not None and self.wish.since is None:
            runs.save_cursor(db, self.place, cursor)
            crashpoint("cursor.saved")
        if self.wish.dry_run:
            db.rollback()
        return counted

    def _not_overtaken(
        self, db: Connection, arriving: list[Arrival], mapped: dict[str, Mapped], asked_at: datetime, now: datetime
    ) -> list[Arrival]:
        """Without the records whose version says nothing sure; the others are seen, so that none counts as gone."""
        if self.stream.stream.snapshot or self.place.stream != self.rules.can.stream:
            return arriving
        left = overtaken(db, self.place.connection, arriving, mapped, asked_at, now)
        see(db, self.place, left)
        return [one for one in arriving if one.record.id not in left]

    def _look(self, db: Connection, landing: Landing, arriving: list[Arrival], now: datetime) -> None:
        if time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + LOOK_SECONDS
        changed = {change.content_hash for change in landing.changes if not change.deleted}
        look_at(db, self.place, (one.record.data for one in arriving if one.content_hash in changed), now)

    def _map(self, db: Connection, landing: Landing, arriving: list[Arrival], mapped: dict[str, Mapped]) -> Buckets:
        late = {change.content_hash for change in landing.changes if not change.deleted} - mapped.keys()
        for arrival in arriving:
            if arrival.content_hash in late:  # it changed after the look ahead
                mapped[arrival.content_hash] = self.stream.mapper(arrival.record.data)
        outcome = map_changes(db, self.place, landing.changes, mapped)
        return Buckets(
            applied=len(landing.changes) - outcome.refused,
            unchanged=landing.unchanged,
            superseded=landing.superseded,
            quarantined=outcome.refused,
            remarks=outcome.remarks,
        )

    def _finish(self, started: datetime, cursor: Cursor | None, whole: bool) -> None:
        """What only a pull that reached the end may do: move a held-back cursor, and note what vanished."""
        if self.wish.dry_run:
            return
        self.store.write(lambda db: self._note_end(db, started, cursor, whole))
        crashpoint("pull.finished")

    def _note_end(self, db: Connection, started: datetime, cursor: Cursor | None, whole: bool) -> None:
        renew(db, self.held)
        if self.whole is not None:
            self.whole.end(db, self.place)
            return
        if whole:
            freeze.note_whole_read(db, self.place, started)
        if cursor is not None:
            runs.save_cursor(db, self.place, cursor)
        if self.stream.stream.snapshot and self.wish.since is None:
            gone = vanish(db, self.place, started, datetime.now(UTC))
            map_changes(db, self.place, gone.changes, {})
            self.gone = len(gone.changes)


def _asked(pages: Iterator[Page]) -> Iterator[Fetched]:
    """A source may ask for a page while it gives the one before: so that one's beginning counts."""
    before = now = datetime.now(UTC)
    for page in pages:
        yield Fetched(page, before)
        before, now = now, datetime.now(UTC)


def _fetched(one: Fetched) -> int:
    return max(one.page.fetched, 1)


def _groups(
    pages: Iterator[Fetched], limit: int | None, asked_to_stop: Callable[[], bool]
) -> Iterator[tuple[list[Fetched], bool]]:
    """Collect pages into groups worth a commit. The flag says that the source has been read to its end."""
    group: list[Fetched] = []
    since, fetched = time.monotonic(), 0
    try:
        for one in pages:
            group.append(one)
            fetched += one.page.fetched
            if asked_to_stop() or (limit is not None and fetched >= limit):
                yield group, False
                return
            if sum(one.page.fetched for one in group) >= GROUP_RECORDS or time.monotonic() - since > GROUP_SECONDS:
                yield group, False
                group, since = [], time.monotonic()
    except Exception:
        # what came before the trouble is kept, or a vendor that fails early each time would never be read
        if group:
            yield group, False
        raise
    yield group, True
