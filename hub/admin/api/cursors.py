"""Cursors of lists: the last key of a page, in a form that nobody is tempted to make by hand."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from hub.admin.api.problems import FieldProblem, Refused

T = TypeVar("T")


def write(of: str, key: str | int) -> str:
    """`of`: the list that it belongs to; another list refuses it."""
    return base64.urlsafe_b64encode(f"{of} {key}".encode()).decode().rstrip("=")


def read(of: str, cursor: str) -> str:
    """The last key of the page before, "" for the first page. Raises Refused."""
    if not cursor:
        return ""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    name, _, key = text.partition(" ")
    if name != of or not key or "\x00" in key:
        raise _not_ours()
    return key


def read_number(of: str, cursor: str, first: int) -> int:
    """The same for a list by number; `first` for the first page."""
    key = read(of, cursor)
    if not key:
        return first
    if not (key.isascii() and key.isdecimal() and len(key) < 17):
        raise _not_ours()
    return int(key)


def cut(found: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """A page, and whether there is more, of a list that was read by one further than the page."""
    return found[:limit], len(found) > limit


def _not_ours() -> Refused:
    return Refused(422, errors=[FieldProblem(field="query.cursor", problem="is no cursor of this list")])
