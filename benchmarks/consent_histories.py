"""Random histories of one person with two or more source records, and how a rule of consent is judged by them.

One tick is a minute. The person says yes and no at some sources; three in ten words lose their time, each reaches the
hub up to 200 ticks late, a third of the yeses is said where nobody vouches for them: such a system stamps what it was
told with the time at which it copied it. Beside them are imports, defaults, echoes of our own writes, and states that
are read again and again. What the person really said last is known here, and nowhere in the evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter
from typing import Any

from hub.consent.events import Event, Key
from hub.consent.policy import Policy
from hub.consent.resolution import resolve

KEY = Key("email", "alice@example.com")
START = datetime(2026, 3, 2, tzinfo=UTC)
TICKS = 1000
LAG = 200
TOLERANCE = 5.0
END = START + timedelta(minutes=10 * TICKS)
TRUSTED = ("shop", "newsletter", "texts", "till")
STRANGER = "stranger"
POLICY = Policy(
    grant_sources={"email": frozenset((source, "") for source in TRUSTED)}, tolerance=timedelta(minutes=TOLERANCE)
)

Rule = Callable[[list[Event]], bool]


@dataclass(frozen=True, slots=True)
class Source:
    """A system and its record. `clock`: how many ticks it is ahead. `keeps_state`: its noes are only ever read."""

    name: str
    clock: float
    keeps_state: bool
    tells_changes: bool


@dataclass(frozen=True, slots=True)
class Word:
    """Something the person really said."""

    tick: float
    is_yes: bool
    source: Source


@dataclass
class History:
    """The evidence, the person's last word with the event that tells it, and the latest each no can have been said."""

    events: list[Event] = field(default_factory=list)
    last: Word | None = None
    last_event: Event | None = None
    noes: list[datetime] = field(default_factory=list)


def histories(random: Random, count: int, skew: float) -> Iterator[History]:
    """`skew`: the greatest clock error of a source, in ticks; half of the sources have one."""
    for _ in range(count):
        yield _history(random, skew)


def _history(random: Random, skew: float) -> History:
    names = random.sample(TRUSTED, random.randint(2, len(TRUSTED)))
    sources = [_source(name, random, skew) for name in names]
    ticks = sorted(random.sample(range(TICKS), random.randint(0, 4)))
    words: list[Word] = []
    for tick in ticks:
        source = random.choice(sources)
        words.append(_word(tick, source, words, random, skew))
    history = History()
    for place, word in enumerate(words):
        _tell(history, place, word, words[place + 1 :], random)
    _make_noise(history, sources, random)
    random.shuffle(history.events)
    return history


def _source(name: str, random: Random, skew: float) -> Source:
    clock = random.uniform(-skew, skew) if random.random() < 0.5 else 0.0
    return Source(name, clock, random.random() < 0.4, random.random() < 0.5)


def _word(tick: float, source: Source, before: list[Word], random: Random, skew: float) -> Word:
    """Whoever is unsubscribed cannot unsubscribe where only a state is kept."""
    if random.random() < 0.5:
        stranger = random.random() < 1 / 3
        return Word(tick, True, _source(STRANGER, random, skew) if stranger else source)
    there = [word for word in before if word.source == source]
    if source.keeps_state and there and not there[-1].is_yes:
        source = replace(source, keeps_state=False)
    return Word(tick, False, source)


def at(tick: float) -> datetime:
    return START + timedelta(minutes=tick)


def _tell(history: History, place: int, word: Word, later: list[Word], random: Random) -> None:
    """What reaches the hub of a word, and when."""
    source = word.source
    seen = word.tick + random.uniform(0, LAG)
    following = [one.tick for one in later if one.source.name == source.name]
    if source.keeps_state and following:
        seen = min(seen, following[0] - 0.5)
    stamp = None if random.random() < 0.3 else at(word.tick + source.clock)
    if word.is_yes:
        told = _grant(f"w{place}", source, seen, stamp if source.name != STRANGER or stamp is None else at(seen))
    elif source.keeps_state:
        told = _read_again(history, place, word, seen, min([seen + 3 * LAG, *following]), random)
    else:
        told = _event(f"w{place}", "withdraw", source.name, seen, method="link", occurred_at=stamp)
    history.events.append(told)
    history.last, history.last_event = word, told
    if not word.is_yes:
        history.noes.append(told.occurred_at or told.latest_at or told.observed_at)


def _grant(name: str, source: Source, seen: float, stamp: datetime | None) -> Event:
    return _event(name, "grant", source.name, seen, method="form", basis="express", occurred_at=stamp)


def _read_again(history: History, place: int, word: Word, seen: float, until: float, random: Random) -> Event:
    """The state is read, and read again while it stays: only the first sight tells when the no can have been said."""
    changed = at(min(seen, word.tick + word.source.clock)) if word.source.tells_changes else None
    for again in range(random.randint(0, 2)):
        later = random.uniform(seen, until)
        history.events.append(_sighting(f"w{place} again {again}", word.source, later, at(later)))
    return _sighting(f"w{place}", word.source, seen, changed)


def _sighting(name: str, source: Source, seen: float, changed: datetime | None) -> Event:
    return _event(name, "withdraw", source.name, seen, method="sync_state", latest_at=changed)


def _make_noise(history: History, sources: list[Source], random: Random) -> None:
    for place in range(random.randint(0, 3)):
        source, seen = random.choice(sources).name, random.uniform(0, TICKS + LAG)
        kind = random.choice(("import", "default", "echo", "never asked"))
        name = f"n{place}"
        if kind == "import":
            made = _event(name, "grant", "file", seen, method="import", basis="express", occurred_at=at(seen))
        elif kind == "default":
            made = _event(name, "grant", source, seen, record="new", method="sync_state", basis="express")
        elif kind == "echo":
            made = replace(_grant(name, Source(source, 0, False, False), seen, at(seen)), echo_of="ours", record="ours")
        else:
            made = _event(name, "state_observed", source, seen, record="new", value="unknown")
        history.events.append(made)


def _event(name: str, action: str, source: str, seen: float, record: str = "1", **rest: Any) -> Event:
    words: dict[str, Any] = {"action": action, "observed_at": at(seen), "source": source, "record": record, **rest}
    return Event(name, KEY.channel, KEY.address, **words)


# The rules that are judged


def recommended(events: list[Event]) -> bool:
    return resolve(events, KEY, POLICY, END).may_send


def believes_strangers(events: list[Event]) -> bool:
    """The recommended rule with a fault: whoever says that somebody said yes is believed."""
    sources = frozenset((source, "") for source in (*TRUSTED, STRANGER))
    return resolve(events, KEY, replace(POLICY, grant_sources={"email": sources}), END).may_send


def any_no_wins(events: list[Event]) -> bool:
    return union_of_yeses(events) and all(event.action != "withdraw" for event in events)


def last_write_wins(events: list[Event]) -> bool:
    said = [event for event in events if event.action in ("grant", "withdraw")]
    return bool(said) and max(said, key=lambda event: event.observed_at).action == "grant"


def latest_time_wins(events: list[Event]) -> bool:
    said = [event for event in events if event.action in ("grant", "withdraw")]
    return bool(said) and max(said, key=lambda event: event.occurred_at or event.observed_at).action == "grant"


def union_of_yeses(events: list[Event]) -> bool:
    return any(event.action == "grant" for event in events)


RULES: dict[str, Rule] = {
    "recommended": recommended,
    "any_no_wins": any_no_wins,
    "last_write_wins": last_write_wins,
    "latest_time_wins": latest_time_wins,
    "union_of_yeses": union_of_yeses,
}


@dataclass
class Verdict:
    """How a rule did. `blocked_provably`: of those whose last word was a yes that any proof is there for."""

    mailed: int = 0
    blocked: Counter[str] = field(default_factory=Counter)
    blocked_provably: int = 0
    seconds: float = 0.0

    def __iadd__(self, other: Verdict) -> Verdict:
        self.mailed += other.mailed
        self.blocked += other.blocked
        self.blocked_provably += other.blocked_provably
        self.seconds += other.seconds
        return self


@dataclass
class Verdicts:
    histories: int = 0
    events: int = 0
    last_word_no: int = 0
    last_word_yes: int = 0
    provable: int = 0
    of: dict[str, Verdict] = field(default_factory=dict)

    def __iadd__(self, other: Verdicts) -> Verdicts:
        for name in ("histories", "events", "last_word_no", "last_word_yes", "provable"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name, verdict in other.of.items():
            self.of[name] = self.of.get(name, Verdict())
            self.of[name] += verdict
        return self


def judge(seed: str, count: int, skew: float, rules: dict[str, Rule]) -> Verdicts:
    """Play histories and let each rule decide whether the person may be mailed at their end."""
    verdicts = Verdicts(of={name: Verdict() for name in rules})
    for history in histories(Random(seed), count, skew):
        verdicts.histories += 1
        verdicts.events += len(history.events)
        reason = why_unproven(history)
        if history.last is not None:
            verdicts.last_word_yes += history.last.is_yes
            verdicts.last_word_no += not history.last.is_yes
            verdicts.provable += reason == ""
        for name, rule in rules.items():
            verdict = verdicts.of[name]
            begun = perf_counter()
            mails = rule(history.events)
            verdict.seconds += perf_counter() - begun
            if history.last is None or mails is history.last.is_yes:
                continue
            if mails:
                verdict.mailed += 1
            else:
                verdict.blocked[reason or "proven"] += 1
                verdict.blocked_provably += reason == ""
    return verdicts


def why_unproven(history: History) -> str:
    """Why the evidence cannot show that the last word was a yes; "" where it can."""
    told = history.last_event
    if told is None or told.action != "grant":
        return "no yes"
    if told.source == STRANGER:
        return "untrusted" if told.occurred_at else "untrusted and undated"
    if told.occurred_at is None:
        return "undated"
    late = [no for no in history.noes if told.occurred_at <= no + POLICY.tolerance]
    if not late:
        return ""
    return "within tolerance" if max(late) <= told.occurred_at + POLICY.tolerance else "a no came in later, undated"
