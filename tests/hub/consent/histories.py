"""Little histories: people act at vendors, the hub polls, reads stale pages, pushes through the gate and loses answers.

The shop keeps the time of both words; the newsletter keeps consent per list and no time for a no; the help desk keeps
a flag without any time; text messages are acts at a sender; files bring rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from hypothesis import strategies as st

from connectors.kit.destination import Capabilities, ConsentChange, Permitted
from hub.consent.desired import Observed, desired, shown
from hub.consent.events import Event, Key
from hub.consent.gate import Circumstances, permit
from hub.consent.policy import Reach
from hub.consent.resolution import State, resolve
from hub.consent.sightings import OwnWrite, Reading, Seen, Sight, note
from tests.hub.consent.evidence import ALICE, LIST, POLICY, SHARED_PHONE, START_OF_TIME

SENDERS = ("texts/61480", "texts/61481")
SETTLE = timedelta(minutes=10)
KEYS = {"email": Key("email", ALICE), "sms": Key("sms", SHARED_PHONE)}
PLACES = ("shop", "shop_sms", "newsletter", "help")
Word = Literal["yes", "no"]
Said = tuple[datetime, str, Word, str]
"""When somebody said what, on which channel, and where."""


@dataclass
class Place:
    """A vendor's record. `changed` is its change time, `by_us`: the last change of consent was the hub's."""

    connection: str
    channel: str
    scope: str = ""
    dated: frozenset[str] = frozenset()
    covers: bool = True
    methods: dict[str, str] = field(default_factory=dict)
    state: str = "unknown"
    at: datetime | None = None
    changed: datetime = START_OF_TIME
    by_us: bool = False

    def set(self, state: str, now: datetime, at: datetime | None, by_us: bool) -> None:
        self.state, self.changed, self.by_us = state, now, by_us
        self.at = at if state in self.dated else None


def _places() -> dict[str, Place]:
    both = frozenset({"granted", "withdrawn"})
    return {
        "shop": Place("shop", "email", dated=both, methods={"": "form"}),
        "shop_sms": Place("shop", "sms", dated=both, methods={"": "form"}),
        "newsletter": Place("newsletter", "email", LIST, dated=frozenset({"granted"}), methods={"": "double_opt_in"}),
        "help": Place("help", "email", covers=False),
    }


@dataclass
class World:
    now: datetime = START_OF_TIME
    places: dict[str, Place] = field(default_factory=_places)
    events: list[Event] = field(default_factory=list)
    sights: dict[str, Sight] = field(default_factory=dict)
    ours: dict[str, list[OwnWrite]] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    before_last_push: dict[str, Place] = field(default_factory=dict)
    counter: int = 0

    # what people do

    def wait(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    def say(self, where: str, word: Word) -> None:
        """A click on what is there already changes nothing where no time is kept; a yes is read back at once.

        Without that a yes and a no between two reads are what a state cannot show (consent.md 3.8).
        """
        place = self.places[where]
        state = "granted" if word == "yes" else "withdrawn"
        if (where == "help" and word == "yes") or (place.state == state and state not in place.dated):
            return
        place.set(state, self.now, self.now, by_us=False)
        self.said.append((self.now, place.channel, word, place.scope))
        if word == "yes":
            self.poll(where)

    def text(self, sender: str, word: Word) -> None:
        """STOP or START: a message of its own, known at once."""
        self.said.append((self.now, "sms", word, sender))
        basis = "express" if word == "yes" else ""
        self._keep("grant" if word == "yes" else "withdraw", "texts", scope=sender, method="keyword", basis=basis)

    def file(self, word: Word) -> None:
        """A row without any time; nobody says a yes by a file."""
        if word == "no":
            self.said.append((self.now, "email", "no", ""))
        seen = Seen("email", ALICE, "granted" if word == "yes" else "withdrawn")
        self.read_new_record("file", seen)

    def edit(self, where: str) -> None:
        """A new name: the change time moves and consent does not."""
        self.places[where].changed = self.now

    # what the hub does

    def poll(self, where: str, *, stale: bool = False, state: str = "") -> None:
        place = self.before_last_push.get(where, self.places[where]) if stale else self.places[where]
        last = self.sights.get(where)
        seen = Seen(place.channel, KEYS[place.channel].address, state or place.state, place.at, "", place.scope)
        reading = self._reading(place, last is None)
        noted = note(seen, reading, last, self.ours.get(where, ()), POLICY.tolerance, Reach())
        self.events += noted.events
        if noted.sight is not None:
            self.sights[where] = noted.sight
        if noted.acknowledges:
            self.ours[where] = [own for own in self.ours[where] if own.delivery != noted.acknowledges]

    def poll_all(self) -> None:
        for where in PLACES:
            self.poll(where)

    def read_new_record(self, connection: str, seen: Seen, *, born_with: bool = True, method: str = "form") -> None:
        self.counter += 1
        reading = Reading(connection, "rows", str(self.counter), self.now, self.now, born_with, {"": method})
        self.events += note(seen, reading, None, (), POLICY.tolerance, Reach()).events

    def push(self, where: str, *, answered: bool = True, applied: bool = True) -> None:
        """Read, ask, write: as every push does."""
        self.poll(where)
        place = self.places[where]
        state = self.judged(place.channel)
        wanted = desired(state, place.scope).direction
        if wanted == "leave":
            return
        around = Circumstances(
            scope=place.scope,
            observed=Observed(shown(place.state), "read", self.now, is_ours=place.by_us),
            can=Capabilities(resubscribe="plain"),
            resubscribe="plain",
        )
        channel: Any = place.channel
        change = ConsentChange("1", channel, ALICE, wanted, state.at or self.now, "0" * 32)
        if isinstance(permit(change, state, around), Permitted) and shown(place.state) != wanted:
            self.write(where, "granted" if wanted == "in" else "withdrawn", change.at, answered, applied)

    def write(self, where: str, state: str, consent_at: datetime, answered: bool = True, applied: bool = True) -> None:
        place = self.places[where]
        self.counter += 1
        self.before_last_push[where] = replace(place)
        own = OwnWrite(f"d{self.counter}", state, consent_at, self.now, self.now if answered else None, place.state)
        self.ours.setdefault(where, []).append(own)
        if applied or answered:
            at = consent_at if where.startswith("shop") else self.now
            place.set(state, self.now, at, by_us=True)

    def judged(self, channel: str) -> State:
        return resolve(self.of(channel), KEYS[channel], POLICY, self.now)

    def of(self, channel: str) -> list[Event]:
        return [event for event in self.events if event.channel == channel]

    def last_word(self, channel: str) -> Said | None:
        return next((one for one in reversed(self.said) if one[1] == channel), None)

    def _reading(self, place: Place, born_with: bool) -> Reading:
        changed = place.changed if place.covers else None
        return Reading(place.connection, place.channel, "1", self.now, changed, born_with, place.methods, SETTLE)

    def _keep(self, action: Any, source: str, **rest: Any) -> None:
        self.counter += 1
        self.events.append(
            Event(
                f"m{self.counter}",
                "sms",
                SHARED_PHONE,
                action,
                self.now,
                source,
                record="numbers:1",
                occurred_at=self.now,
                **rest,
            )
        )


Step = tuple[str, tuple[Any, ...], dict[str, Any]]


def _steps() -> st.SearchStrategy[Step]:
    where, word, sender = st.sampled_from(PLACES), st.sampled_from(("yes", "no")), st.sampled_from(SENDERS)
    none: st.SearchStrategy[dict[str, Any]] = st.just({})
    lost = st.sampled_from(({}, {}, {"answered": False}, {"answered": False, "applied": False}))
    misread = st.sampled_from(({}, {}, {"stale": True}, {"state": "unreadable"}))
    return st.one_of(
        st.tuples(st.just("say"), st.tuples(where, word), none),
        st.tuples(st.just("say"), st.tuples(where, word), none),
        st.tuples(st.just("text"), st.tuples(sender, word), none),
        st.tuples(st.just("file"), st.tuples(word), none),
        st.tuples(st.just("edit"), st.tuples(where), none),
        st.tuples(st.just("poll"), st.tuples(where), misread),
        st.tuples(st.just("push"), st.tuples(where), lost),
    )


def played(steps: Sequence[tuple[int, Step]]) -> World:
    """The world after these steps, everything read once more and every write settled."""
    world = World()
    for minutes, (verb, args, words) in steps:
        world.wait(minutes)
        if verb == "poll" and words.get("stale"):
            _read_stale(world, args[0])
        else:
            getattr(world, verb)(*args, **words)
    world.wait(24 * 60)
    for _ in steps or ("once",):  # a read acknowledges one write
        world.poll_all()
    return world


def _read_stale(world: World, where: str) -> None:
    """A read lags behind for the settle time at most."""
    own = world.ours.get(where)
    inside = bool(own) and world.now <= own[-1].sent_at + SETTLE
    world.poll(where, stale=inside)


def histories(longest: int = 14) -> st.SearchStrategy[World]:
    waits = st.sampled_from((1, 2, 7, 15, 90, 2000))
    return st.lists(st.tuples(waits, _steps()), max_size=longest).map(played)
