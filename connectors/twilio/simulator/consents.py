"""The simulated Consents/Bulk: what is wrong with an item, and what a good one does. No HTTP here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from connectors.kit.destination import effect_of_consent
from connectors.twilio.messages import E164
from connectors.twilio.simulator.account import Account
from connectors.twilio.simulator.wire import Problem

MOST = 25
ITEM_FAILED = 30646
WANTED = {"opt-in": "in", "opt-out": "out"}
SOURCES = ("website", "offline", "opt-in-message", "opt-out-message", "others")

Item = Mapping[str, Any]


class Consents:
    """Items as they are applied to the account. `refusals`: by number, what its next items are refused with."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.refusals: dict[str, list[str]] = defaultdict(list)

    def write(self, texts: Sequence[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Apply the items one by one; returns the answer's items and the effects. Raises Problem for the whole."""
        items = [_parsed(text) for text in texts]
        if not 1 <= len(items) <= MOST:
            raise Problem(400, 20001, f"Items must be 1 to {MOST}")
        correlations = Counter(str(item.get("correlation_id")) for item in items)
        answers, effects = [], []
        for item in items:
            wrong = self._wrong(item, correlations)
            effects.append(self._apply(item, refused=bool(wrong)))
            answers.append(
                {
                    "correlation_id": item.get("correlation_id"),
                    "error_code": ITEM_FAILED if wrong else 0,
                    "error_messages": wrong,
                }
            )
        return answers, effects

    def _wrong(self, item: Item, correlations: Mapping[str, int]) -> list[str]:
        contact = item.get("contact_id")
        if isinstance(contact, str) and self.refusals.get(contact):
            return [self.refusals[contact].pop(0)]
        checks = {**CHECKS, "sender_id": self._account.knows}
        wrong = [f"INVALID_{name.upper()}" for name, holds in checks.items() if not _holds(item.get(name), holds)]
        if correlations[str(item.get("correlation_id"))] > 1 and "INVALID_CORRELATION_ID" not in wrong:
            wrong.append("INVALID_CORRELATION_ID")
        return wrong

    def _apply(self, item: Item, *, refused: bool) -> dict[str, Any]:
        contact, sender, status = (str(item.get(name, "")) for name in ("contact_id", "sender_id", "status"))
        before = self._account.state(contact, sender)
        if not refused:
            self._account.write(contact, sender, status)
        after = self._account.state(contact, sender)
        at = str(item.get("date_of_consent") or "")
        return effect_of_consent("", "sms", contact, WANTED.get(status, ""), before, after, at)


def _holds(value: Any, check: Callable[[str], bool]) -> bool:
    return isinstance(value, str) and check(value)


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return text == ""


CHECKS: dict[str, Callable[[str], bool]] = {
    "contact_id": lambda text: E164.match(text) is not None,
    "correlation_id": lambda text: len(text) == 32,
    "status": WANTED.__contains__,
    "source": SOURCES.__contains__,
    "date_of_consent": _is_time,
}


def _parsed(text: str) -> Item:
    """One `Items` field: an object as JSON text, never a list of them."""
    try:
        item = orjson.loads(text)
    except orjson.JSONDecodeError:
        item = None
    if not isinstance(item, dict):
        raise Problem(400, 20001, "Items must be JSON objects")
    return {"date_of_consent": "", **item}
