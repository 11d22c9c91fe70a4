"""What the evidence says of one key: a pure function of the set of events, the policy and a moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from hub.consent.events import EVERYTHING, HUB, PERSON_ACTS, Event, Key
from hub.consent.noes import LATE, No, Stop, in_order, noes, stops
from hub.consent.policy import Policy

Recorded = Literal["unknown", "pending", "granted", "inferred", "withdrawn"]


@dataclass(frozen=True, slots=True)
class State:
    """What is recorded of a key, and whether it may be sent to.

    `reason` is a code: the recorded state, or what stops sending. `at`: when the deciding act happened.
    `scopes`: lists and senders where a yes stands that does not reach further. `locks`: those where a no stands
    until a yes comes from the same place. `review`: a later yes is plausible but not proven, a person may look.
    `recheck_at`: when time alone may change the answer.
    """

    recorded: Recorded
    may_send: bool
    reason: str
    at: datetime | None = None
    decided_by: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()
    locks: frozenset[str] = frozenset()
    stops: tuple[str, ...] = ()
    review: bool = False
    recheck_at: datetime | None = None

    def may_send_at(self, scope: str) -> bool:
        """The same question at one list or sender: a yes given there counts there, a no given there locks it."""
        if self.stops or (scope and scope in self.locks):
            return False
        return self.may_send or (bool(scope) and scope in self.scopes)


def resolve(
    events: Iterable[Event], key: Key, policy: Policy, as_of: datetime, severe: Sequence[datetime] = ()
) -> State:
    """Resolve a key from everything known of its address on its channel.

    `severe`: when the same person complained or objected at another address of theirs (see `mixed_addresses`).
    """
    known = in_order(event for event in events if event.observed_at <= as_of)
    refusals = noes(known, key, policy)
    yeses = [event for event in known if _is_a_yes(event, key, policy, as_of)]
    standing = _standing(yeses, refusals, policy)
    stopped = stops(known, key, policy)
    wide = [event for event in standing if not event.scope]
    state = _judged(wide, refusals, known, key, policy, as_of)
    return State(
        recorded=state.recorded,
        may_send=state.may_send and not stopped and not _is_mixed(wide, severe, policy),
        reason=_reason(state, wide, stopped, severe, policy),
        at=state.at,
        decided_by=tuple(stop.event_id for stop in stopped if stop.event_id) or state.decided_by,
        scopes=frozenset(event.scope for event in standing if event.scope and not _is_mixed([event], severe, policy)),
        locks=_locks(refusals, known),
        stops=tuple(sorted({stop.reason for stop in stopped})),
        review=bool(refusals) and not wide and _is_later_yes_plausible(known, refusals),
        recheck_at=state.recheck_at,
    )


def _is_a_yes(event: Event, key: Key, policy: Policy, as_of: datetime) -> bool:
    """An express yes of a trusted source."""
    if event.basis != "express" or not _may_count(event, key, policy, as_of):
        return False
    return event.source == HUB or policy.trusts(event.source, event.method, event.channel)


def _may_count(event: Event, key: Key, policy: Policy, as_of: datetime) -> bool:
    """A grant that reaches the key and is neither ours, expired, in the future nor the yes of another address."""
    if event.action != "grant" or event.echo_of:
        return False
    if event.purpose not in (EVERYTHING, key.purpose) or event.brand not in (EVERYTHING, key.brand):
        return False
    if event.expires_at is not None and event.expires_at <= as_of:
        return False
    if not _was_given_here(event):
        return False
    at = event.earliest()
    return at is None or at <= event.observed_at + policy.tolerance


def _was_given_here(event: Event) -> bool:
    """Not at the address that the record had before."""
    at = event.earliest()
    return event.known_since is None or (at is not None and at >= event.known_since)


def _standing(yeses: list[Event], refusals: list[No], policy: Policy) -> list[Event]:
    """The yeses that hold: all of them while nobody said no, afterwards only those proven later than every no."""
    found = [event for event in yeses if _opens_what_it_may(event, refusals)]
    if not refusals:
        return found
    return [event for event in found if _is_proven_act(event, policy) and _beats(event, refusals, policy)]


def _opens_what_it_may(event: Event, refusals: list[No]) -> bool:
    """START is an answer to STOP: without one at the same sender before it, it says nothing."""
    if event.method != "keyword":
        return True
    return any(no.event.method == "keyword" and no.event.scope == event.scope for no in refusals)


def _is_proven_act(event: Event, policy: Policy) -> bool:
    """A box that was ticked is proven by its wording, an agent's word by what it rests on."""
    if event.method not in PERSON_ACTS or event.source in policy.foreign_writers:
        return False
    if event.method == "checkbox":
        return bool(event.wording)
    return event.method != "agent" or bool(event.evidence)


def _beats(event: Event, refusals: list[No], policy: Policy) -> bool:
    at = event.earliest()
    if at is None:
        return False
    return all(at > no.at + _tolerance(event, no, policy) for no in refusals)


def _tolerance(event: Event, no: No, policy: Policy) -> timedelta:
    """Two times of one clock can be compared as they stand."""
    return timedelta(0) if event.source == no.clock else policy.tolerance


def _judged(
    wide: list[Event], refusals: list[No], known: list[Event], key: Key, policy: Policy, as_of: datetime
) -> State:
    if wide:
        newest = max(wide, key=lambda e: (e.occurred_at or e.observed_at, e.id))
        ends = [event.expires_at for event in wide]
        recheck = None if None in ends else max(end for end in ends if end)
        return State(
            "granted", True, "granted", newest.occurred_at or newest.observed_at, (newest.id,), recheck_at=recheck
        )
    if refusals:
        last = max(refusals, key=lambda no: (no.at, no.event.id))
        return State("withdrawn", False, "withdrawn", last.at, (last.event.id,))
    return _softer(known, key, policy, as_of)


def _softer(known: list[Event], key: Key, policy: Policy, as_of: datetime) -> State:
    """Nobody said yes or no plainly: inferred from buying, asked and waiting, or nothing."""
    if (inferred := policy.inferred) and key.channel in inferred.channels:
        for event in reversed(known):
            ends = (event.occurred_at or event.observed_at) + inferred.expires
            is_inferred = event.basis == "inferred" and event.source in inferred.sources and not event.scope
            if is_inferred and as_of < ends and _may_count(event, key, policy, as_of):
                return State("inferred", True, "inferred", event.occurred_at, (event.id,), recheck_at=ends)
    asked = next((event for event in reversed(known) if event.action == "pending" and not event.echo_of), None)
    if asked is not None and as_of < (ends := asked.observed_at + policy.pending_expires):
        return State("pending", False, "pending", asked.observed_at, (asked.id,), recheck_at=ends)
    return State("unknown", False, "unknown")


def _reason(state: State, wide: list[Event], stopped: list[Stop], severe: Sequence[datetime], policy: Policy) -> str:
    if stopped:
        return min(stop.reason for stop in stopped)
    return "mixed" if _is_mixed(wide, severe, policy) else state.reason


def _is_mixed(wide: list[Event], severe: Sequence[datetime], policy: Policy) -> bool:
    """The person complained elsewhere and has not said yes here since."""
    if not severe or not wide or policy.mixed_addresses == "address":
        return False
    times = [at for event in wide if (at := event.earliest()) is not None]
    return not times or max(times) <= max(severe) + policy.tolerance


def _locks(refusals: list[No], known: Sequence[Event]) -> frozenset[str]:
    """The lists and senders where a no was said and no yes since."""
    scoped = [no for no in refusals if no.event.scope]
    return frozenset(no.event.scope for no in scoped if not any(_opens(event, no) for event in known))


def _opens(event: Event, no: No) -> bool:
    """A yes from the same place after the no; the keyword of a phone only by a keyword of that phone."""
    if event.action != "grant" or event.echo_of or event.scope != no.event.scope or not _was_given_here(event):
        return False
    if no.event.method == "keyword" and event.method != "keyword":
        return False
    if (at := event.earliest()) is not None:
        return min(at, event.observed_at) > no.at
    return event.value != LATE and event.observed_at > no.event.observed_at


def _is_later_yes_plausible(known: Sequence[Event], refusals: list[No]) -> bool:
    """A yes that came in after the last no but cannot be proven: worth a person's look, not worth a message."""
    last = max(no.at for no in refusals)
    return any(
        event.action == "grant" and not event.echo_of and (event.occurred_at or event.observed_at) >= last
        for event in known
    )
