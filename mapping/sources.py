"""From the words of a spec to `Source`s that can be read; collects all that is wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mapping.apply import Notes, Raw, Read, Source, nothing, one
from mapping.expressions import ABSENT, ExpressionError, getter, is_constant, plan_of
from mapping.models import Ref
from mapping.normalise.date import birth_date, instant
from mapping.normalise.phone import REGIONS
from mapping.normalise.text import as_text, is_placeholder
from mapping.spec import DateValue, Loc, MappingError, PhoneValue, RefMap, TimeValue, Value


@dataclass(frozen=True)
class Sources:
    """Where expressions become sources. `at` is the place in the YAML, `prefix` the field's name in remarks so far."""

    region: str | None
    where: Mapping[Loc, str]
    columns: frozenset[str] | None
    today: Callable[[], date]
    errors: list[MappingError] = field(default_factory=list)
    at: Loc = ()
    prefix: str = ""

    def below(self, *loc: str | int) -> Sources:
        """The same workshop, one place deeper: names join with dots, places in a list are [0]."""
        prefix = self.prefix
        for step in loc:
            prefix += f"[{step}]" if isinstance(step, int) else f".{step}" if prefix else step
        return replace(self, at=self.at + loc, prefix=prefix)

    def inside(self, place: str) -> Sources:
        """A place that is not part of a field's name."""
        return replace(self, at=(*self.at, place))

    def of_anything(self) -> Sources:
        """For expressions read from something inside the record, whose columns are not the record's."""
        return replace(self, columns=None)

    def wrong(self, code: str, message: str, *loc: str | int) -> None:
        self.errors.append(MappingError(self.at + loc, code, message))

    def line(self) -> str:
        """The "file:line" of this place or of the nearest place around it."""
        return next((self.where[self.at[:n]] for n in range(len(self.at), -1, -1) if self.at[:n] in self.where), "")

    def source(self, value: Value, says_nothing: Callable[[str], bool] = is_placeholder) -> Source:
        try:
            plan = plan_of(value.value, self.columns)
        except ExpressionError as error:
            self.wrong(error.code, error.message, "value")
            return Source(_never, self.prefix)
        line = self.below("value").line()
        return Source(getter(plan), self.prefix, line, value.clears, is_constant(value.value), says_nothing, plan)

    def text(
        self, name: str, value: Value | None, says_nothing: Callable[[str], bool] = is_placeholder
    ) -> Read[str | None]:
        return one(self.below(name).source(value, says_nothing) if value else None, as_text)

    def birth_date(self, name: str, value: DateValue) -> tuple[Source, Callable[[str], date]]:
        there = self.below(name)
        if value.format and not _is_date_format(value.format):
            there.wrong("format_invalid", "not a date format with year, month and day (%d/%m/%Y)", "format")
        return there.source(value), lambda text: birth_date(text, value.format, self.today())

    def moment(self, name: str, value: TimeValue) -> tuple[Source, Callable[[str], datetime]]:
        there = self.below(name)
        return there.source(value), partial(instant, zone=there.zone(value.zone))

    def instant(self, name: str, value: TimeValue | None) -> Read[datetime | None]:
        return one(*self.moment(name, value)) if value else nothing

    def ref(self, name: str, value: RefMap | None) -> Read[Ref | None]:
        if value is None:
            return nothing
        stream = value.stream
        read_id = one(self.below(name, "id").source(value.id), as_text)

        def read(raw: Raw, notes: Notes) -> Ref | None:
            found = read_id(raw, notes)
            # JMESPath's "this && that" is false where there is none.
            return Ref(stream=stream, id=found) if found and found != "false" else None

        return read

    def zone(self, name: str | None) -> ZoneInfo | None:
        try:
            return ZoneInfo(name) if name else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.wrong("zone_unknown", "unknown time zone (Australia/Sydney)", "zone")
            return None

    def region_of(self, value: PhoneValue) -> str | None:
        """The value's own region or the stream's; a wrong one of the stream's is told by `compile_mapping`."""
        if value.region and value.region not in REGIONS:
            self.wrong("region_unknown", "unknown region; write two capital letters (AU)", "region")
        return value.region or self.region


def _never(raw: Mapping[str, Any]) -> Any:  # noqa: ARG001 - a getter like the others
    return ABSENT


def _is_date_format(pattern: str) -> bool:
    day = date(2001, 12, 23)
    try:
        return datetime.strptime(day.strftime(pattern), pattern).date() == day  # noqa: DTZ007 - a day, not an instant
    except (ValueError, UnicodeError):
        return False
