"""When a person said no: the times that every yes has to beat, and the stops that no yes can beat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from hub.consent.events import EVERYTHING, HUB, Event, Key
from hub.consent.policy import Policy

CLOCK_OF_THE_HUB = ""
VENDOR_HELD = frozenset({"hard_bounce", "invalid", "manual"})
"""Suppressions that end when the same source no longer shows them."""

LATE = "late"
"""The `value` of a yes or no that was read in a version of the record which a newer one had overtaken."""

_READABLE = frozenset({"grant", "pending", "suppress", "state_observed"})

SEVERE = frozenset({"complaint", "legal"})
"""Only a named person with a reason ends these."""


@dataclass(frozen=True, slots=True)
class No:
    """A withdrawal: the latest moment it can have happened, whose clock says so, and the event that tells it."""

    at: datetime
    clock: str
    event: Event


@dataclass(frozen=True, slots=True)
class Stop:
    """Something that stops sending whatever else is known; `reason` is its code."""

    reason: str
    event_id: str


def in_order(events: Iterable[Event]) -> list[Event]:
    """Each event once, as the hub learned of them.

    What it learned in one moment is in the order of what happened; at one time the noes come last, where they count.
    """
    unique = {event.id: event for event in events}
    return sorted(unique.values(), key=_when)


def _when(event: Event) -> tuple[datetime, datetime, bool, str]:
    happened = event.occurred_at or event.latest_at or event.observed_at
    return event.observed_at, happened, event.action in ("withdraw", "object"), event.id


def noes(events: Sequence[Event], key: Key, policy: Policy) -> list[No]:
    """The withdrawals that reach this key. `events` as `in_order` gives them."""
    reaching = [event for event in events if _reaches(event, key, policy)]
    return [no for run in _lines(reaching) for no in _of_one_line(run)]


def _reaches(event: Event, key: Key, policy: Policy) -> bool:
    """A no on `*` reaches every purpose and brand; a no on one of them stays there, unless the policy says otherwise.

    Events that are no withdrawal pass: they end the runs of what was read.
    """
    if event.action != "withdraw":
        return True
    purpose = event.purpose in (EVERYTHING, key.purpose) or policy.one_purpose_stops_all
    return purpose and event.brand in (EVERYTHING, key.brand)


def _lines(events: Sequence[Event]) -> Iterator[list[Event]]:
    """What one record of one source said at one scope, in order."""
    by_line = sorted(events, key=_line)  # a stable sort: the order within a line stays
    for _, line in groupby(by_line, key=_line):
        yield list(line)


def _line(event: Event) -> tuple[str, str, str]:
    return event.source, event.record, event.scope


def _of_one_line(line: list[Event]) -> Iterator[No]:
    """Acts by their own time; what was only read once per unbroken run, at the latest it can have come about.

    Only what the line shows begins and ends a run: an act that came to be known late, a version that was overtaken
    and a state that nobody can read tell nothing of what it shows.
    """
    running = False
    for event in line:
        is_shown = event.value != LATE
        if event.action == "withdraw":
            if (no := _time_of(event, running and is_shown)) is not None:
                yield no
            running = running or (is_shown and not event.is_persons_no)
        elif is_shown and event.action in _READABLE:
            running = False


def _time_of(event: Event, running: bool) -> No | None:
    if event.echo_of:
        return None
    if (latest := event.latest()) is not None:
        if latest > event.observed_at:
            return No(event.observed_at, CLOCK_OF_THE_HUB, event)
        return No(latest, event.source, event)
    if (running and not event.is_persons_no) or event.explained_by:
        return None
    if event.latest_at is not None and event.latest_at < event.observed_at:
        return No(event.latest_at, event.source, event)
    return No(event.observed_at, CLOCK_OF_THE_HUB, event)


def stops(events: Sequence[Event], key: Key, policy: Policy) -> list[Stop]:
    """The suppressions, holds and objections in force, and addresses that are never written to."""
    found = [stop for event in events if (stop := _stop(event, events)) is not None]
    domain = key.address.rpartition("@")[2]
    if key.channel == "email" and domain in policy.never_contact_domains:
        found.append(Stop("never_contact", ""))
    return found


def _stop(event: Event, events: Sequence[Event]) -> Stop | None:
    match event.action:
        case "suppress" if not _is_lifted(event, events):
            return Stop(event.value, event.id)
        case "hold" if not _is_released(event, events):
            return Stop("hold", event.id)
        case "object" if not _is_released(event, events):
            return Stop("objection", event.id)
    return None


def _is_released(event: Event, events: Sequence[Event]) -> bool:
    return any(lift.action == "lift" and lift.lifts == event.id for lift in events)


def _is_lifted(suppressed: Event, events: Sequence[Event]) -> bool:
    reason = suppressed.value
    for event in events:
        if event.action == "lift" and event.lifts == suppressed.id and event.actor:
            return True
        if event.observed_at <= suppressed.observed_at or reason in SEVERE:
            continue
        if reason in VENDOR_HELD and suppressed.source != HUB and _no_longer_shown(suppressed, event):
            return True
        if reason == "hard_bounce" and _is_sign_of_life(suppressed, event):
            return True
    return False


def _no_longer_shown(suppressed: Event, event: Event) -> bool:
    """What the same line shows afterwards; a click on an old link shows nothing of it."""
    if _line(event) != _line(suppressed) or event.value == LATE:
        return False
    if event.action == "withdraw":
        return not event.is_persons_no
    return event.action in ("grant", "pending", "state_observed")


def _is_sign_of_life(suppressed: Event, event: Event) -> bool:
    """A delivery, an answer or a confirmed double opt-in after the bounce shows that the address works."""
    when = event.occurred_at or event.observed_at
    if when <= (suppressed.occurred_at or suppressed.observed_at):
        return False
    if event.action == "lift":
        return event.value == "hard_bounce"
    return event.action == "grant" and event.method == "double_opt_in" and not event.echo_of
