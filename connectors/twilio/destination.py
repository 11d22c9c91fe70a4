"""Twilio's side we write to: consent of one number at one sender. Nothing of it can be read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC
from typing import Any

from connectors.kit.base import Record
from connectors.kit.clock import SYSTEM, Clock
from connectors.kit.destination import (
    Capabilities,
    ConsentChange,
    Destination,
    Outcome,
    Permitted,
    SegmentChange,
)
from connectors.kit.errors import BadPayload, ConfigError
from connectors.kit.http import Http
from connectors.twilio.config import TwilioConfig, is_toll_free
from connectors.twilio.judge import CONSENTS, judge_for
from connectors.twilio.messages import BLOCKED

BATCH = 25
STATUS = {"in": "opt-in", "out": "opt-out"}

ITEM_FAILED = 30646
PASSING = "INTERNAL_SERVER_ERROR"
WRONG_SENDER = "INVALID_SENDER_ID"
REASONS = frozenset(
    {
        "INVALID_CORRELATION_ID", WRONG_SENDER, "INVALID_CONTACT_ID", "INVALID_STATUS", "INVALID_SOURCE",
        "INVALID_DATE_OF_CONSENT", PASSING,
    }
)  # fmt: skip

LOCKED = Outcome("vendor_locked", "at a US toll-free number only the person's own START lifts a STOP")
NO_TAGS = Outcome("unsupported", "Twilio keeps no tags")
NOT_SMS = Outcome("unsupported", "Twilio keeps consent for text messages only")
NO_CONFIRMATION = Outcome("unsupported", "Twilio does not ask a person to confirm")
UNTOLD = Outcome("unknown", "Twilio's answer does not tell what became of this item")


def capabilities(config: TwilioConfig) -> Capabilities:
    """Consent of a number is held, or not, by the sender as a whole; what stands there is never shown."""
    return Capabilities(
        consent=("sms",),
        directions=("out",) if is_toll_free(config.sender) else ("out", "in"),
        scope=config.sender,
        resubscribe="keyword",
        sees_second_no="log",
        readable=False,
        refusals=frozenset({str(BLOCKED)}),
        consent_batch=BATCH,
    )


class TwilioDestination(Destination):
    """Consent at the connection's sender."""

    def __init__(self, config: TwilioConfig, *, clock: Clock = SYSTEM) -> None:
        self._sender = config.sender
        self._http = Http(
            config.accounts_address,
            auth=config.login,
            judge=judge_for(config),
            clock=clock,
            secrets=config.secrets,
        )

    def close(self) -> None:
        self._http.close()

    def fetch(self, ids: Sequence[str]) -> list[Record]:  # noqa: ARG002 - whatever is asked for
        return []

    def write_tags(self, changes: Sequence[SegmentChange]) -> list[Outcome]:
        return [NO_TAGS] * len(changes)

    def write_consent(self, changes: Sequence[Permitted[ConsentChange]]) -> list[Outcome]:
        """Raises ConfigError where the account has no consent API, and when no item's sender is known there."""
        asked = [permitted.change for permitted in changes]
        told = [self._without_asking(change) for change in asked]
        sent = [change for change, known in zip(asked, told, strict=True) if known is None]
        answers = self._send(sent) if sent else {}
        return [known or _outcome(answers.get(change.correlation)) for change, known in zip(asked, told, strict=True)]

    def _without_asking(self, change: ConsentChange) -> Outcome | None:
        if change.channel != "sms":
            return NOT_SMS
        if change.by_confirmation:
            return NO_CONFIRMATION
        return LOCKED if change.wanted == "in" and is_toll_free(self._sender) else None

    def _send(self, changes: Sequence[ConsentChange]) -> dict[str, Mapping[str, Any]]:
        """The answer's items by correlation; those that an unreadable answer does not tell are missing."""
        answers: dict[str, Mapping[str, Any]] = {}
        with suppress(BadPayload):  # an answer came, so the items may have been applied
            reply = self._http.post(CONSENTS, data=[("Items", json.dumps(self._item(change))) for change in changes])
            answers = _by_correlation(reply.json())
        if len(answers) == len(changes) and all(_reasons(item) == {WRONG_SENDER} for item in answers.values()):
            raise ConfigError(f"Twilio knows no sender {self._sender} in this account: correct `sender`")
        return answers

    def _item(self, change: ConsentChange) -> dict[str, str]:
        return {
            "contact_id": change.address,
            "correlation_id": change.correlation,
            "sender_id": self._sender,
            "status": STATUS[change.wanted],
            "source": "others",
            "date_of_consent": change.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


def _by_correlation(document: Any) -> dict[str, Mapping[str, Any]]:
    items = document.get("items") if isinstance(document, dict) else None
    named = [item for item in items or () if isinstance(item, dict)] if isinstance(items, list) else []
    return {str(item.get("correlation_id")): item for item in named}


def _outcome(item: Mapping[str, Any] | None) -> Outcome:
    """The vendor answers 201 whatever became of an item: only its own code tells."""
    code = item.get("error_code") if item is not None else None
    if item is None or type(code) is not int:
        return UNTOLD
    if code == 0:
        return Outcome("confirmed")
    if code != ITEM_FAILED:
        return Outcome("unknown", f"Twilio answered the item with error {code}, which is none of its consents")
    reasons = _reasons(item)
    said = ", ".join(sorted(reasons)) or "for a reason that it does not name"
    if reasons == {PASSING}:
        return Outcome("retry", f"Twilio failed with this item for now: {said}")
    return Outcome("rejected", f"Twilio refuses this item: {said}")


def _reasons(item: Mapping[str, Any]) -> frozenset[str]:
    """The vendor's words for what is wrong; any other text is left out, for it may hold a number."""
    words = item.get("error_messages")
    return (
        REASONS.intersection(word for word in words if isinstance(word, str))
        if isinstance(words, list)
        else frozenset()
    )
