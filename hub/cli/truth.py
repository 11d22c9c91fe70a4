"""Reads labels: a CSV file that says which person each record is, checked line by line before anything is compared."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hub.queries.cells import plain
from hub.queries.evaluate import RecordKey

COLUMNS = ("connection", "stream", "external_id", "person")
MOST_TOLD = 10


class BadTruth(Exception):
    """The file cannot be used; the message lists what is wrong, line by line, every line of it once."""


@dataclass(slots=True)
class Labels:
    """The person of each record, and the line of the file that says so."""

    persons: dict[RecordKey, str] = field(default_factory=dict)
    lines: dict[RecordKey, int] = field(default_factory=dict)


def read_truth(path: Path) -> Labels:
    """Read TRUTH.csv: UTF-8, a header, at least the four columns. Raises BadTruth and OSError."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadTruth(f"{path} is not UTF-8 (byte {error.start + 1}); save it as CSV UTF-8") from None
    rows = _rows(text, path)
    _, header = next(rows, (0, []))
    places = _places([name.strip() for name in header], path)
    labels, problems = Labels(), []
    for line, row in rows:
        if problem := _take(labels, line, row, places, len(header)):
            problems.append(f"line {line}: {problem}")
    if problems:
        raise BadTruth(f"{path}: {told(problems)}")
    if not labels.persons:
        raise BadTruth(f"{path} has no labelled record below its header")
    return labels


def told(problems: list[str]) -> str:
    """Some of the problems one a line, and how many there are more."""
    more = [f"and {len(problems) - MOST_TOLD} more"] if len(problems) > MOST_TOLD else []
    return "\n  ".join(["", *problems[:MOST_TOLD], *more])


def _rows(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, with the number of the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise BadTruth(f"{path}: line {line} is not CSV: {error}") from None
        if row is None:
            return
        if row:
            yield line, row


def _places(header: list[str], path: Path) -> list[int]:
    if not any(header):
        raise BadTruth(f"{path} is empty; its first line must name the columns {', '.join(COLUMNS)}")
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise BadTruth(
            f"{path} has no column {', '.join(missing)}; its first line says {', '.join(header)} "
            "(columns are parted by commas)"
        )
    twice = [name for name in COLUMNS if header.count(name) > 1]
    if twice:
        raise BadTruth(f"{path} has the column {', '.join(twice)} more than once")
    return [header.index(name) for name in COLUMNS]


def _take(labels: Labels, line: int, row: list[str], places: list[int], width: int) -> str:
    """Add one row to the labels; what is wrong with it, or nothing."""
    if len(row) != width:
        return f"{len(row)} values, but the header names {width} columns"
    connection, stream, external_id, person = (plain(row[place]) for place in places)
    said = dict(zip(COLUMNS, (connection, stream, external_id, person.strip()), strict=True))
    if empty := [name for name, value in said.items() if not value]:
        return f"{', '.join(empty)} is empty"
    key = (connection, stream, external_id)
    if key in labels.persons:
        return f"{':'.join(key)} was labelled on line {labels.lines[key]} already"
    labels.persons[key], labels.lines[key] = said["person"], line
    return ""
