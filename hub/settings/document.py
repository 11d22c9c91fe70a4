"""One configuration file as it was read: plain values, the place of each, and what was found wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.settings.problems import Problem

Loc = tuple[str | int, ...]
"""A place in a file: ("streams", "customers", "every")."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something stands: lines and columns from 1, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def width(self) -> int:
        """How many columns to underline on the first line; 1 where it goes on below."""
        return max(1, self.end_column - self.column) if self.end_line == self.line else 1


@dataclass(slots=True)
class Document:
    """One file. `data` is None when the file says nothing or could not be read (then `unreadable`).

    `broken` holds places whose value was refused: `data` has None there, and nothing more should be said about them.
    `hidden` holds spans of the text that no excerpt may show. A scalar's place may come twice in `scalars`.
    """

    path: Path
    shown: str
    lines: list[str] = field(default_factory=list)
    data: Any = None
    marks: dict[Loc, Mark] = field(default_factory=dict)
    key_marks: dict[Loc, Mark] = field(default_factory=dict)
    scalars: list[tuple[Loc, Mark, str]] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)
    broken: set[Loc] = field(default_factory=set)
    hidden: list[Mark] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unreadable: bool = False

    def mark(self, loc: Loc, *, key: bool = False) -> Mark:
        """The place of `loc`, or of the nearest thing above it that is written in the file."""
        while loc:
            if key and loc in self.key_marks:
                return self.key_marks[loc]
            if loc in self.marks:
                return self.marks[loc]
            loc, key = loc[:-1], True
        return self.marks.get((), Mark(1, 1, 1, 1))

    def is_broken(self, loc: Loc) -> bool:
        return any(loc[:depth] in self.broken for depth in range(len(loc) + 1))

    def has_problem(self, mark: Mark) -> bool:
        return any((problem.line, problem.column) == (mark.line, mark.column) for problem in self.problems)

    def has_errors(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

    def where(self, loc: Loc) -> str:
        return f"{self.shown}:{self.mark(loc).line}"

    def add(
        self,
        code: str,
        message: str,
        loc: Loc = (),
        *,
        key: bool = False,
        hint: str = "",
        fix: str = "",
        at: Mark | None = None,
        excerpt: bool = True,
        severity: str = "error",
    ) -> None:
        mark = at or self.mark(loc, key=key)
        width = mark.width if excerpt else 0
        fix = fix or REMEDIES.get(code, "")
        problem = Problem(self.shown, mark.line, mark.column, code, message, hint, fix, width, severity=severity)
        if problem not in self.problems:
            self.problems.append(problem)


REMEDIES = {
    "HUB-C005": "write the kind of value that the message names",
    "HUB-C022": "write a column's title, or a JMESPath expression such as customer.email",
    "HUB-C024": 'write minute, hour, day, month and weekday: "0 2 * * *" is daily at two',
}
"""What to do about codes whose problems differ in what is wrong, not in the remedy."""


def leaves(data: Any, loc: Loc = ()) -> Iterator[tuple[Loc, Any]]:
    """Every scalar and every empty mapping or list below `data`, with its place."""
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    if not children:
        yield loc, data
        return
    for key, child in children:
        yield from leaves(child, (*loc, key))
