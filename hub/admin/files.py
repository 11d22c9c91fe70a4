"""Files that a page gives: CSV that is safe in a spreadsheet, and JSON lines as the rows are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from starlette.responses import Response

from hub.queries.cells import cell

TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}


def as_file(name: str, form: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Response:
    """A download called `name` with the ending of its form, csv or jsonl."""
    text = _csv(columns, rows) if form == "csv" else _jsonl(columns, rows)
    told = {"content-disposition": f'attachment; filename="{name}.{form}"'}
    return Response(text, media_type=TYPES[form], headers=told)


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_text(row[name]) for name in columns] for row in rows)
    return out.getvalue()


def _text(value: Any) -> str:
    """A number is no formula, also where a minus stands before it."""
    return str(value) if isinstance(value, int) else cell(value)


def _jsonl(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(orjson.dumps({name: row[name] for name in columns}) + b"\n" for row in rows)
