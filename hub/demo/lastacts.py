"""What each address itself said last, as the estate's script knows it: the truth that sending is measured by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from hub.demo import chat
from hub.demo.people import Answer, Sighting, System
from hub.demo.shop import e164

Channel = Literal["email", "sms"]
Word = Literal["in", "out"]
Key = tuple[Channel, str]
"""A channel and the address on it: a lower-case e-mail, or a number in E.164."""

KEYWORDS: dict[str, Word] = {chat.STOP: "out", chat.BACK: "in"}


@dataclass(frozen=True, slots=True)
class Said:
    """One yes or no by the holder of an address."""

    at: datetime
    key: Key
    word: Word


def said_in(system: System, seen: Sighting, phone: str) -> Iterator[Said]:
    """What the person did there. `phone`: the number that the system keeps a consent for, "" for none.

    An import is no act, nor is a bounce, nor an agent's yes; an agent's no is what the person asked for.
    """
    if seen.mark != "imported" and seen.email:
        yield from _answered(system, ("email", seen.email.lower()), seen.consent, seen.consent_at or seen.since)
    if phone:
        yield from _answered(system, ("sms", e164(phone)), seen.sms, seen.sms_at or seen.since)
    for text in seen.texts:
        if text.inbound and text.body in KEYWORDS:
            yield Said(text.at, ("sms", e164(seen.phone)), KEYWORDS[text.body])


def last_of(said: Iterable[Said]) -> dict[Key, Word]:
    """Of two at the same moment the no is the later one."""
    return {one.key: one.word for one in sorted(said, key=lambda one: (one.at, one.word, one.key))}


def _answered(system: System, key: Key, answer: Answer, at: datetime) -> Iterator[Said]:
    if answer == "no":
        yield Said(at, key, "out")
    elif answer == "yes" and system != "help":
        yield Said(at, key, "in")
