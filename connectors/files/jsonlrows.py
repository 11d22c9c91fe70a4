"""Rows of a JSONL file: one object a line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn, TextIO

from connectors.files.lines import MAX_ROW, Lines, RowTooLongError
from connectors.files.rows import REPLACED, BadRow, Row, misencoded

MAX_DEPTH = 64


def jsonl_rows(text: TextIO, encoding: str) -> Iterator[Row | BadRow]:
    """Every line that is not blank, as a Row when it is one JSON object, else as a BadRow."""
    lines = Lines(text)
    while True:
        lines.begin()
        try:
            line = next(lines)
        except StopIteration:
            return
        except RowTooLongError:
            yield BadRow(lines.first, lines.raw, f"is longer than {MAX_ROW:,} characters")
            continue
        if line.strip():
            yield _row(lines.first, line, encoding)


def _row(number: int, line: str, encoding: str) -> Row | BadRow:
    if REPLACED in line:
        return misencoded(number, line, encoding)
    try:
        value = json.loads(line, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        return BadRow(number, line, "is nested too deeply")
    except ValueError:
        return BadRow(number, line, "is no JSON")
    if not isinstance(value, dict):
        return BadRow(number, line, "is JSON, but no object")
    if _deeper_than(value, MAX_DEPTH):
        return BadRow(number, line, "is nested too deeply")
    return Row(number, line, value)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError("out of range")
    return number


def _deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [child for each in level for child in _children(each)]
        if not level:
            return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
