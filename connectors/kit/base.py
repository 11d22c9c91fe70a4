"""The words every connector is written in: records, pages, cursors, streams, sources.

A connector moves raw records and knows nothing of contacts, stores or mappings.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

RecordKind = Literal["person", "order", "tag", "ticket", "message"]
"""What a stream's records are about; the mapping of the stream declares the fields of that kind."""


class Cursor(BaseModel):
    """A saved position in a stream: everything up to it has been landed.

    `position` is the vendor's own change time of the last landed record (aware UTC), never our clock's.
    `tie` is that record's id, for vendors that can continue inside one instant.
    `seen` is the connector's own bookkeeping (files read so far), JSON values only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    position: datetime | None = None
    tie: str = ""
    seen: dict[str, Any] = {}

    def is_empty(self) -> bool:
        return self.position is None and not self.seen


@dataclass(frozen=True, slots=True)
class Record:
    """One raw record as the vendor sent it.

    `id` is the vendor's id, unique in its stream. `changed_at` is the vendor's change time (aware UTC) or
    None where it gives none. `deleted` marks a tombstone: the vendor said that the record is gone.
    """

    id: str
    data: Mapping[str, Any]
    changed_at: datetime | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be landed because it has no id or is not an object; it goes to quarantine as it came."""

    raw: str
    reason: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What one pull step brought. `cursor` is safe to save once the page's records are landed."""

    records: tuple[Record, ...]
    cursor: Cursor
    rejects: tuple[Reject, ...] = ()
    total: int | None = None
    """How many records the vendor says this pull will bring, for the progress bar; None if it does not say."""

    @property
    def fetched(self) -> int:
        return len(self.records) + len(self.rejects)


@dataclass(frozen=True, slots=True)
class Stream:
    """One collection inside a source.

    `lookback`: how far before the cursor a pull starts again, for changes that surfaced late.
    `lag`: how old a change must be before the vendor surely shows it; the cursor never enters this window.
    `snapshot`: every completed pull lists everything, so that what it does not list is gone.
    `forgets`: the vendor stops listing old records by itself, so that what it does not list may well exist.
    """

    name: str
    record: RecordKind
    lookback: timedelta = timedelta(0)
    lag: timedelta = timedelta(0)
    snapshot: bool = False
    forgets: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `hub check`: what was looked at, whether it is well, and what to do if it is not."""

    subject: Literal["reach", "auth", "scopes", "sample", "clock"]
    ok: bool
    message: str = ""


class Source(ABC):
    """The side of a connector we pull from. One instance serves one run and is not shared between threads."""

    streams: ClassVar[tuple[Stream, ...]] = ()
    """The streams the vendor has, in the order they should be pulled (people before what hangs on people)."""

    @abstractmethod
    def check(self) -> Iterator[Finding]:
        """Look whether the connection can work. Reads only. Raises nothing: what is wrong becomes a finding."""

    @abstractmethod
    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the stream's pages from the cursor on, oldest change first; from the very start without one.

        `stream` carries the lookback in force, which may differ from the declared one.
        Raises the classes of `connectors.kit.errors`, after its own bounded retries.
        """

    def close(self) -> None:  # noqa: B027 - most sources hold nothing open
        """Give back what the source holds open; called once, also after an error."""


def utc_now() -> datetime:
    return datetime.now(UTC)
