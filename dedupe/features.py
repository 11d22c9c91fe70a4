"""Features: what of a contact record counts for identity, normalised once."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from mapping.models import Person

StableKey = tuple[bytes, bytes, bytes]
"""Connection, stream, external id as bytes: the order that no arrival can change."""

Form = tuple[str, str, str, date | None]

NAMELESS = 0
"""The signature of all records without a name: on one shared value they count as one."""


@dataclass(frozen=True, slots=True)
class Features:
    """The comparable side of a record. Empty strings and sets mean missing."""

    first: str = ""
    last: str = ""
    suffix: str = ""
    birth: date | None = None
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    identifiers: frozenset[tuple[str, str]] = frozenset()

    @property
    def form(self) -> Form:
        """Name and date of birth: all that can exclude that two records are one person."""
        return self.first, self.last, self.suffix, self.birth

    @property
    def signature(self) -> int:
        """A 64-bit hash of name and date of birth: records that share it are one person's for counting."""
        if not self.first and not self.last:
            return NAMELESS
        born = self.birth.isoformat() if self.birth else ""
        return hash64("signature", self.first, self.last, self.suffix, born)

    @property
    def digest(self) -> int:
        """A 64-bit hash of everything: unchanged features need no new resolving."""
        return hash64(
            str(self.signature),
            *(f"e{value}" for value in sorted(self.emails)),
            *(f"p{value}" for value in sorted(self.phones)),
            *(f"i{kind}={value}" for kind, value in sorted(self.identifiers)),
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One live record on its way through the resolver."""

    id: int
    birth_id: str
    born: int
    key: StableKey
    features: Features


def features_of(person: Person) -> Features:
    """Fold case and accents of names away; take e-mail keys, E.164 phones and typed identifiers as they are."""
    name = person.name
    return Features(
        first=fold(name.first) if name else "",
        last=fold(name.last) if name else "",
        suffix=fold(name.suffix) if name else "",
        birth=person.date_of_birth,
        emails=frozenset(email.key for email in person.emails),
        phones=frozenset(phone.value for phone in person.phones),
        identifiers=frozenset((found.type, found.value) for found in person.identifiers),
    )


def fold(text: str) -> str:
    """Letters and digits only, lower case, without accents: "D'Árcy" -> "darcy"."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in plain if char.isalnum())


def stable_key(connection: str, stream: str, external_id: str) -> StableKey:
    def as_bytes(text: str) -> bytes:
        return text.encode("utf-8", "backslashreplace")

    return as_bytes(connection), as_bytes(stream), as_bytes(external_id)


def hash64(*parts: str) -> int:
    """A signed 64-bit hash, as both databases can store it."""
    joined = "\x1f".join(parts).encode("utf-8", "backslashreplace")
    return int.from_bytes(hashlib.blake2b(joined, digest_size=8).digest(), "big", signed=True)


def anchor_of(entries: Iterable[Entry]) -> Entry:
    """The record whose birth id the contact wears: the one that arrived first, ties by stable key."""
    return min(entries, key=lambda entry: (entry.born, entry.key))
