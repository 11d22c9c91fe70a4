"""Rows as CSV or JSON lines, safe for whoever opens them in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from itertools import chain, islice
from typing import IO, Any

import orjson

Rows = Iterable[Mapping[str, Any]]

GUARD = "'"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\x00")


def write_jsonl(rows: Rows, file: IO[str]) -> int:
    """One JSON document a line; how many."""
    count = 0
    for row in rows:
        file.write(orjson.dumps(row).decode() + "\n")
        count += 1
    return count


def write_csv(rows: Rows, file: IO[str]) -> int:
    """Columns of the first hundred rows; a nested value becomes JSON text. How many rows."""
    rows = iter(rows)
    first = list(islice(rows, 100))
    columns = list(dict.fromkeys(name for row in first for name in row))
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for row in chain(first, rows):
        writer.writerow([cell(row.get(name)) for name in columns])
        count += 1
    return count


def cell(value: Any) -> str:
    """One CSV cell; text that a spreadsheet would run as a formula begins with an apostrophe.

    So does text that would look guarded already: `plain` gives every text back as it was.
    """
    if value is None:
        return ""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return GUARD + text if _needs_guard(text) else text


def plain(text: str) -> str:
    """The text that a cell was made of."""
    return text[1:] if text.startswith(GUARD) and _needs_guard(text) else text


def _needs_guard(text: str) -> bool:
    return text.lstrip(GUARD).startswith(FORMULA_STARTS)
