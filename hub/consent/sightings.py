"""What a state that was read at a vendor is worth: an act, the first sight of a no, an echo of our own write, nothing.

Decided once, when the record lands, and kept: resolution never looks into the outbox (consent.md 3.2 and 5.8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from hub.consent.events import PERSON_NOES, Action, Event, Precision
from hub.consent.noes import LATE
from hub.consent.policy import Reach

_ACTIONS: dict[str, tuple[Action, str]] = {
    "granted": ("grant", ""),
    "pending": ("pending", ""),
    "withdrawn": ("withdraw", ""),
    "bounced": ("suppress", "hard_bounce"),
    "invalid": ("suppress", "invalid"),
    "complained": ("suppress", "complaint"),
    "suppressed": ("suppress", "manual"),
    "unknown": ("state_observed", "unknown"),
    "unreadable": ("hold", "unreadable_state"),
}
NEVER_SAID = frozenset({"unknown"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One channel's state of one address, as a record shows it. `scope` is "connection/list" or ""."""

    channel: str
    address: str
    state: str
    at: datetime | None = None
    level: str = ""
    scope: str = ""
    precision: Precision = "second"
    zone: str = ""
    method: str = ""
    wording: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """Which record was read, and when: `changed_at` is the vendor's change time where it covers consent, else None.

    `born_with`: the record has never shown another address on this channel. `heard_until`: up to when everything that
    was said here has surely been read, where a record may come back as another one with an old yes; else None.
    """

    connection: str
    stream: str
    record: str
    observed_at: datetime
    changed_at: datetime | None
    born_with: bool
    yes_methods: Mapping[str, str]
    settle: timedelta = timedelta(0)
    heard_until: datetime | None = None

    @property
    def name(self) -> str:
        return f"{self.stream}:{self.record}"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a record last showed of one line (channel, address, scope), and since when it shows this address.

    `count` numbers what has been noted of the line; `hold` is the open hold of a state that nobody could read;
    `method` is how a no came about, where the record tells it. `shown`: the record still has this address.
    """

    state: str
    at: datetime | None
    known_since: datetime | None
    count: int
    hold: str = ""
    method: str = ""
    shown: bool = True


@dataclass(frozen=True, slots=True)
class OwnWrite:
    """A consent write of ours to this record and channel whose echo has not been read yet.

    `was`: the state before it. `answered_at` is None while the answer is unknown.
    """

    delivery: str
    state: str
    consent_at: datetime
    sent_at: datetime
    answered_at: datetime | None
    was: str


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of a read state: the new evidence, what is remembered of the line, the write it acknowledges."""

    events: tuple[Event, ...] = ()
    sight: Sight | None = None
    acknowledges: str = ""


def note(
    seen: Seen, reading: Reading, last: Sight | None, ours: Sequence[OwnWrite], tolerance: timedelta, reach: Reach
) -> Noted:
    """Judge one read state. `ours`: our unacknowledged writes to this line, oldest first."""
    if seen.state == "hidden":
        return Noted()
    own = ours[-1] if ours else None
    if own is not None and _is_stale(seen, reading, own):
        return Noted()
    if echo_of := _echoed(seen, reading, ours, tolerance):
        return _changed(seen, reading, last, echo_of, reach)
    if own is not None and _has_turned_back(seen, reading, last, own, tolerance):
        return _turned_back(seen, reading, last, own, reach)
    if last is not None and _says_the_same(seen, last):
        return Noted(sight=None if last.shown else replace(last, shown=True, known_since=_known_since(reading)))
    if last is None and seen.state in NEVER_SAID:
        return Noted(sight=_remembered(seen, reading, None, ""))
    return _changed(seen, reading, last, "", reach)


def _changed(seen: Seen, reading: Reading, last: Sight | None, echo_of: str, reach: Reach) -> Noted:
    event = _event(seen, reading, last, echo_of, reach)
    released = (_release(event, last),) if last is not None and last.hold and event.action != "hold" else ()
    hold = event.id if event.action == "hold" else ""
    return Noted((*released, event), _remembered(seen, reading, last, hold), echo_of)


def _has_turned_back(seen: Seen, reading: Reading, last: Sight | None, own: OwnWrite, tolerance: timedelta) -> bool:
    """The vendor took our write, and now says again what it said before: somebody changed it since.

    A yes of ours whose answer was lost counts as taken, unless nothing of the record was changed since.
    """
    if seen.state == own.state:
        return False
    if own.answered_at is None:
        untouched = reading.changed_at is not None and reading.changed_at + tolerance < own.sent_at
        if own.state != "granted" or untouched or reading.observed_at < own.sent_at:
            return False
    return last is None or seen.at is None or seen.at != last.at


def _turned_back(seen: Seen, reading: Reading, last: Sight | None, own: OwnWrite, reach: Reach) -> Noted:
    """Two steps: our write, which no read has shown, and what followed it."""
    between = replace(seen, state=own.state, at=None)
    ours = _event(between, reading, last, own.delivery, reach)
    remembered = _remembered(between, reading, last, last.hold if last else "")
    noted = _changed(seen, reading, remembered, "", reach)
    answered = min(own.answered_at or own.sent_at, reading.observed_at)
    first = min(answered, reading.changed_at or answered)  # whatever the vendor's clock says
    ours = replace(ours, action="state_observed", value=own.state, basis="", observed_at=answered, latest_at=first)
    return replace(noted, events=(ours, *noted.events), acknowledges=own.delivery)


def note_late(seen: Seen, reading: Reading, reach: Reach) -> tuple[Event, ...]:
    """The evidence of a version that a newer one had overtaken: it counts, but says nothing of what is shown now."""
    if seen.state in ("hidden", *NEVER_SAID):
        return ()
    event = _event(seen, reading, None, "", reach, f"late {seen.state} {seen.at or reading.changed_at}")
    if event.action == "grant":  # it may be our own write, and nobody looks into the outbox for it
        event = replace(event, method=seen.method or "import")
    return (replace(event, value=event.value or LATE),)


def _is_stale(seen: Seen, reading: Reading, own: OwnWrite) -> bool:
    """Still the value from before our write, inside the time in which a read may lag behind it."""
    settled = own.answered_at or own.sent_at
    return reading.observed_at <= settled + reading.settle and is_from_before(seen, own)


def is_from_before(seen: Seen, own: OwnWrite) -> bool:
    """The value that our write found and changed, with no newer time of its own."""
    return own.was != own.state and seen.state == own.was and (seen.at is None or seen.at <= own.sent_at)


def _echoed(seen: Seen, reading: Reading, ours: Sequence[OwnWrite], tolerance: timedelta) -> str:
    """The write of ours that this repeats: our latest, or for a yes with a time any of them."""
    might_be = ours if seen.state == "granted" and seen.at is not None else ours[-1:]
    return next((own.delivery for own in reversed(might_be) if _is_echo(seen, reading, own, tolerance)), "")


def _is_echo(seen: Seen, reading: Reading, own: OwnWrite, tolerance: timedelta) -> bool:
    """The same value after we sent it, at the time that we sent or at which it was applied; not a person's own no."""
    if seen.state != own.state or reading.observed_at < own.sent_at:
        return False
    if seen.state == "withdrawn" and seen.method in PERSON_NOES:
        return False
    if seen.at in (own.consent_at, own.consent_at.replace(microsecond=0)):
        return True
    at, until = seen.at, own.answered_at
    if until is None and own.state == "granted":  # it might still be ours
        until = reading.observed_at
    elif until is None:  # a no is ours only if the write can just have been applied
        at, until = at or reading.changed_at or reading.observed_at, own.sent_at + reading.settle
    return at is None or own.sent_at - tolerance <= at <= until + tolerance


def _says_the_same(seen: Seen, last: Sight) -> bool:
    """The same state at the same time; a no that is told to be another's than the last one is a new no."""
    if seen.state != last.state or (seen.state == "withdrawn" and seen.method != last.method):
        return False
    return seen.at is None or seen.at == last.at or seen.state == "unreadable"


def _remembered(seen: Seen, reading: Reading, last: Sight | None, hold: str) -> Sight:
    return Sight(
        state=seen.state,
        at=seen.at,
        known_since=last.known_since if last and last.shown else _known_since(reading),
        count=last.count + 1 if last else 1,
        hold=hold,
        method=seen.method,
    )


def _known_since(reading: Reading) -> datetime | None:
    """From when on this record can have been given a yes for this address; None for from birth on."""
    if reading.born_with:
        return None
    return min(reading.observed_at, reading.changed_at or reading.observed_at)


def _given_since(reading: Reading, last: Sight | None) -> datetime | None:
    """From when on a yes that is first read now can have been given here: an older one would have been read before."""
    since = last.known_since if last and last.shown else _known_since(reading)
    return max((at for at in (since, reading.heard_until) if at is not None), default=None)


def _event(seen: Seen, reading: Reading, last: Sight | None, echo_of: str, reach: Reach, told: str = "") -> Event:
    action, value = _ACTIONS[seen.state]
    yes = action == "grant"
    line = (reading.connection, reading.stream, reading.record, seen.channel, seen.address, seen.scope)
    return Event(
        id=event_id(*line, told or str(last.count + 1 if last else 1)),
        channel=seen.channel,
        address=seen.address,
        action=action,
        observed_at=reading.observed_at,
        source=reading.connection,
        record=reading.name,
        purpose=reach.purpose,
        brand=reach.brand,
        scope=seen.scope,
        value=value,
        basis="express" if yes else "",
        method=_method(seen, reading, last) if yes else seen.method or "sync_state",
        occurred_at=None if action == "state_observed" else seen.at,
        precision=seen.precision,
        zone=seen.zone,
        latest_at=min(reading.observed_at, reading.changed_at or reading.observed_at),
        known_since=_given_since(reading, last) if yes else None,
        echo_of=echo_of,
        wording=seen.wording,
        evidence=seen.evidence,
    )


def _method(seen: Seen, reading: Reading, last: Sight | None) -> str:
    """How the yes came about; a vendor's time that is no newer than the one seen before is nobody's new act."""
    if seen.method:
        return seen.method
    is_new = seen.at is not None and (last is None or last.at is None or seen.at > last.at)
    return reading.yes_methods.get(seen.level, "import") if is_new else "import"


def _release(event: Event, last: Sight) -> Event:
    """The record can be read again: the hold of the time when it could not is over."""
    return replace(
        event,
        id=event_id(last.hold, "released"),
        action="lift",
        value="hold",
        lifts=last.hold,
        basis="",
        method="sync_state",
        occurred_at=None,
    )


def event_id(*parts: str) -> str:
    """The id of an event by what makes it one: the same fact read again gets the same id."""
    return sha256("\x1f".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]
