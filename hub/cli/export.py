"""Writes rows as CSV, JSON lines or Parquet, safely for whoever opens them in a spreadsheet."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

import orjson

from hub.queries.cells import Rows, write_csv, write_jsonl


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


class MissingParquet(Exception):
    """The optional library for Parquet is not installed, or there is no file to write it to."""


def write_rows(rows: Rows, form: Format, out: Path | None) -> int:
    """Write all rows; how many. A file appears whole or not at all. Raises MissingParquet."""
    if form is Format.PARQUET:
        return _write_parquet(rows, out)
    with opened(out) as file:
        return write_csv(rows, file) if form is Format.CSV else write_jsonl(rows, file)


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
