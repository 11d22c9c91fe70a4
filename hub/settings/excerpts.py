"""The line of the file beside a problem, with everything hidden in it that is, or may be, a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from hub.settings.document import Document
from hub.settings.problems import Problem

BULLET = "•"
WIDTH = 88

_PASSWORD_IN_URL = re.compile(r"(?<=://)[^\s/@\"']+(?=@)")
_QUERY_VALUE = re.compile(r"(?<=[?&])([A-Za-z_.-]+=)([^&\s\"']+)")
_KEY = re.compile(r"(^|[\s{,\[-])([A-Za-z_-]{1,24})(?=\s*:(\s|$))")


def with_excerpts(problems: Iterable[Problem], documents: Iterable[Document], secrets: Iterable[str]) -> list[Problem]:
    """Give each problem its line, and take every one of `secrets` out of all its texts."""
    by_file: Mapping[str, Document] = {document.shown: document for document in documents}
    hide = sorted({s for secret in secrets for s in (secret, secret.strip()) if len(s) >= 4}, key=len, reverse=True)
    return [_clean(_with_excerpt(problem, by_file.get(problem.file)), hide) for problem in problems]


def _with_excerpt(problem: Problem, document: Document | None) -> Problem:
    if document is None or not problem.width or problem.line > len(document.lines):
        return problem
    line = safe_line(document, problem.line)
    if not line.strip() or problem.column > len(line) + 1:
        return problem
    line, shift = _crop(line, problem.column)
    return replace(problem, excerpt=line, shift=shift)


def safe_line(document: Document, number: int) -> str:
    """One line of the file, as long as it was up to a comment, with bullets over what must not be seen."""
    line = document.lines[number - 1]
    if document.unreadable:
        return _only_keys(line)
    start = document.ends.get(number, 1) - 1
    comment = line.find("#", start)
    line = line[:comment].rstrip() if comment >= 0 else line
    for mark in document.hidden:
        if mark.line <= number <= mark.end_line:
            left = mark.column - 1 if number == mark.line else 0
            right = mark.end_column - 1 if number == mark.end_line else len(line)
            line = line[:left] + BULLET * max(0, min(right, len(line)) - left) + line[right:]
    line = _PASSWORD_IN_URL.sub(lambda m: BULLET * len(m[0]), line)
    line = _QUERY_VALUE.sub(lambda m: m[1] + BULLET * len(m[2]), line)
    return _printable(line)


def _only_keys(line: str) -> str:
    """Of a file that is no YAML nobody can tell which word is a secret: signs and short keys of letters stay."""
    line = line.split(" #")[0].rstrip()
    keys = [match.span(2) for match in _KEY.finditer(line)]
    kept = {at for left, right in keys for at in range(left, right)}
    return _printable("".join(c if at in kept or not c.isalnum() else BULLET for at, c in enumerate(line)))


def _crop(line: str, column: int) -> tuple[str, int]:
    """At most WIDTH columns of the line around the column, and how many were cut off on the left."""
    shift = max(0, column - WIDTH // 2) if column > WIDTH - 12 else 0
    cut = line[shift : shift + WIDTH]
    if shift:
        cut = "…" + cut[1:]
    return (cut if shift + WIDTH >= len(line) else cut[:-1] + "…"), shift


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() else " " if c == "\t" else "?" for c in line)


def _clean(problem: Problem, secrets: list[str]) -> Problem:
    def clean(text: str, same_length: bool = False) -> str:
        for secret in secrets:
            text = text.replace(secret, BULLET * (len(secret) if same_length else 4))
        return text

    return replace(
        problem,
        message=clean(_printable(problem.message)),
        hint=clean(_printable(problem.hint)),
        fix=clean(_printable(problem.fix)),
        excerpt=clean(problem.excerpt, same_length=True),
    )
