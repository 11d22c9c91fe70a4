"""What every format makes of a file: rows that can be used, and rows that cannot, each with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REPLACED = "�"
"""What stands for bytes that the encoding does not know. A row with it is never used: a name would be wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """`line` is where the row begins, 1 being the first of the file; `raw` is its text with the line end."""

    line: int
    raw: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no record, and why, in words that hold nothing of its content."""

    line: int
    raw: str
    reason: str


def misencoded(line: int, raw: str, encoding: str) -> BadRow:
    return BadRow(line, raw, f"holds bytes that are no {encoding}; set `encoding:` or have the file written anew")
