"""Reads the payloads of the writes: what the vendor says became of each change. Its messages are not passed on."""

from __future__ import annotations

from typing import Any

from connectors.kit.destination import ConsentChange, Outcome, SegmentChange
from connectors.shopify.mutations import state_of

HOLDERS = {"email": "defaultEmailAddress", "sms": "defaultPhoneNumber"}
LOST = Outcome("unknown", "Shopify's answer does not say what became of this change")
GONE = Outcome("not_held", "Shopify has no such customer")
IGNORED = Outcome("rejected", "a newer consent is stored at Shopify, ours was ignored")
DISAGREES = Outcome("rejected", "Shopify took the change of the tag but does not show it")
CUSTOMER = {"customerId", "id"}
"""The fields whose refusal means that the customer is not there."""


def consent_outcome(payload: Any, change: ConsentChange) -> Outcome:
    """Confirmed only when the payload's own customer shows the wanted state."""
    if (refused := _refusal(payload)) is not None:
        return refused
    held = _dict(_dict(payload.get("customer")).get(HOLDERS[change.channel]))
    shown = held.get("marketingState")
    if not isinstance(shown, str):
        return LOST
    return Outcome("confirmed") if shown == state_of(change) else IGNORED


def tag_outcome(payload: Any, change: SegmentChange) -> Outcome:
    """Confirmed only when the payload's own customer has the tag, or has it not, as wanted."""
    if (refused := _refusal(payload)) is not None:
        return refused
    tags = _dict(payload.get("node")).get("tags")
    if not isinstance(tags, list):
        return LOST
    there = change.tag.strip().casefold() in {str(tag).casefold() for tag in tags}
    return Outcome("confirmed") if there == (change.wanted == "add") else DISAGREES


def _refusal(payload: Any) -> Outcome | None:
    """What the userErrors mean; None where there are none and the rest of the payload counts."""
    errors = _dict(payload).get("userErrors")
    if not isinstance(errors, list):
        return LOST
    told = [_told(error) for error in errors]
    if not told:
        return None
    if any(field in CUSTOMER and code in {"INVALID", ""} for field, code in told):
        return GONE
    if all(code == "INTERNAL_ERROR" for _, code in told):
        return Outcome("retry", "Shopify had an internal error and did not apply the change")
    named = ", ".join(sorted({f"{code or 'no code'} at {field or 'the whole input'}" for field, code in told}))
    return Outcome("rejected", f"Shopify refuses the change ({named})")


def _told(error: Any) -> tuple[str, str]:
    """The last step of the field's path and the code; "" for what is missing."""
    path, code = _dict(error).get("field"), _dict(error).get("code")
    field = path[-1] if isinstance(path, list) and path else ""
    return str(field), code if isinstance(code, str) else ""


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
