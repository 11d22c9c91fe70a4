"""Personal values with all but a hint taken out, for those who may look but not see who it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

DOTS = "\N{BULLET}" * 3
SHOWN_DIGITS = 3
SHORTEST_NUMBER = 8
PLACE = ("city", "state", "country")
"""Of an address: what many people share."""


def mask_email(text: str) -> str:
    """ "j•••@g•••.com": the first letters and the last label of the domain."""
    local, at, domain = text.rpartition("@")
    if not at:
        return mask_text(text)
    host, dot, top = domain.rpartition(".")
    return f"{local[:1]}{DOTS}@{host[:1]}{DOTS}{dot}{top}"


def mask_phone(text: str) -> str:
    """ "••• 417": the last three digits, none of a short number."""
    digits = [character for character in text if character.isdigit()]
    return f"{DOTS} {''.join(digits[-SHOWN_DIGITS:])}" if len(digits) > 2 * SHOWN_DIGITS else DOTS


def mask_text(text: str) -> str:
    """ "K••• N•••": the first letter of each word."""
    return " ".join(f"{word[:1]}{DOTS}" for word in text.split()) or DOTS


def mask_address(address: Mapping[str, Any]) -> dict[str, Any]:
    """Only where many live: city, state and country."""
    return {name: value if name in PLACE else DOTS for name, value in address.items() if value}


def mask_key(text: str) -> str:
    """A contact's or a value's key, by what it looks like."""
    if "@" in text:
        return mask_email(text)
    return mask_phone(text) if text.lstrip("+").replace(" ", "").isdigit() else mask_text(text)


def mask_record(name: str) -> str:
    """ "shop:customers:8•••": where a record is from; some systems call people by their e-mail."""
    connection, _, rest = name.partition(":")
    stream, colon, external_id = rest.partition(":")
    return f"{connection}:{stream}:{mask_key(external_id)}" if colon else mask_key(name)


def mask_free(text: Any) -> Any:
    """What somebody wrote in their own words: nothing of it but that there is something."""
    return DOTS if text else text


def mask_value(field: str, value: Any) -> Any:
    """A golden value or a record's, in its own shape; unknown fields are masked wholly, never shown."""
    if value is None or field in OPEN_FIELDS:
        return value
    if isinstance(value, list):
        return [mask_value(field, one) for one in value]
    if field == "addresses" and isinstance(value, Mapping):
        return mask_address(value)
    if isinstance(value, Mapping):
        return {name: _mask_part(field, name, part) for name, part in value.items()}
    return _MASKS.get(field, mask_text)(str(value))


def _mask_part(field: str, name: str, part: Any) -> Any:
    if name in OPEN_PARTS or part is None or isinstance(part, bool | int | float):
        return part
    return mask_value(field, part)


OPEN_FIELDS = frozenset({"language", "timezone", "company.industry", "company.size"})
OPEN_PARTS = frozenset({"type", "region", "label", "kind"})

_MASKS: Mapping[str, Callable[[str], str]] = {
    "emails": mask_email,
    "phones": mask_phone,
    "date_of_birth": lambda _: DOTS,
    "gender": lambda _: DOTS,
}
