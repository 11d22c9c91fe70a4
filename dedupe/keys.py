"""Blocking keys: the typed values that two records must share to be compared at all, as 64-bit hashes."""

from __future__ import annotations

from dataclasses import dataclass

from dedupe.features import Features, hash64


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """One value a record can be found by. `kind` names the comparison that the value belongs to."""

    hash: int
    kind: str
    value: str


def keys_of(features: Features) -> tuple[Key, ...]:
    """E-mail, phone and typed identifiers, each as its own kind of key, in a fixed order."""
    found = [("email", value) for value in features.emails]
    found += [("phone", value) for value in features.phones]
    found += [("identifier", f"{kind}={value}") for kind, value in features.identifiers]
    return tuple(sorted(Key(hash64(kind, value), kind, value) for kind, value in found))
