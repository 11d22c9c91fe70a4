"""How the pages say things: times, counts, states, golden values and match steps in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

FIELDS = {
    "name": "Name",
    "emails": "E-mail",
    "phones": "Phone",
    "addresses": "Address",
    "date_of_birth": "Date of birth",
    "gender": "Gender",
    "company": "Company",
    "job_title": "Job title",
    "language": "Language",
    "timezone": "Time zone",
    "identifiers": "Identifiers",
    "tags": "Tags",
}

JUDGEMENTS = {
    "automatic": "joined, the evidence is enough",
    "likely": "a person is asked",
    "none": "not joined for this pair alone",
    "merged": "joined by a person",
    "apart": "kept apart by a person",
}

QUESTIONS = {
    "possible_match": "possibly the same person",
    "ambiguous": "fits more than one contact",
    "conflict": "the evidence contradicts itself",
    "oversized": "unusually many records at once",
    "reopened": "no longer what a person decided about",
}

DECISIONS = {
    "merge": "merged",
    "apart": "kept apart",
    "split": "split off",
    "shared": "a value that several share",
    "good": "a value that tells who it is",
    "pin": "pinned",
}

KINDS = {"order": "Order", "ticket": "Ticket", "message": "Message"}

COMPARED = {"email": "e-mail", "birth": "date of birth"}

_ADDRESS = ("street", "city", "state", "postcode", "country")
_COMPANY = ("name", "domain", "industry", "size", "revenue", "country")
_UNITS = (
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


def span(length: timedelta) -> str:
    """ "3 minutes", in the largest whole unit; below a minute in seconds."""
    for unit, word in _UNITS:
        if length >= unit:
            return plural(int(length / unit), word)
    return plural(seconds, "second") if (seconds := int(length.total_seconds())) > 0 else "under a second"


def distance(at: datetime, now: datetime) -> str:
    """ "3 minutes ago", "in 2 hours", "just now"."""
    if abs(now - at) < timedelta(seconds=5):
        return "just now"
    return f"{span(now - at)} ago" if at < now else f"in {span(at - now)}"


def plural(count: int, word: str) -> str:
    return f"{number(count)} {word}" if count == 1 else f"{number(count)} {word}s"


def number(count: int) -> str:
    """With a thin gap between thousands: 12 345."""
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def weight(bits: float) -> str:
    return f"{bits:+.1f}".replace("-", "\N{MINUS SIGN}")


def field_name(field: str) -> str:
    return FIELDS.get(field, field.removeprefix("custom."))


def field_order(field: str) -> tuple[int, str]:
    order = list(FIELDS)
    return (order.index(field) if field in FIELDS else len(order), field)


def record_fields(fields: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What one record says, field by field, custom fields last; consents stand elsewhere."""
    said = {name: value for name, value in fields.items() if name in FIELDS}
    said |= {f"custom.{name}": value for name, value in fields.get("custom", {}).items()}
    return sorted(said.items(), key=lambda item: field_order(item[0]))


def lines(field: str, value: Any) -> list[str]:
    """A canonical value as lines of text; none for a field that its source emptied."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [line for one in value for line in lines(field, one)]
    if isinstance(value, Mapping):
        return _of_parts(field, value)
    return [str(value)]


def _of_parts(field: str, value: Mapping[str, Any]) -> list[str]:
    match field:
        case "name":
            return [str(value.get("full", ""))]
        case "addresses":
            street, *place = (str(value.get(part) or "") for part in _ADDRESS)
            return [line for line in (*street.splitlines(), " ".join(filter(None, place))) if line]
        case "identifiers":
            return [f"{value.get('type', '')} {value.get('value', '')}"]
        case "company":
            return [" · ".join(str(value[part]) for part in _COMPANY if value.get(part))]
        case _ if "value" in value:
            return [str(value["value"])]
        case _:
            return [f"{key}: {part}" for key, part in value.items()]
