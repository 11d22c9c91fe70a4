"""Rows of a CSV file: header, delimiter, quoted line breaks, and going on after a row that cannot be read."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

from connectors.files.lines import MAX_ROW, Lines, RowTooLongError
from connectors.files.rows import REPLACED, BadRow, Row, misencoded
from connectors.kit.errors import BadPayload

DELIMITERS = (",", ";", "\t", "|")
MAX_FIELD = 1 << 20


class CsvFile:
    """One CSV text; `titles` are the columns' names, blank for a column without one.

    Raises BadPayload when there is no usable header: nothing of such a file can be trusted.
    """

    def __init__(self, text: TextIO, name: str, encoding: str, delimiter: str | None = None) -> None:
        # The limit is one number for the whole process; ours is above the default, so nobody else gets less.
        csv.field_size_limit(MAX_FIELD)
        self._lines = Lines(text)
        self._encoding = encoding
        self._delimiter = delimiter or ","
        self.titles: list[str] = []
        try:
            self._read_header(name, delimiter)
        except (csv.Error, RowTooLongError) as error:
            raise BadPayload(f"{name}: its first line is no CSV header") from error

    def _read_header(self, name: str, delimiter: str | None) -> None:
        if not self._skip_blank_lines():
            return
        self._delimiter = delimiter or sniff(self._lines.raw)
        self.titles = [title.strip() for title in next(csv.reader(self._again(), delimiter=self._delimiter))]
        if REPLACED in self._lines.raw:
            raise BadPayload(f"{name}: the header holds bytes that are no {self._encoding}; set `encoding:`")
        named = [title for title in self.titles if title]
        twice = sorted({title for title in named if named.count(title) > 1})
        if twice:
            raise BadPayload(f"{name}: there are several columns {twice[0]!r}; rename all but one of them")

    def _skip_blank_lines(self) -> bool:
        """Take lines up to the first that is not blank; False when there is none."""
        self._lines.begin()
        for line in self._lines:
            if line.strip():
                return True
            self._lines.begin()
        return False

    def _again(self) -> Iterator[str]:
        yield from self._lines.taken[:1]
        yield from self._lines

    def rows(self) -> Iterator[Row | BadRow]:
        """Every row that is not blank. A row that cannot be read costs its first line only.

        So a quote that is never closed does not swallow the people below it.
        """
        reader = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
        while True:
            self._lines.begin()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, RowTooLongError) as error:
                self._lines.keep_first()
                yield BadRow(self._lines.first, self._lines.raw, _reason(error))
                continue
            if any(cell.strip() for cell in cells):
                yield self._row(cells)

    def _row(self, cells: list[str]) -> Row | BadRow:
        line, raw = self._lines.first, self._lines.raw
        if REPLACED in raw:
            return misencoded(line, raw, self._encoding)
        if len(cells) != len(self.titles):
            return BadRow(line, raw, f"has {len(cells)} cells where the header has {len(self.titles)}")
        return Row(line, raw, {title: cell for title, cell in zip(self.titles, cells, strict=True) if title})


def sniff(header: str) -> str:
    """The delimiter that is most often in the header, outside quotes; a comma when there is none."""
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _reason(error: csv.Error | RowTooLongError) -> str:
    if isinstance(error, RowTooLongError):
        return f"is longer than {MAX_ROW:,} characters"
    if "field larger" in str(error):
        return f"holds a cell of more than {MAX_FIELD:,} characters, or a quote that is never closed"
    return "has a quote that does not open or close a cell"
