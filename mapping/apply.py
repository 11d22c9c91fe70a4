"""Reading one raw record: what each value of a mapping does when it meets data. Nothing here raises for data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from mapping.expressions import ABSENT, Getter, Plan
from mapping.models import Refusal, Remark
from mapping.normalise import NotNormal
from mapping.normalise.text import as_text, is_placeholder

T = TypeVar("T")
Raw = Mapping[str, Any]

MAX_ITEMS = 500
"""Values one list field may hold; the rest is left out with a remark."""

NOTHING, NULL, CLEARED, UNUSABLE = range(4)
"""Why a field has no value, weakest first: of several expressions the strongest word counts."""


class Refused(Exception):
    """The record breaks the shape its mapping declares."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def refuse(code: str, message: str, where: str) -> NoReturn:
    raise Refused(Refusal(code, message, where))


@dataclass(frozen=True, slots=True)
class Source:
    """One value of the mapping: how to read it, and how to speak of it when it is left out."""

    get: Getter
    field: str
    where: str = ""
    clears: bool = False
    constant: bool = False
    says_nothing: Callable[[str], bool] = is_placeholder
    """Which words stand for "no value" here: a tag may be called unknown, a family Null."""
    plan: Plan | None = None


class Notes:
    """What is noticed while one record is read."""

    __slots__ = ("cleared", "nulls", "remarks", "silence")

    def __init__(self) -> None:
        self.remarks: list[Remark] = []
        self.nulls: list[str] = []
        self.cleared: list[str] = []
        self.silence = NOTHING

    def leave_out(self, source: Source, error: NotNormal) -> None:
        self.remark(source, error.code, error.message)
        self.quieten(UNUSABLE)

    def remark(self, source: Source, code: str, message: str) -> None:
        self.remarks.append(Remark(source.field, code, message, source.where))

    def quieten(self, silence: int) -> None:
        if silence > self.silence:
            self.silence = silence


Read = Callable[[Raw, Notes], T]
Step = Callable[[Raw, Notes, dict[str, Any]], None]


def present(value: Any, source: Source, notes: Notes) -> str:
    """The value as text, not yet cleaned; "" where there is none, the kind of silence noted. May raise NotNormal."""
    if value.__class__ is not str:
        if value is None or value is ABSENT:
            notes.quieten(NOTHING if value is ABSENT else NULL)
            return ""
        value = as_text(value)
    text: str = value.strip()
    if not text:
        notes.quieten(CLEARED if source.clears else NULL)
    elif len(text) < 16 and source.says_nothing(text):
        notes.remark(source, "placeholder", "a word that stands for no value")
        notes.quieten(NULL)
        return ""
    return text


def never(text: str) -> bool:  # noqa: ARG001 - a `says_nothing`
    """For labels that people and vendors choose: whatever they say is what they mean."""
    return False


def one(source: Source | None, normalise: Callable[[str], T]) -> Read[T | None]:
    """Reads one value; None where there is none or it would not normalise."""
    if source is None:
        return nothing

    def read(raw: Raw, notes: Notes) -> T | None:
        try:
            text = present(source.get(raw), source, notes)
            return normalise(text) if text else None
        except NotNormal as error:
            notes.leave_out(source, error)
            return None

    return read


def nothing(raw: Raw, notes: Notes) -> None:  # noqa: ARG001 - a Read like the others
    return None


def raw_text(text: str) -> str:
    """For values whose normaliser comes later and wants the text as it came."""
    return text


def many(reads: Sequence[tuple[Source, Callable[[str], T | None]]], key: Callable[[T], Any]) -> Read[tuple[T, ...]]:
    """Reads all values in order, each once by `key`. An expression that gives a list gives all its items."""

    def read(raw: Raw, notes: Notes) -> tuple[T, ...]:
        found: dict[Any, T] = {}
        for source, normalise in reads:
            for value in _spread(source, raw, notes):
                try:
                    text = present(value, source, notes)
                    if text and (item := normalise(text)):
                        found.setdefault(key(item), item)
                except NotNormal as error:
                    notes.leave_out(source, error)
        return tuple(found.values())

    return read


def _spread(source: Source, raw: Raw, notes: Notes) -> list[Any]:
    try:
        value = source.get(raw)
    except NotNormal as error:
        notes.leave_out(source, error)
        return []
    if not isinstance(value, list):
        return [value]
    if not value:
        notes.quieten(NULL)
    if len(value) > MAX_ITEMS:
        notes.remark(source, "too_many", f"more than {MAX_ITEMS} values; the rest is left out")
        return value[:MAX_ITEMS]
    return value


def field(name: str, read: Read[Any]) -> Step:
    """Puts what is read under `name`; where that is nothing, notes which kind of nothing."""

    def step(raw: Raw, notes: Notes, out: dict[str, Any]) -> None:
        notes.silence = NOTHING
        value = read(raw, notes)
        if value:
            out[name] = value
        elif notes.silence == NULL:
            notes.nulls.append(name)
        elif notes.silence == CLEARED:
            notes.cleared.append(name)

    return step
