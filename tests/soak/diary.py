"""What people say of consent, written into the ledger of the vendor to whom they say it, among the hub's requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from connectors.kit.simulator import Entry, Simulator

Word = Literal["no", "yes"]
Line = tuple[str, str]
"""A channel and an address."""

PERSON = "PERSON"
"""The method of a ledger's entry that is a person's act and no request."""

READ_IN = {"shop": "customers", "newsletter": "members", "texts": "messages", "help": "users"}
"""In which stream the hub reads what people say to a vendor."""


@dataclass(frozen=True)
class Act:
    """A person's word. `at` is the vendor's clock."""

    at: datetime
    connection: str
    word: Word
    line: Line


@dataclass(frozen=True)
class Effect:
    """What a request of the hub's did: `kind` is consents, tags or ticket, `told` what the simulator tells of it."""

    at: datetime
    connection: str
    kind: str
    told: dict[str, Any]


def said(simulator: Simulator, connection: str, word: Word, channel: str, address: str) -> None:
    """Note what somebody said just now. The caller holds the simulator's lock since the vendor heard it."""
    told = {"connection": connection, "word": word, "line": (channel, address.lower())}
    simulator.ledger.append(Entry(simulator.now(), PERSON, word, {}, 0, effect=told))


def acts_of(ledger: list[Entry]) -> list[Act]:
    """The persons' acts of one vendor's ledger, oldest first."""
    found = [Act(entry.at, **entry.effect) for entry in ledger if entry.method == PERSON and entry.effect]
    return sorted(found, key=lambda act: act.at)


def effects_of(connection: str, ledger: list[Entry]) -> list[Effect]:
    """The effects of the hub's requests in one vendor's ledger, in its order."""
    found = []
    for entry in ledger:
        if entry.method == PERSON or not entry.effect:
            continue
        for kind in ("consents", "tags"):
            found += [Effect(entry.at, connection, kind, told) for told in entry.effect.get(kind, ())]
        if "ticket" in entry.effect:
            found.append(Effect(entry.at, connection, "ticket", entry.effect))
    return found
