"""Judges what the hub wrote, the moment it writes it, and what is left in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.kit.simulator import Entry
from hub.consent.resolution import State
from tests.hub.edges.acts import Act, Line, last_no, standing_no
from tests.hub.edges.kinds import SCOPES
from tests.hub.edges.town import BEFORE, SECOND, Town

TOLERANCE = timedelta(minutes=5)


@dataclass
class Verdict:
    """`leaks` are told in words, `kinds` counts them. `raced`: what was written before a no could be known.

    `unseen`: those against noes that leave no trace, by the reason. `blocked`: re-consents that did not end granted.
    """

    histories: int = 0
    world: str = ""
    leaks: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    raced: Counter[str] = field(default_factory=Counter)
    unseen: Counter[str] = field(default_factory=Counter)
    reconsents: int = 0
    blocked: list[str] = field(default_factory=list)
    writes: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: Verdict) -> Verdict:
        self.histories += other.histories
        self.leaks += other.leaks
        self.kinds += other.kinds
        self.raced += other.raced
        self.unseen += other.unseen
        self.reconsents += other.reconsents
        self.blocked += other.blocked
        self.writes += other.writes
        self.acts += other.acts
        return self

    def leak(self, what: str, place: str, line: Line, no: Act | None) -> None:
        """`no`: the one that it was done in spite of; None where nobody ever said yes."""
        against = f"after {no.word} at {no.place}" if no else "without anybody's yes"
        self.kinds[f"{what} at {place} {against}"] += 1
        self.leaks.append(
            f"[{self.world}] {what} at {place} {line} {against}" + (f" of {no.at:%d %H:%M:%S}" if no else "")
        )

    @property
    def share(self) -> float:
        """Of the re-consents that every vendor can show, those that ended granted."""
        return 1 - len(self.blocked) / self.reconsents if self.reconsents else 1.0


BETWEEN = "overwritten at the {place} in the moment between the hub's read and its write"
"""A vendor without a conditional write cannot say that somebody was faster, and afterwards shows nothing of it."""


def judge_write(town: Town, verdict: Verdict, place: str, entry: Entry) -> None:
    """Every yes and every tag of one request of the hub's."""
    effect = entry.effect or {}
    for told in effect.get("consents", ()):
        verdict.writes[f"{place} {told['wanted']}"] += 1
        if told["wanted"] == "in":
            _judge(town, verdict, place, told)
        if record := town.owners.get((place, told["record"])):
            if told["wanted"] == "in" and told["after"] != told["before"] and town.has_read(place, record):
                line = (told["channel"], told["address"])
                town.diary.hide(line, place, town.read_at(place, record), BETWEEN.format(place=place))
            town.wrote(place, record, told["channel"])
    for told in effect.get("tags", ()):
        verdict.writes[f"{place} {told['wanted']}"] += 1
        if told["wanted"] == "add" and "@" in told["address"]:
            _judge(town, verdict, place, {**told, "channel": "email"})


def _judge(town: Town, verdict: Verdict, place: str, told: Mapping[str, Any]) -> None:
    line = (told["channel"], told["address"])
    acts = town.diary.own(line)
    record = town.owners.get((place, told["record"]), told["record"])
    lifts = "tag" not in told
    known = [act for act in acts if act.answer == "yes" or _is_known(town, act, place, record, lifts)]
    what = "yes written" if lifts else "tag added"
    scope = (
        "" if told.get("after") == "pending" else SCOPES[place]
    )  # to ask is no yes: a no at the list is the question
    if (no := standing_no(known, scope)) is not None:
        verdict.leak(what, place, line, no)
    elif (no := standing_no([act for act in acts if not act.unseen], scope)) is not None:
        verdict.raced[f"{no.place}, then {place}"] += 1
    elif (no := standing_no(acts, scope)) is not None:
        verdict.unseen[no.unseen] += 1
    elif all(act.answer == "no" for act in town.diary.acts(line)):
        moved = town.diary.moves.get((place, line[1]))
        if moved is not None and moved > town.read_at(place, record):
            verdict.raced[f"moved, then {place}"] += 1
            return
        verdict.leak(what, place, line, None)


def _is_known(town: Town, act: Act, place: str, record: str, lifts: bool) -> bool:
    """Whether the hub had read of it.

    A second no that changes nothing but the record's change time is known at its own place: that time is why the hub
    must not take back (`lifts`) the no there. Nor may it take back a STOP that Twilio never told.
    """
    if act.unseen and not lifts:
        return False
    if act.unseen and (act.place != place or act.unseen not in (BEFORE, SECOND.format(place=place))):
        return False
    told_at = act.told_at or act.at
    if lifts and act.place == place != "texts" and act.record == record and not town.has_read(place, record):
        return True  # it would have read of it
    return told_at < town.read_at(act.place, act.record if act.place == place else "")


def judge_end(town: Town, verdict: Verdict, states: Mapping[Line, Mapping[tuple[str, str], State]]) -> None:
    """After the quiet rounds: who can still be sent to, and who was given back what they asked for."""
    for line, acts in town.diary:
        own = [act for act in acts if act.own]
        for place in SCOPES:
            if town.simulators[place].sendable(line[1], line[0]):  # type: ignore[attr-defined]
                _judge_standing(verdict, place, line, own)
        if own and (yes := max(own, key=lambda act: act.at)).answer == "yes" and _must_hold(town, line, yes):
            verdict.reconsents += 1
            if not _holds(states.get(line, {}), yes):
                verdict.blocked.append(f"[{verdict.world}] {line} {yes.word} at {yes.place} of {yes.at:%d %H:%M:%S}")
        verdict.acts.update(f"{act.place}: {act.word}" for act in acts)
        verdict.acts.update(f"unseen: {act.unseen}" for act in own if act.unseen)


def _judge_standing(verdict: Verdict, place: str, line: Line, own: list[Act]) -> None:
    if (no := standing_no([act for act in own if not act.unseen], SCOPES[place])) is not None:
        verdict.leak("left sendable", place, line, no)
    elif (no := standing_no(own, SCOPES[place])) is not None:
        verdict.unseen[no.unseen] += 1


def _holds(states: Mapping[tuple[str, str], State], yes: Act) -> bool:
    return any(
        (yes.scope in state.scopes and yes.scope not in state.locks) if yes.scope else state.recorded == "granted"
        for state in states.values()
    )


def _must_hold(town: Town, line: Line, yes: Act) -> bool:
    """A dated, trusted yes after some no, later by the vendors' clocks than every no can have been, to who reads."""
    acts = town.diary.acts(line)
    if not yes.trusted or not yes.dated or yes.unseen or last_no(acts) is None:
        return False
    moved = town.diary.moves.get((yes.place, line[1]))
    if moved is not None and _seconds(_latest(town, moved, yes.place, yes.record)) > _seconds(yes.at):
        return False
    at = _seconds(yes.at) + town.simulators[yes.place].clock_offset
    return all(at > latest + TOLERANCE for no in acts if no.answer == "no" for latest in _when(town, no, yes))


def _when(town: Town, no: Act, yes: Act) -> Iterator[datetime]:
    """The latest a vendor shows the no can have been, by its own clock; nothing for one that it never showed."""
    if no.unseen:
        return
    offset = town.simulators[no.place].clock_offset
    told_at = no.told_at or no.at
    if no.place == "texts" or (no.place == "shop" and no.own):
        yield told_at + offset
    else:
        yield _latest(town, told_at, no.place, no.record) + offset


def _latest(town: Town, moment: datetime, place: str, record: str) -> datetime:
    """The record's change time in the read that first showed what happened to it at that moment."""
    read = next((end for begun, end in town.rounds if begun[place] > moment), None)
    changes = [at for at in town.diary.changes[place, record] if moment <= at and (read is None or at <= read)]
    return max(changes, default=moment)


def _seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
