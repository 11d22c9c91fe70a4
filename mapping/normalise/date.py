"""Dates of birth and instants. What could be read in two ways is not read at all."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from mapping.normalise import NotNormal

EARLIEST_BIRTH = date(1900, 1, 1)
_ISO_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?)?\Z")
_LOCAL_DATE = re.compile(r"[0-9]{1,2}[/. -][0-9]{1,2}[/. -][0-9]{2,4}\Z")
_ISO_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}.*)?\Z")


def birth_date(text: str, pattern: str | None, today: date) -> date:
    """ISO, or strptime's `pattern` where the mapping declares it. Raises NotNormal, for implausible dates too."""
    found = _by_pattern(text, pattern) if pattern else _by_iso(text)
    if found == EARLIEST_BIRTH:
        raise NotNormal("date_placeholder", "1 January 1900 stands for no date")
    if not EARLIEST_BIRTH < found <= today:
        raise NotNormal("date_implausible", "not a date on which a living person was born")
    return found


def _by_pattern(text: str, pattern: str) -> date:
    try:
        return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day, not an instant
    except ValueError:
        raise NotNormal("date_invalid", "not a date in the declared format") from None


def _by_iso(text: str) -> date:
    iso = _ISO_DATE.match(text)
    if iso is None:
        if _LOCAL_DATE.match(text):
            raise NotNormal(
                "date_ambiguous", "day and month may be either way round; the mapping must declare a format"
            )
        raise NotNormal("date_invalid", "not an ISO date (2020-04-03)")
    try:
        return date.fromisoformat(iso[1])
    except ValueError:
        raise NotNormal("date_invalid", "no such day") from None


def instant(text: str, zone: ZoneInfo | None) -> datetime:
    """Aware UTC from an ISO time with Z or an offset. Without one, `zone` must be declared, else NotNormal."""
    if not _ISO_TIME.match(text):
        raise NotNormal("time_invalid", "not an ISO time (2020-04-03T10:00:00Z)")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise NotNormal("time_invalid", "no such time") from None
    if found.tzinfo is None:
        if zone is None:
            raise NotNormal("time_without_zone", "a time without Z or offset; the mapping must declare its zone")
        found = found.replace(tzinfo=zone)
    if not 1900 <= found.year <= 2200:
        raise NotNormal("time_invalid", "not a time in this age")
    return found.astimezone(UTC)
