"""From the bytes of one file to its records and rejects, and to its column names."""

from __future__ import annotations

import codecs
import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import IO

from connectors.files.config import FilesConfig
from connectors.files.csvrows import CsvFile
from connectors.files.disk import Found, Snapshot, find
from connectors.files.ids import IdOf, NoIdError
from connectors.files.jsonlrows import jsonl_rows
from connectors.files.rows import BadRow, Row
from connectors.kit.base import Record, Reject
from connectors.kit.errors import BadPayload

KEPT_OF_REJECT = 64 << 10
"""Characters of a reject that go to quarantine: enough to see what it was."""


def read(snapshot: Snapshot, config: FilesConfig, id_of: IdOf) -> Generator[Record | Reject, None, None]:
    """Every row of the file, in its order. Raises BadPayload when a CSV file's header cannot be used."""
    for row in _rows(snapshot, config, id_of.column):
        yield _judge(row, snapshot.name, id_of)


def columns(config: FilesConfig) -> frozenset[str] | None:
    """All column names of the CSV files there are now; None when there is no header to read (JSONL, no file)."""
    if config.format != "csv":
        return None
    named = [titles for found in find(config.path) if (titles := _titles(found, config)) is not None]
    return frozenset().union(*named) if named else None


def sample(found: Found, config: FilesConfig) -> list[str]:
    """The columns of a file: a CSV's header, or the keys of a JSONL's first row. Raises BadPayload, OSError."""
    with found.path.open("rb") as file, decoded(file, config.encoding) as (text, encoding):
        if config.format == "csv":
            return [title for title in CsvFile(text, found.name, encoding, config.delimiter).titles if title]
        first = next(jsonl_rows(text, encoding), None)
        if isinstance(first, BadRow):
            raise BadPayload(f"{found.name}:{first.line} {first.reason}")
        return list(first.data) if first else []


@contextmanager
def decoded(file: IO[bytes], encoding: str | None) -> Iterator[tuple[io.TextIOWrapper, str]]:
    """The file as text without its byte order mark, and the name of its encoding. Bad bytes become U+FFFD."""
    start = file.read(4)
    file.seek(0)
    encoding = encoding or _by_mark(start)
    codec = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    text = io.TextIOWrapper(file, encoding=codec, errors="replace", newline="")
    try:
        yield text, encoding
    finally:
        text.detach()


def _by_mark(start: bytes) -> str:
    return "utf-16" if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"


def _rows(snapshot: Snapshot, config: FilesConfig, id_column: str | None) -> Iterator[Row | BadRow]:
    with decoded(snapshot.file, config.encoding) as (text, encoding):
        if config.format == "jsonl":
            yield from jsonl_rows(text, encoding)
            return
        file = CsvFile(text, snapshot.name, encoding, config.delimiter)
        if id_column and file.titles and id_column not in file.titles:
            raise BadPayload(f"{snapshot.name}: there is no column {id_column!r}, which the stream takes as its id")
        yield from file.rows()


def _judge(row: Row | BadRow, name: str, id_of: IdOf) -> Record | Reject:
    if isinstance(row, BadRow):
        return _reject(row, name, row.reason)
    try:
        return Record(id_of(row.data), row.data)
    except NoIdError as error:
        return _reject(row, name, str(error))


def _reject(row: Row | BadRow, name: str, reason: str) -> Reject:
    return Reject(row.raw[:KEPT_OF_REJECT], reason, f"{name}:{row.line}")


def _titles(found: Found, config: FilesConfig) -> list[str] | None:
    try:
        return sample(found, config)
    except (BadPayload, OSError):
        return None
