"""What a destination should say of an address, what it says, and what follows from the difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from connectors.kit.destination import Capabilities, Resubscribe
from hub.consent.resolution import State

Direction = Literal["in", "out", "leave"]
Shown = Literal["in", "out", "blocked", "asked", "never", "unknown", "absent"]
Told = Literal["read", "answer", "told", "none"]

OUT_STOPS = frozenset({"objection", "complaint", "legal", "erased"})
"""Stops that the destinations must know of. A bounce is not one: it would come back as the person's own no."""

_SHOWN: dict[str, Shown] = {
    "granted": "in",
    "withdrawn": "out",
    "complained": "out",
    "bounced": "blocked",
    "invalid": "blocked",
    "suppressed": "blocked",
    "pending": "asked",
    "unknown": "never",
    "unreadable": "unknown",
    "hidden": "absent",
}


@dataclass(frozen=True, slots=True)
class Desired:
    """Where an address belongs at one destination, and the reason code."""

    direction: Direction
    reason: str


@dataclass(frozen=True, slots=True)
class Observed:
    """What a destination says of an address, who says so, and as of when.

    `is_ours`: a no that we wrote ourselves, acknowledged, on a record that nobody has changed since.
    `is_still`: nobody has changed the record since the yes. `asked`: the grant event for which a confirmation has
    been asked for already.
    """

    shown: Shown
    told: Told = "none"
    at: datetime | None = None
    is_ours: bool = False
    is_still: bool = False
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference that is to be written (`wanted`), or why it is not (`withheld`)."""

    wanted: Literal["in", "out", ""] = ""
    reason: str = ""
    withheld: str = ""
    by_confirmation: bool = False


NO_GAP = Gap()


def desired(state: State, scope: str) -> Desired:
    """Consent.md 5.0. `scope`: the list or sender the destination writes to."""
    yes_here = bool(scope) and scope in state.scopes
    if state.recorded == "withdrawn" and not yes_here:
        return Desired("out", state.reason if state.stops else "withdrawn")
    if OUT_STOPS.intersection(state.stops):
        return Desired("out", min(OUT_STOPS.intersection(state.stops)))
    if state.stops:
        return Desired("leave", min(state.stops))
    if yes_here or (state.recorded == "granted" and state.may_send):
        return Desired("in", "granted")
    return Desired("leave", state.reason)


def is_locked(state: State, scope: str) -> bool:
    """A no was said at this list or sender and nothing there has taken it back: a yes said elsewhere does not count."""
    return bool(scope) and scope in state.locks


def shown(state: str) -> Shown:
    """A source's consent state as a destination's answer."""
    return _SHOWN[state]


def gap(
    state: State, scope: str, observed: Observed, can: Capabilities, resubscribe: Resubscribe, push_grants: bool
) -> Gap:
    """What to write so that the destination says what it should. `resubscribe`: what the operator allows."""
    wish = desired(state, scope)
    if wish.direction == "leave" or observed.shown == "absent":
        return NO_GAP
    if wish.direction == "out":
        return NO_GAP if observed.shown in ("out", "blocked") else Gap("out", wish.reason)
    if observed.shown == "in":
        return Gap("out", "withdrawn") if is_locked(state, scope) else NO_GAP
    if not push_grants or "in" not in can.directions:
        return Gap(withheld="grants_off", reason=wish.reason)
    return _yes(state, scope, observed, can, resubscribe)


def _yes(state: State, scope: str, observed: Observed, can: Capabilities, resubscribe: Resubscribe) -> Gap:
    granted = Gap("in", "granted")
    if observed.shown == "blocked":
        return Gap(withheld="blocked_there", reason="granted")
    if observed.shown == "unknown":
        return Gap(withheld="unknown_there", reason="granted")
    if observed.shown == "asked":  # the mail is with the person, and so is the answer
        return Gap(withheld="asked_there", reason="granted")
    locked = is_locked(state, scope)
    if can.resubscribe == "keyword":
        return Gap(withheld="vendor_locked", reason="granted")
    if not locked and (observed.shown == "never" or observed.is_ours):
        return granted
    by_mail = can.resubscribe == resubscribe == "pending" and observed.is_still
    if by_mail and observed.asked not in state.decided_by:
        return Gap("in", "granted", by_confirmation=True)
    if can.resubscribe == "plain" and not locked:
        return Gap(withheld="no_of_their_own", reason="granted")
    return Gap(withheld="vendor_locked", reason="granted")
