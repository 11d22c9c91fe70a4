"""Reads one YAML file into a Document. Whatever the file holds, nothing is raised: its `problems` tell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from hub.settings.compose import MAX_DEPTH, Composer, TooDeepError
from hub.settings.document import Document, Mark

__all__ = ["Document", "load_document"]

MAX_BYTES: Final = 1_000_000

_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def load_document(path: Path, shown: str | None = None) -> Document:
    """Read one file. Raises nothing for what the file says: the document's `problems` tell."""
    document = Document(path, shown or path.as_posix())
    text = _text(document)
    if text is None:
        document.unreadable = True
        return document
    document.lines = _LINE_END.split(text)
    try:
        Composer(document).compose(text)
    except YAMLError as error:
        _tell_syntax(document, error)
    except TooDeepError as error:
        document.add("HUB-C002", f"the file is nested deeper than {MAX_DEPTH} levels", at=error.mark, excerpt=False)
        document.unreadable = True
    if document.unreadable:
        document.data = None
    return document


def _text(document: Document) -> str | None:
    try:
        with document.path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        document.add("HUB-C002", f"the file cannot be read: {error.strerror}", excerpt=False)
        return None
    if len(raw) > MAX_BYTES:
        fix = "keep data out of the configuration"
        document.add("HUB-C003", "the file is larger than 1 MB", excerpt=False, fix=fix)
        return None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        mark = Mark(line, 1, line, 1)
        document.add("HUB-C002", "the file is not UTF-8 text", at=mark, excerpt=False, fix="save it as UTF-8")
        return None


def _tell_syntax(document: Document, error: YAMLError) -> None:
    """A file that cannot be parsed: one problem. The parser's own words may quote the file, so quotes are cut."""
    document.unreadable = True
    mark = Mark(1, 1, 1, 1)
    words = "it holds characters that YAML does not allow"
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        at = error.problem_mark
        mark = Mark(at.line + 1, at.column + 1, at.line + 1, at.column + 2)
        words = _QUOTED.sub(lambda m: m[0] if len(m[0]) <= 4 or "<" in m[0] else "something", error.problem or "")
    elif (position := getattr(error, "position", None)) is not None:
        before = "\n".join(document.lines)[: int(position)]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        mark = Mark(line, column, line, column + 1)
    hint = "indent with spaces, not tabs" if "\\t" in words else "look for a missing quote, bracket or colon near here"
    document.add("HUB-C002", f"this is not YAML: {words}", at=mark, hint=hint)
