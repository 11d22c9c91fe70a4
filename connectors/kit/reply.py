"""A vendor's reply, read wholly, and what counts as JSON in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.kit.errors import BadPayload

_UNREAD: Any = object()


@dataclass(slots=True)
class Reply:
    """One reply. `headers` are case-insensitive; `url` is without its query, so that it may be shown."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str
    _parsed: Any = field(default=_UNREAD, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def declares_json(self) -> bool:
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return kind.endswith(("/json", "+json"))

    def json(self) -> Any:
        """The body as JSON, parsed once. Raises BadPayload: a web page, a cut or invalid body, NaN, too deep."""
        if self._parsed is _UNREAD:
            self._parsed = self._parse()
        return self._parsed

    def _parse(self) -> Any:
        if self.content.lstrip()[:1] == b"<":
            raise BadPayload(f"{self.url} answered {self.status} with a web page instead of JSON; {_LOOK}")
        try:
            return json.loads(self.content, parse_constant=_refuse, parse_float=_finite)
        except (ValueError, RecursionError) as error:
            fault = _name(error)
        size = len(self.content)
        raise BadPayload(f"{self.url} answered {self.status} with {size} bytes that are not JSON ({fault}); {_LOOK}")


_LOOK = "look whether the address is the vendor's API and whether the vendor is well"


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError("number out of range")
    return number


def _name(error: Exception) -> str:
    """What is wrong, never with a piece of the body: it may hold a person's data."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    if isinstance(error, UnicodeDecodeError):
        return f"not {error.encoding} at byte {error.start}"
    if isinstance(error, RecursionError):
        return "nested too deep"
    return "a number JSON does not have"


def asked_wait(reply: Reply, now: datetime) -> float | None:
    """Retry-After in seconds from `now`, the server's time; None where it is missing, past or nonsense."""
    asked = reply.headers.get("Retry-After", "").strip()
    if asked.replace(".", "", 1).isdecimal():
        return float(asked)
    moment = http_date(asked)
    wait = (moment - now).total_seconds() if moment is not None else 0.0
    return wait if wait > 0 else None


def http_date(text: str | None) -> datetime | None:
    """An HTTP date as aware UTC; None for anything else."""
    try:
        moment = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else None
