"""Physical lines of a text, counted and bounded, that can be given back when a row turns out to be broken."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TextIO

MAX_ROW = 8 << 20
"""Characters that one row may have; no file can make us hold more than a few of these."""

KEPT_OF_LONG = 64 << 10


class RowTooLongError(Exception):
    """The row has more than MAX_ROW characters; its lines are taken, reading can go on."""


class _Cut(str):
    """The beginning of a line that was too long; the rest of it is gone."""


class Lines(Iterator[str]):
    """Lines with their ends. `taken` holds those since `begin()`, the first of them is line number `first`."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._given_back: deque[str] = deque()
        self._number = 0
        self.taken: list[str] = []
        self._taken_size = 0

    @property
    def first(self) -> int:
        return self._number - len(self.taken) + 1

    @property
    def raw(self) -> str:
        return "".join(self.taken)

    def begin(self) -> None:
        """A new row starts with the next line."""
        self.taken = []
        self._taken_size = 0

    def keep_first(self) -> None:
        """Give back all taken lines but the first, to be read again."""
        rest = self.taken[1:]
        del self.taken[1:]
        self._given_back.extendleft(reversed(rest))
        self._number -= len(rest)

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else self._read()
        self._number += 1
        self.taken.append(line)
        self._taken_size += len(line)
        if isinstance(line, _Cut) or self._taken_size > MAX_ROW:
            raise RowTooLongError
        return line

    def _read(self) -> str:
        line = self._text.readline(MAX_ROW + 1)
        if not line:
            raise StopIteration
        if len(line) <= MAX_ROW:
            return line
        rest = line
        while rest and rest[-1] not in "\r\n":
            rest = self._text.readline(MAX_ROW)
        return _Cut(line[:KEPT_OF_LONG])
