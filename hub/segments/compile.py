"""From the written segment to one that can be asked, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from difflib import get_close_matches
from typing import Literal

from hub.segments.conditions import Condition, Group, Rule
from hub.segments.fields import FIELDS, OPERATORS
from hub.segments.rules import Segment
from hub.segments.spec import GROUPS, ConditionSpec, GroupSpec, SegmentSpec
from hub.segments.values import WrongValue, read_value

Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class SegmentError:
    """One thing wrong, at its place inside the segment. `hint` says what would do."""

    loc: Loc
    code: Literal["field_unknown", "operator_wrong", "value_wrong", "group_empty"]
    message: str
    hint: str


class SegmentErrors(Exception):
    """All that is wrong with one segment."""

    def __init__(self, errors: Sequence[SegmentError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = tuple(errors)


def compile_segment(name: str, spec: SegmentSpec, zone: tzinfo = UTC) -> Segment:
    """Raises SegmentErrors. `zone`: whose days are meant where a rule names a day."""
    reader = _Reader(zone)
    rule = reader.group(spec, ())
    if reader.errors:
        raise SegmentErrors(reader.errors)
    return Segment(name, spec.title, spec.channel, rule)


@dataclass(slots=True)
class _Reader:
    zone: tzinfo
    errors: list[SegmentError] = field(default_factory=list)

    def group(self, spec: SegmentSpec | GroupSpec, loc: Loc) -> Group:
        written = [name for name in GROUPS if f"{name}_" in spec.model_fields_set]
        if not written:
            self.errors.append(SegmentError(loc, "group_empty", "a segment needs a rule", "write all, any or none"))
        return Group(*(self._rules(spec, name, loc) if name in written else () for name in GROUPS))

    def _rules(self, spec: SegmentSpec | GroupSpec, name: str, loc: Loc) -> tuple[Rule, ...]:
        loc = (*loc, name)
        items = getattr(spec, f"{name}_")
        if not items:
            hint = "write {field: orders, at_least: 1}, or remove the line"
            self.errors.append(SegmentError(loc, "group_empty", f"'{name}' has no condition", hint))
        found = [
            self.group(item, (*loc, at)) if isinstance(item, GroupSpec) else self._condition(item, (*loc, at))
            for at, item in enumerate(items)
        ]
        return tuple(rule for rule in found if rule is not None)

    def _condition(self, spec: ConditionSpec, loc: Loc) -> Condition | None:
        operator = self._operator(spec, loc)
        kind = FIELDS.get(spec.field)
        if kind is None:
            close = get_close_matches(spec.field, FIELDS, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"fields: {', '.join(FIELDS)}"
            message = f"there is no field '{spec.field}'"
            self.errors.append(SegmentError((*loc, "field"), "field_unknown", message, hint))
        if kind is None or operator is None:
            return None
        if operator not in OPERATORS[kind]:
            message = f"'{operator}' does not fit the field '{spec.field}'"
            hint = f"operators that do: {', '.join(OPERATORS[kind])}"
            self.errors.append(SegmentError((*loc, operator), "operator_wrong", message, hint))
            return None
        try:
            return Condition(spec.field, kind, operator, read_value(kind, operator, spec.written[operator], self.zone))
        except WrongValue as wrong:
            self.errors.append(SegmentError((*loc, operator), "value_wrong", wrong.message, wrong.hint))
            return None

    def _operator(self, spec: ConditionSpec, loc: Loc) -> str | None:
        names = list(spec.written)
        if len(names) == 1:
            return names[0]
        found = f"has {len(names)} of them: {', '.join(sorted(names))}" if names else "has none"
        hint = "write one condition for each" if names else "write {field: orders, at_least: 5}"
        message = f"a condition has one operator; this one {found}"
        self.errors.append(SegmentError(loc, "operator_wrong", message, hint))
        return None
