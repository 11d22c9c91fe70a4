"""Where records come from: the names every stage needs to say whose record it holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A stream of a connection in this installation."""

    installation: str
    connection: str
    stream: str
