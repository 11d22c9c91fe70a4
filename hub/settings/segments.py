"""segments.yaml made into compiled segments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from hub.segments.compile import SegmentError, SegmentErrors, compile_segment
from hub.segments.rules import Segment
from hub.segments.spec import SegmentSpec
from hub.settings import validation
from hub.settings.document import Document, Loc

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_CODES = {
    "field_unknown": "HUB-C042",
    "operator_wrong": "HUB-C043",
    "group_empty": "HUB-C043",
    "value_wrong": "HUB-C044",
}


@dataclass(frozen=True, slots=True)
class Segments:
    """`names` are all that are written, the broken ones too; None where the file cannot tell."""

    names: frozenset[str] | None = frozenset()
    compiled: dict[str, Segment] = field(default_factory=dict)


def read_segments(document: Document | None, data: Any, timezone: str) -> Segments:
    """What is wrong is told to the document. `timezone`: whose days are meant where a rule names a day."""
    if document is None:
        return Segments()
    if not isinstance(data, dict):
        return Segments(names=None)
    for key in data.keys() - {"segments"}:
        validation.tell_unknown_key(document, (key,), ["segments"])
    written = data.get("segments")
    if document.is_broken(("segments",)):
        return Segments(names=None)
    if written is None:  # its entries are all comments
        return Segments()
    if not isinstance(written, dict):
        document.add("HUB-C005", "'segments' must be a mapping of name: segment", ("segments",))
        return Segments(names=None)
    found = {name: _segment(document, name, value, ZoneInfo(timezone)) for name, value in written.items()}
    return Segments(frozenset(written), {name: segment for name, segment in found.items() if segment is not None})


def _segment(document: Document, name: str, data: Any, zone: ZoneInfo) -> Segment | None:
    at: Loc = ("segments", name)
    if not _NAME.fullmatch(name):
        message = "a segment's name is small letters, digits, - and _, and begins with a letter"
        document.add("HUB-C017", message, at, key=True)
    spec = validation.read(document, SegmentSpec, data, at)
    if spec is None:
        return None
    try:
        return compile_segment(name, spec, zone)
    except SegmentErrors as errors:
        for error in errors.errors:
            _tell(document, at, error)
        return None


def _tell(document: Document, at: Loc, error: SegmentError) -> None:
    loc = (*at, *error.loc)
    if not document.is_broken(loc):
        operator = error.code == "operator_wrong" and isinstance(loc[-1], str)
        document.add(_CODES[error.code], error.message, loc, key=operator, hint=error.hint)
