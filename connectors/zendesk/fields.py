"""Whether the user fields that are to hold consent are there, and of use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.kit.base import Finding
from connectors.zendesk.api import ZendeskApi
from connectors.zendesk.rows import listed

STATES = ("granted", "withdrawn", "unknown")
DROP_DOWNS = ("dropdown", "tagger")
WHERE = "in Admin Center > People > Configuration > User fields"
MOST_PAGES = 50


def user_fields(api: ZendeskApi) -> dict[str, dict[str, Any]]:
    """The account's user fields by key. Raises the kit's errors."""
    found: dict[str, dict[str, Any]] = {}
    after: str | None = None
    for _ in range(MOST_PAGES):
        page = api.get("user_fields", {"page[size]": "100", **({"page[after]": after} if after else {})}).json()
        found.update({row["key"]: row for row in listed(page, "user_fields") if isinstance(row, dict) and "key" in row})
        meta = page.get("meta") or {}
        after = meta.get("after_cursor")
        if not meta.get("has_more") or not after:
            break
    return found


def field_findings(wanted: Mapping[Any, str], held: Mapping[str, dict[str, Any]]) -> Iterator[Finding]:
    """One finding per channel; `wanted` is channel to key."""
    for channel, key in wanted.items():
        wrong = fault_of(held.get(key))
        message = f"consent of {channel}: the user field {key} {wrong}" if wrong else f"{channel}: {key}"
        yield Finding("scopes", ok=not wrong, message=message)


def fault_of(field: Mapping[str, Any] | None) -> str:
    """Why this field cannot hold consent and what to do about it; "" where it can."""
    options = ", ".join(STATES)
    if field is None:
        return f"does not exist: create it {WHERE} as a drop-down with this key and the option tags {options}"
    if field.get("type") not in DROP_DOWNS:
        return f"is no drop-down: name another key, and create that one {WHERE} with the option tags {options}"
    if field.get("active") is False:
        return f"is switched off: activate it {WHERE}"
    held = {option.get("value") for option in field.get("custom_field_options") or () if isinstance(option, dict)}
    missing = [state for state in STATES if state not in held]
    return f"lacks the option tag {' and '.join(missing)}: add it {WHERE}" if missing else ""
