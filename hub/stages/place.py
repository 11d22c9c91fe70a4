"""Where records come from: the names every stage needs to say whose record it holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A stream of a connection in this installation."""

    installation: str
    connection: str
    stream: str


def lease_of(place: Place) -> str:
    """The name of the lease under which a stream is pulled, by whomever."""
    return f"{place.connection}.{place.stream}"
