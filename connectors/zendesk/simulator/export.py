"""The order of the incremental export: by `generated_timestamp`, which any change moves, also one that nobody sees."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right, insort
from dataclasses import dataclass

Key = tuple[int, int, int]
"""Generated timestamp (unix seconds), the change's number, and the record's id."""

LAST = 10**15


@dataclass(frozen=True, slots=True)
class Slice:
    """One page: record ids with their generated timestamps, the cursor after them, and whether more can be seen."""

    rows: list[tuple[int, int]]
    cursor: str
    at_end: bool


class ExportLog:
    """Where each record stands in the export of its stream. A record stands only where its last change put it."""

    def __init__(self) -> None:
        self._keys: list[Key] = []
        self._latest: dict[int, Key] = {}
        self._changes = 0

    def touch(self, record_id: int, generated: int) -> None:
        self._changes += 1
        key = (generated, self._changes, record_id)
        insort(self._keys, key)
        self._latest[record_id] = key
        if len(self._keys) > 2 * len(self._latest) + 1000:
            self._keys = sorted(self._latest.values())

    def page(self, cursor: str, *, until: int, count: int, repeats: int) -> Slice:
        """The next `count` records that changed up to `until`, and before them some that were sent already.

        Raises ValueError for what is no cursor of ours.
        """
        place = _decoded(cursor)
        start = bisect_right(self._keys, (*place, LAST))
        fresh, at_end = self._fresh(start, until, count)
        rows = self._before(start, min(repeats, count - 1)) + fresh
        end = encoded(fresh[-1][0], fresh[-1][1]) if fresh else cursor
        return Slice([(key[2], key[0]) for key in rows], end, at_end)

    def _fresh(self, start: int, until: int, count: int) -> tuple[list[Key], bool]:
        found: list[Key] = []
        for at in range(start, len(self._keys)):
            key = self._keys[at]
            if key[0] > until:
                break
            if self._latest[key[2]] == key:
                if len(found) == count:
                    return found, False
                found.append(key)
        return found, True

    def _before(self, start: int, count: int) -> list[Key]:
        found: list[Key] = []
        for at in range(start - 1, -1, -1):
            if len(found) >= count:
                break
            if self._latest[self._keys[at][2]] == self._keys[at]:
                found.append(self._keys[at])
        return found[::-1]


def encoded(generated: int, change: int) -> str:
    return base64.b64encode(f"{generated}.0||{change}".encode()).decode()


def start_cursor(start_time: int) -> str:
    """Everything generated at that second or later."""
    return encoded(start_time - 1, LAST)


def _decoded(cursor: str) -> tuple[int, int]:
    try:
        generated, _, change = base64.b64decode(cursor, validate=True).decode().partition(".0||")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("no cursor") from error
    return int(generated), int(change)
