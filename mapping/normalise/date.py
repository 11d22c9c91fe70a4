"""Dates of birth and instants. What could be read in two ways is not read at all."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from mapping.normalise import NotNormal

EARLIEST_BIRTH = date(1900, 1, 1)
_ISO_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?)?\Z")
_LOCAL_DATE = re.compile(r"[0-9]{1,2}[/. -][0-9]{1,2}[/. -][0-9]{2,4}\Z")
_ISO_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}.*)?\Z")
_MAIL_TIME = re.compile(
    r"(?:[A-Za-z]{3}, )?[0-9]{1,2} [A-Za-z]{3} [12][0-9]{3} [0-9]{2}:[0-9]{2}(?::[0-9]{2})? (?:[+-][0-9]{4}|GMT|UTC?)\Z"
)


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
    """Aware UTC from an ISO time or one of RFC 2822 (Fri, 03 Apr 2020 10:00:00 +0000).

    Of an ISO time without Z or an offset the `zone` must be declared, else NotNormal.
    """
    found = _instant(text)
    if found.tzinfo is None:
        if zone is None:
            raise NotNormal("time_without_zone", "a time without Z or offset; the mapping must declare its zone")
        found = found.replace(tzinfo=zone)
    if not 1900 <= found.year <= 2200:
        raise NotNormal("time_invalid", "not a time in this age")
    return found.astimezone(UTC)


def _instant(text: str) -> datetime:
    try:
        if _ISO_TIME.match(text):
            return datetime.fromisoformat(text)
        if _MAIL_TIME.match(text):
            found = parsedate_to_datetime(text)
            # "-0000" is UTC told by somebody who does not say where he is; Python leaves it without a zone
            return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        raise NotNormal("time_invalid", "no such time") from None
    raise NotNormal("time_invalid", "not an ISO time (2020-04-03T10:00:00Z), nor one of RFC 2822")
