"""Rules of the hub switched off, to see that the proving ground notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from hub.consent import noes
from hub.consent.events import Event
from hub.consent.noes import No

NAMES = ("echo", "runs", "read")


@contextmanager
def without(name: str) -> Iterator[None]:
    """echo: our own writes are evidence (5.8). runs: every read of a no is a new one, now (3.2). read: 5.2."""
    match name:
        case "":
            yield
        case "echo":
            with patch("hub.consent.sightings._is_echo", lambda *_: False):
                yield
        case "runs":
            with (
                patch("hub.consent.sightings._says_the_same", lambda *_: False),
                patch("hub.consent.noes._of_one_line", _each_anew),
            ):
                yield
        case "read":
            with patch("hub.stages.observe.read_before", _nothing_read):
                yield
        case _:
            raise ValueError(f"there is no switch {name}: {', '.join(NAMES)}")


def _each_anew(line: Sequence[Event]) -> Iterator[No]:
    for event in line:
        if event.action == "withdraw" and not event.echo_of:
            seen = event if event.is_persons_no else replace(event, occurred_at=None, latest_at=None)
            if (no := noes._time_of(seen, False)) is not None:
                yield replace(no, event=event)


def _nothing_read(*_: Any) -> set[str]:
    return set()
