"""What is wrong with the configuration: one Problem a finding, and the text that a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding at file:line:column (from 1; `file` relative to the root).

    `hint` stands beside the carets, `fix` on a line of its own. `width` is how many columns the carets cover,
    0 for no excerpt. `excerpt` is the file's line with every secret hidden; `shift` the columns cut off its left.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    fix: str = ""
    width: int = 0
    excerpt: str = ""
    shift: int = 0
    severity: str = "error"

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def more(self) -> str:
        return f"docs/errors.md#{self.code.lower()}"

    def as_json(self) -> dict[str, str | int]:
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "fix": "; ".join(part for part in (self.hint, self.fix) if part),
            "more": self.more,
        }


class SettingsError(Exception):
    """The configuration cannot be used. `problems` are all of them, of every file, warnings among them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(count(self.problems))


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By file as the operator looks through them (hub.yaml first), then from top to bottom."""
    return sorted(problems, key=lambda p: (p.file.count("/"), p.file, p.line, p.column, p.code))


def count(problems: Iterable[Problem]) -> str:
    found = list(problems)
    errors = sum(p.severity == "error" for p in found)
    return f"{_many(errors, 'error')}, {_many(len(found) - errors, 'warning')}."


def render(problems: Iterable[Problem]) -> str:
    """The whole report for a configuration that cannot be used, for stderr."""
    found = in_order(problems)
    return "\n".join([*(render_one(problem) for problem in found), f"{count(found)} Nothing was started."])


def render_one(problem: Problem) -> str:
    """One problem: the place, the line with carets below, and what to do."""
    warning = "warning: " if problem.severity == "warning" else ""
    lines = [f"{problem.where}  {problem.code}  {warning}{problem.message}"]
    if problem.excerpt:
        number = str(problem.line)
        margin = " " * (problem.column - 1 - problem.shift)
        carets = "^" * max(1, min(problem.width, len(problem.excerpt) - len(margin)))
        lines.append(f"  {number} | {problem.excerpt}")
        lines.append(f"  {' ' * len(number)} | {margin}{carets} {problem.hint}".rstrip())
    elif problem.hint:
        lines.append(f"  {problem.hint}")
    fix = f"  fix: {problem.fix}" if problem.fix else ""
    lines.append(f"{fix}          more: {problem.more}" if fix else f"  more: {problem.more}")
    return "\n".join(lines)


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
