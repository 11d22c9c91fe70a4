"""Strict YAML 1.2: parser events made into plain values. What is refused becomes a problem, and nothing is expanded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from hub.settings.document import Document, Loc, Mark

MAX_DEPTH: Final = 40

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
_NUMBER_LIKE = re.compile(
    r"[-+]?(0o[0-7]+|0x[0-9a-f]+|[0-9]+|[0-9]*\.?[0-9]+\.?(e[-+]?[0-9]+)?|\.inf|\.nan)", re.IGNORECASE
)


class TooDeepError(Exception):
    """Nested beyond MAX_DEPTH, at `mark`."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark


@dataclass(slots=True)
class _Level:
    """One open mapping or sequence. `key` is the mapping's key that waits for its value."""

    loc: Loc
    node: dict[str, Any] | list[Any]
    key: str | None = None


class Composer:
    """Builds plain values from parser events. Nothing is expanded, so an alias bomb costs no more than its bytes."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.levels: list[_Level] = []
        self.documents = 0
        self.refused: dict[str, list[tuple[Mark, str]]] = {}

    def compose(self, text: str) -> None:
        """Raises YAMLError and TooDeepError."""
        try:
            for event in YAML(typ="base", pure=True).parse(text):
                mark = _mark(event)
                self.document.ends[mark.end_line] = mark.end_column
                self._take(event, mark)
        finally:
            self._tell_refused()

    def _tell_refused(self) -> None:
        """One problem of a kind, at its first place: a bomb has hundreds."""
        for code, found in self.refused.items():
            mark, what = found[0]
            more = f" (and {len(found) - 1} more below)" if len(found) > 1 else ""
            fix = "write the value out in each place" if code == "HUB-C008" else "write the plain value"
            hint = "if the value begins with this sign, put it in quotes"
            self.document.add(code, f"{what} is not allowed{more}", at=mark, hint=hint, fix=fix)

    def _take(self, event: Event, mark: Mark) -> None:
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents == 2:
                self.document.add("HUB-C002", "a second document begins here; one file holds one", at=mark)
        elif self.documents > 1:
            return
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.levels.pop()
        elif isinstance(event, ScalarEvent) and self._awaits_key():
            self._key(event, mark)
        elif isinstance(event, AliasEvent | ScalarEvent | MappingStartEvent | SequenceStartEvent):
            self._value(event, mark)

    def _awaits_key(self) -> bool:
        return bool(self.levels) and isinstance(self.levels[-1].node, dict) and self.levels[-1].key is None

    def _key(self, event: ScalarEvent, mark: Mark) -> None:
        level = self.levels[-1]
        level.key = self._text(event, mark)
        loc = (*level.loc, level.key)
        self._refuse_decoration(event, mark, loc)
        if event.style is None and event.value in ("<<", *_NULL):
            self.document.broken.add(loc)
            if event.value == "<<":
                self.refused.setdefault("HUB-C008", []).append((mark, "a YAML merge (<<)"))
            else:
                self.document.add("HUB-C002", "a key must be text", at=mark, fix="put the key in quotes")
        elif loc in self.document.key_marks:
            first = self.document.key_marks[loc].line
            fix = "remove one of the two; the hub will not guess which one counts"
            message = f"duplicate key '{level.key}', first written in line {first}"
            self.document.add("HUB-C006", message, at=mark, fix=fix)
        self.document.key_marks.setdefault(loc, mark)

    def _value(self, event: Event, mark: Mark) -> None:
        if self._awaits_key():
            self.document.add("HUB-C002", "a key must be text", at=mark, excerpt=False)
            self.levels[-1].key = "?"
        loc = self._next_loc()
        self.document.marks.setdefault(loc, mark)
        refused = self._refuse_decoration(event, mark, loc)
        if isinstance(event, ScalarEvent):
            text = self._text(event, mark, loc)
            self.document.scalars.append((loc, mark, text))
            self._put(None if refused else self._scalar(text, event, mark, loc), loc)
        elif isinstance(event, AliasEvent):
            self._put(None, loc)
        else:
            node: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
            self._put(node, loc)
            if len(self.levels) >= MAX_DEPTH:
                raise TooDeepError(mark)
            self.levels.append(_Level(loc, node))

    def _next_loc(self) -> Loc:
        if not self.levels:
            return ()
        level = self.levels[-1]
        return (*level.loc, level.key if level.key is not None else len(level.node))

    def _put(self, value: Any, loc: Loc) -> None:
        if not self.levels:
            self.document.data = value
            return
        level = self.levels[-1]
        if isinstance(level.node, list):
            level.node.append(value)
        else:
            level.node.setdefault(str(loc[-1]), value)
            level.key = None

    def _refuse_decoration(self, event: Any, mark: Mark, loc: Loc) -> bool:
        """True for an alias, an anchor or a tag. Their names are never shown: `*x` may be a password."""
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, AliasEvent):
            code, what = "HUB-C008", "a YAML alias (*)"
        elif anchor is not None:
            code, what = "HUB-C008", "a YAML anchor (&)"
        elif tag is not None:
            code, what = "HUB-C009", f"a {'python' if 'python' in str(tag) else 'YAML'} tag (!)"
        else:
            return False
        self.document.broken.add(loc)
        sign = Mark(mark.line, mark.column, mark.line, mark.column + 1)
        bracket = 1 if getattr(event, "flow_style", False) else 0
        self.document.hidden.append(Mark(mark.line, mark.column + 1, mark.end_line, mark.end_column - bracket))
        self.refused.setdefault(code, []).append((sign, what))
        return True

    def _text(self, event: ScalarEvent, mark: Mark, loc: Loc | None = None) -> str:
        """The scalar's text; escapes may write what is no text: half a surrogate pair, or NUL."""
        written = str(event.value)
        text = written.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if text.count("\ufffd") > written.count("\ufffd") or "\0" in text:
            self.document.add("HUB-C002", "this holds an escape that is no character", at=mark, excerpt=False)
            if loc is not None:
                self.document.broken.add(loc)
        return text

    def _scalar(self, text: str, event: ScalarEvent, mark: Mark, loc: Loc) -> Any:
        if event.style is not None:
            return text
        if text in _NULL:
            return None
        if text in _BOOL:
            return _BOOL[text]
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        if _NUMBER_LIKE.fullmatch(text):
            self.document.broken.add(loc)
            self.document.hidden.append(mark)
            message = "a number that YAML readers understand in different ways"
            self.document.add("HUB-C011", message, at=mark, hint="put it in quotes if it is text")
            return None
        return text


def _mark(event: Event) -> Mark:
    start, end = event.start_mark, event.end_mark
    return Mark(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
