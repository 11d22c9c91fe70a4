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
from hub.settings.settings import ConnectionStream
from hub.stages import runs
from hub.stages.evidence import Rules
from hub.stages.intake import take_in_evidence
from hub.stages.land import Arrival, Landing, arrivals, known_hashes, land, vanish
from hub.stages.map import map_changes, map_waiting, remap
from hub.stages.place import Place
from hub.stages.prefetch import Prefetched
from hub.stages.quarantine import keep_rejects
from hub.stages.runs import Buckets
from hub.store.engine import Store
from hub.store.leases import Held, renew
from mapping.models import Mapped

GROUP_RECORDS = 2_000
GROUP_SECONDS = 1.0
REMAP_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asked of this run: everything again, from a time on, or only so many records."""

    full: bool = False
    since: datetime | None = None
    limit: int | None = None
    dry_run: bool = False


@dataclass(slots=True)
class Pull:
    """One stream's run: who pulls, from where, under which lease. `progress` hears the buckets after each commit."""

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
    gone: int = 0
    complete: bool = False

    def run(self) -> None:
        """Pull to the end. Raises the connector's errors, LeaseLost, and what the store raises."""
        self._remap_if_changed()
        started = datetime.now(UTC)
        with self.store.read() as db:
            saved = runs.cursor_of(db, self.place)
        keep_back = self.wish.full and saved is not None
        last: Cursor | None = None
        with Prefetched(lambda: self.source.pull(self.stream.stream, self._start(saved))) as pages:
            for group, complete in _groups(pages, self.wish.limit, self.asked_to_stop):
                if group:
                    last = group[-1].cursor
                    self._commit(group, None if keep_back else last)
                if complete:
                    self.complete = True
                    self._finish(started, last if keep_back else None)

    def _start(self, saved: Cursor | None) -> Cursor | None:
        if self.wish.since is not None:
            return Cursor(position=self.wish.since)
        return None if self.wish.full else saved

    def _remap_if_changed(self) -> None:
        with self.store.read() as db:
            known = runs.state_of(db, self.place).get("mapping")
        fingerprint = self.stream.mapper.fingerprint
        if known != fingerprint and not self.wish.dry_run:
            self.store.write(lambda db: self._begin_remap(db, fingerprint))
        while not self.wish.dry_run and self.store.write(self._map_some) == REMAP_CHUNK:
            pass

    def _begin_remap(self, db: Connection, fingerprint: str) -> None:
        renew(db, self.held)
        remap(db, self.place)
        runs.save_mapping(db, self.place, fingerprint)

    def _map_some(self, db: Connection) -> int:
        renew(db, self.held)
        return map_waiting(db, self.place, self.stream.mapper, REMAP_CHUNK, self.rules)

    def _commit(self, group: list[Page], cursor: Cursor | None) -> None:
        arriving, rejects = arrivals(record for page in group for record in page.records)
        rejects += (reject for page in group for reject in page.rejects)
        mapped = self._map_ahead(arriving)
        if self.wish.dry_run:
            self.store.write(lambda db: renew(db, self.held))  # the group's own is rolled back with it
        counted = self.store.write(lambda db: self._store_group(db, group, arriving, rejects, mapped, cursor))
        self.buckets += counted
        self.progress(self.buckets, group[-1].total)

    def _map_ahead(self, arriving: list[Arrival]) -> dict[str, Mapped]:
        """Map outside the transaction what looks new; by content hash."""
        with self.store.read() as db:
            known = known_hashes(db, self.place, arriving)
        mapper = self.stream.mapper
        return {
            arrival.content_hash: mapper(arrival.record.data)
            for arrival in arriving
            if not arrival.record.deleted and known.get(arrival.record.id) != arrival.content_hash
        }

    def _store_group(
        self,
        db: Connection,
        group: list[Page],
        arriving: list[Arrival],
        rejects: list[Reject],
        mapped: dict[str, Mapped],
        cursor: Cursor | None,
    ) -> Buckets:
        renew(db, self.held)
        now = datetime.now(UTC)
        landing = land(db, self.place, arriving, now)
        counted = self._map(db, landing, arriving, mapped)
        take_in_evidence(db, self.place, self.stream, self.rules, landing, arriving, mapped, now, rejects)
        new, repeated = keep_rejects(db, self.place, rejects, now)
        counted.quarantined += new
        counted.unchanged += repeated
        counted.fetched = sum(page.fetched for page in group)
        total = replace(self.buckets)
        total += counted
        runs.count(db, self.run_id, total)
        if cursor is not None and self.wish.since is None:
            runs.save_cursor(db, self.place, cursor)
        if self.wish.dry_run:
            db.rollback()
        return counted

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

    def _finish(self, started: datetime, cursor: Cursor | None) -> None:
        """What only a pull that reached the end may do: move a held-back cursor, and note what vanished."""
        if self.wish.dry_run:
            return
        self.store.write(lambda db: self._note_end(db, started, cursor))

    def _note_end(self, db: Connection, started: datetime, cursor: Cursor | None) -> None:
        renew(db, self.held)
        if cursor is not None:
            runs.save_cursor(db, self.place, cursor)
        if self.stream.stream.snapshot and self.wish.since is None:
            gone = vanish(db, self.place, started, datetime.now(UTC))
            map_changes(db, self.place, gone.changes, {})
            self.gone = len(gone.changes)


def _groups(
    pages: Iterator[Page], limit: int | None, asked_to_stop: Callable[[], bool]
) -> Iterator[tuple[list[Page], bool]]:
    """Collect pages into groups worth a commit. The flag says that the source has been read to its end."""
    group: list[Page] = []
    since, fetched = time.monotonic(), 0
    try:
        for page in pages:
            group.append(page)
            fetched += page.fetched
            if asked_to_stop() or (limit is not None and fetched >= limit):
                yield group, False
                return
            if sum(one.fetched for one in group) >= GROUP_RECORDS or time.monotonic() - since > GROUP_SECONDS:
                yield group, False
                group, since = [], time.monotonic()
    except Exception:
        # what came before the trouble is kept, or a vendor that fails early each time would never be read
        if group:
            yield group, False
        raise
    yield group, True
