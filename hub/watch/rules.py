"""The rules: what of the figures deserves an alert. Pure; the words say what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from hub.settings.watch_models import Alerts, RuleName, Rules
from hub.watch.figures import Figures
from hub.watch.room import Room

NEEDS_A_PERSON = frozenset({77, 78})
"""Exit codes of a run after which its schedule rests until a person has mended something."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a rule finds. `subject` is a stream, a destination or the hub itself: a name, never a person."""

    rule: RuleName
    subject: str
    message: str
    fix: str


def troubles(found: Figures, room: Room | None, alerts: Alerts) -> list[Trouble]:
    """Everything that is wrong now, but for the rules that are off."""
    own = [one for rule in _BY_FIGURES for one in rule(found, alerts.rules)]
    own += _disk(room, alerts.rules)
    return [one for one in own if one.rule not in alerts.off]


def _optout(found: Figures, rules: Rules) -> Iterator[Trouble]:
    for one in found.going:
        if one.oldest_optout_at is None or found.now - one.oldest_optout_at <= rules.optout:
            continue
        age = _span(found.now - one.oldest_optout_at)
        told = f"{one.optouts} opt-outs have not arrived at {one.destination}, the oldest for {age}"
        fix = "hub consent overdue and hub plan show which; a frozen hub sends nothing"
        yield Trouble("optout", one.destination, told, fix)


def _stream(found: Figures, rules: Rules) -> Iterator[Trouble]:
    for one in found.coming:
        if one.paused or one.due_at is None or one.due_at + rules.stream >= found.now:
            continue
        since = f"for {_span(found.now - one.last_ok_at)}" if one.last_ok_at else "ever"
        told = f"{one.name} has had no good run {since}, {_span(found.now - one.due_at)} past its schedule"
        yield Trouble("stream", one.name, told, f"hub runs tells how its last runs ended; hub check {one.connection}")


def _quarantine(found: Figures, rules: Rules) -> Iterator[Trouble]:  # noqa: ARG001
    for one in found.coming:
        if one.last_status == "held":
            told = f"the last run of {one.name} put more into quarantine than its budget; {one.quarantine_open} wait"
            yield Trouble("quarantine", one.name, told, "hub quarantine lists them by reason")


def _attention(found: Figures, rules: Rules) -> Iterator[Trouble]:  # noqa: ARG001
    named: dict[str, list[str]] = {}
    for one in found.coming:
        if one.last_exit_code in NEEDS_A_PERSON and not one.paused:
            named.setdefault(one.connection, []).append(one.stream)
    for connection, streams in named.items():
        told = f"{connection} ({', '.join(streams)}) rests: its credentials or its configuration are refused"
        yield Trouble("attention", connection, told, f"hub check {connection}, then hub sync {connection}")


def _dead_letters(found: Figures, rules: Rules) -> Iterator[Trouble]:
    for one in found.going:
        if one.dead > rules.dead_letters:
            told = f"{one.dead} changes for {one.destination} were given up after many tries"
            yield Trouble("dead_letters", one.destination, told, "the page Outgoing shows what became of them")
    for target, dead in found.dead_notices.items():
        if dead > rules.dead_letters:
            told = f"{dead} notices for {target} were given up"
            yield Trouble("dead_letters", target, told, "hub notices list --status dead, then hub notices replay")


def _leases(found: Figures, rules: Rules) -> Iterator[Trouble]:
    if found.lost_last_hour > rules.leases:
        told = f"{found.lost_last_hour} runs lost their lease within an hour: workers die or hang"
        yield Trouble("leases", "hub", told, "hub runs names the workers; look at memory, restarts and clocks")


def _gone(found: Figures, rules: Rules) -> Iterator[Trouble]:  # noqa: ARG001
    for one in found.gone:
        told = f"{one.gone} of {one.records} records of {one.stream} are gone from the source: nothing was deleted"
        yield Trouble("gone", one.stream, told, f"hub runs {one.run_id} shows them and takes the answer")


def _disk(room: Room | None, rules: Rules) -> list[Trouble]:
    if room is None or room.share >= rules.disk:
        return []
    told = f"{room.share:.1%} of the database's disk is free ({room.free // 1_000_000} MB)"
    return [Trouble("disk", "database", told, "make room, or move the database; when the disk is full nothing is kept")]


_BY_FIGURES: tuple[Callable[[Figures, Rules], Iterator[Trouble]], ...] = (
    _optout,
    _attention,
    _stream,
    _quarantine,
    _dead_letters,
    _leases,
    _gone,
)


def _span(span: timedelta) -> str:
    """As a person says it: 40 s, 25 min, 3 h, 5 d."""
    seconds = int(span.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
