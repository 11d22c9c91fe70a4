"""What a person's own words in a text message or a ticket mean for consent."""

from __future__ import annotations

import re
from typing import Literal

Meaning = Literal["stop", "start", "perhaps_stop", ""]

STOP = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
START = frozenset({"START", "UNSTOP"})
"""The keywords that carriers and SMS gateways act on: one word alone. Twilio's messaging documentation."""

_VERDICTS: dict[str, Meaning] = {"STOP": "stop", "START": "start", "HELP": ""}

_NO_IN_WORDS = re.compile(
    r"\b(unsubscribe|opt(?:ing)?[ -]?out|stop (?:sending|texting|e-?mailing|messaging|contacting)|please stop"
    r"|do(?: not|n'?t) (?:contact|e-?mail|text|message|call|send)"
    r"|(?:remove|delete|take) me (?:from|off)|no more (?:e-?mails|texts|messages|sms|newsletters?))\b",
    re.IGNORECASE,
)


def meaning_of_message(text: str, verdict: str) -> Meaning:
    """What an inbound message says. `verdict` is the gateway's own reading, believed where it gives one."""
    if verdict:
        return _VERDICTS.get(verdict.upper(), "")
    word = text.strip().upper()
    if word in STOP:
        return "stop"
    if word in START:
        return "start"
    return "perhaps_stop" if asks_to_stop(text) else ""


def asks_to_stop(text: str) -> bool:
    """Whether free text may be a no: enough to hold, too little to decide."""
    return _NO_IN_WORDS.search(text) is not None
