"""Writes rows as CSV, JSON lines or Parquet, safely for whoever opens them in a spreadsheet."""

from __future__ import annotations

import csv
import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import orjson


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


class MissingParquet(Exception):
    """The optional library for Parquet is not installed, or there is no file to write it to."""


Rows = Iterable[Mapping[str, Any]]

GUARD = "'"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\x00")


def write_rows(rows: Rows, form: Format, out: Path | None) -> int:
    """Write all rows; how many. A file appears whole or not at all. Raises MissingParquet."""
    if form is Format.PARQUET:
        return _write_parquet(rows, out)
    with opened(out) as file:
        return _write_csv(rows, file) if form is Format.CSV else _write_jsonl(rows, file)


@contextmanager
def opened(out: Path | None) -> Iterator[IO[str]]:
    """A file that appears whole or not at all, for its owner alone; stdout without a name."""
    if out is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    part = out.with_name(out.name + ".part")
    with os.fdopen(
        os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline=""
    ) as file:
        yield file
    part.replace(out)


def _write_jsonl(rows: Rows, file: IO[str]) -> int:
    count = 0
    for row in rows:
        file.write(orjson.dumps(row).decode() + "\n")
        count += 1
    return count


def _write_csv(rows: Rows, file: IO[str]) -> int:
    """Columns of the first hundred rows; a nested value becomes JSON text."""
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


def _write_parquet(rows: Rows, out: Path | None) -> int:
    if out is None:
        raise MissingParquet("Parquet needs a file: add --out FILE.parquet")
    try:
        arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise MissingParquet("Parquet needs pyarrow: pip install 'contact-hub[parquet]'") from None
    columns = [{name: _flat(value) for name, value in row.items()} for row in rows]
    parquet.write_table(arrow.Table.from_pylist(columns), out)
    return len(columns)


def _flat(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
