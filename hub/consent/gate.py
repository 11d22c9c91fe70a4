"""The one way to a vendor: every consent write is asked for here, right before it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.kit.destination import Capabilities, ConsentChange, Permitted, Resubscribe
from hub.consent.desired import Observed, desired, gap, is_locked
from hub.consent.resolution import State


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else a write depends on.

    `optouts_waiting`: opt-outs that can still succeed wait for this destination. `stale`: the connections that can
    withdraw on this channel and were not pulled recently enough.
    """

    scope: str
    observed: Observed
    can: Capabilities
    resubscribe: Resubscribe
    push_grants: bool = True
    optouts_waiting: bool = False
    stale: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withheld:
    """A change that must not be sent now, with the code of the reason."""

    reason: str


def permit(change: ConsentChange, state: State, around: Circumstances) -> Permitted[ConsentChange] | Withheld:
    """Let the change pass only if the evidence asks for exactly this, now.

    An opt-out needs nothing but the evidence. A grant also needs that no opt-out waits at the destination, that
    the sources which could withdraw were heard, and that what the destination shows may be overwritten.
    """
    wish = desired(state, around.scope)
    closes = change.wanted == "out" and is_locked(state, around.scope)
    if wish.direction != change.wanted and not closes:
        return Withheld("evidence_changed")
    if change.channel not in around.can.consent:
        return Withheld("unsupported")
    if change.wanted == "out":
        if change.by_confirmation:
            return Withheld("evidence_changed")
        return Permitted(change, "withdrawn" if closes else wish.reason)
    if around.optouts_waiting:
        return Withheld("optouts_first")
    if around.stale:
        return Withheld("sources_stale")
    found = gap(state, around.scope, around.observed, around.can, around.resubscribe, around.push_grants)
    if found.wanted != "in" or found.by_confirmation != change.by_confirmation:
        return Withheld(found.withheld or "evidence_changed")
    return Permitted(change, wish.reason)
