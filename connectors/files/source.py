"""The files source: pulls every row of new and changed files, page by page, and can stop anywhere."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, ClassVar

from connectors.files.config import FilesConfig
from connectors.files.disk import Found, Snapshot, find, snapshot, start_folder
from connectors.files.ids import IdOf
from connectors.files.read import read, sample
from connectors.kit.base import Cursor, Finding, Page, Record, Reject, Source, Stream, utc_now
from connectors.kit.errors import BadPayload

PAGE_ROWS = 1000
PAGE_SIZE = 8 << 20
"""Characters after which a page ends early, so that long rows do not fill the memory."""

SETTLED = timedelta(seconds=2)
"""A file changed later than this may change again without its time moving: clocks of file systems are coarse."""


class FilesSource(Source):
    """Reads what matches `path`. The cursor's `seen` says of each file what was read of it:

    {name: {"sha256", "size", "mtime_ns", "rows": landed so far, "done": bool, "read_as": hash of the settings}}
    """

    any_stream: ClassVar[bool] = True
    """Streams have the names that the operator gives them; each of them reads all matching files."""

    def __init__(self, config: FilesConfig, now: Callable[[], datetime] = utc_now) -> None:
        self._config = config
        self._now = now

    def check(self) -> Iterator[Finding]:
        found = find(self._config.path)
        yield self._reach(found)
        if found:
            yield self._sample(found[-1])

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """Pages of the files that changed, the file changed longest ago first.

        A file without a usable header does not hold back the others: its BadPayload is raised after them.
        """
        found = find(self._config.path)
        before = cursor or Cursor()
        seen = {file.name: before.seen[file.name] for file in found if file.name in before.seen}
        broken: list[BadPayload] = []
        for file in found:
            try:
                for page in self._pull_file(file, stream, before.model_copy(update={"seen": seen})):
                    seen = page.cursor.seen
                    yield page
            except BadPayload as error:
                broken.append(error)
        if broken:
            raise broken[0]

    def _pull_file(self, file: Found, stream: Stream, cursor: Cursor) -> Iterator[Page]:
        id_of = IdOf(self._config.ids.get(stream.name))
        before = cursor.seen.get(file.name, {})
        read_as = self._read_as(id_of)
        if before.get("read_as") == read_as and _untouched(file, before):
            return
        with snapshot(file) as copy:
            if copy is None:
                return
            entry = self._entry(copy, read_as)
            same = before.get("read_as") == read_as and before.get("sha256") == copy.sha256
            if same and before["done"]:
                yield Page((), _with(cursor, file.name, {**entry, "rows": before["rows"], "done": True}))
                return
            with closing(read(copy, self._config, id_of)) as rows:
                yield from _pages(rows, cursor, file.name, entry, before["rows"] if same else 0)

    def _entry(self, copy: Snapshot, read_as: str) -> dict[str, Any]:
        age = self._now().timestamp() - copy.mtime_ns / 1e9
        trusted = age > SETTLED.total_seconds()
        return {
            "sha256": copy.sha256,
            "size": copy.size,
            "mtime_ns": copy.mtime_ns if trusted else 0,
            "read_as": read_as,
        }

    def _read_as(self, id_of: IdOf) -> str:
        """Settings that make other records of the same bytes: when they change, files are read again."""
        config = self._config
        settings = json.dumps([config.format, config.encoding, config.delimiter, id_of.setting])
        return hashlib.sha256(settings.encode()).hexdigest()[:16]

    def _reach(self, found: list[Found]) -> Finding:
        folder = start_folder(self._config.path)
        if not folder.is_dir():
            return Finding("reach", False, f"there is no folder {folder}; make it, or correct `path:`")
        if not found:
            return Finding("reach", False, f"no file matches {self._config.path}; put one there, or correct `path:`")
        return Finding("reach", True, f"{len(found)} files")

    def _sample(self, found: Found) -> Finding:
        try:
            columns = sample(found, self._config)
        except BadPayload as error:
            return Finding("sample", False, str(error))
        except OSError as error:
            return Finding("sample", False, f"{found.name} cannot be read: {error.strerror}")
        wanted = {name: IdOf(setting).column for name, setting in self._config.ids.items()}
        for stream, column in wanted.items():
            if column and column not in columns:
                return Finding("sample", False, f"{found.name} has no column {column!r}, the id of stream {stream}")
        return Finding("sample", True, f"{found.name} has the columns {', '.join(columns)}")


def _untouched(file: Found, before: dict[str, Any]) -> bool:
    return bool(before.get("done")) and (before["size"], before["mtime_ns"]) == (file.size, file.mtime_ns)


def _pages(
    rows: Iterator[Record | Reject], cursor: Cursor, name: str, entry: dict[str, Any], landed: int
) -> Iterator[Page]:
    """Pages of the rows after the first `landed` ones; the last page, and only that, says that the file is done."""
    deque(islice(rows, landed), maxlen=0)
    done = False
    while not done:
        page, done = _next_page(rows)
        landed += len(page)
        yield Page(
            records=tuple(row for row in page if isinstance(row, Record)),
            rejects=tuple(row for row in page if isinstance(row, Reject)),
            cursor=_with(cursor, name, {**entry, "rows": landed, "done": done}),
        )


def _next_page(rows: Iterator[Record | Reject]) -> tuple[list[Record | Reject], bool]:
    page: list[Record | Reject] = []
    size = 0
    for row in rows:
        page.append(row)
        size += _size(row)
        if len(page) >= PAGE_ROWS or size >= PAGE_SIZE:
            return page, False
    return page, True


def _size(row: Record | Reject) -> int:
    if isinstance(row, Reject):
        return len(row.raw)
    return sum(len(value) if isinstance(value, str) else len(repr(value)) for value in row.data.values())


def _with(cursor: Cursor, name: str, entry: dict[str, Any]) -> Cursor:
    return cursor.model_copy(update={"seen": {**cursor.seen, name: entry}})
