"""What is different between two worlds, field by field, address by address, segment by segment, change by change."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from dedupe.survivorship import Survivor
from hub.consent.resolution import State
from hub.queries.consequences.worlds import Golden, World, Worlds
from hub.settings.settings import Settings
from hub.stages.facts import Things, somewhere
from hub.stages.ledger import Line
from hub.stages.plan import Operation, Plan, Withheld


@dataclass(frozen=True, slots=True)
class Sums:
    """So many records, with the orders and tickets that hang on them."""

    records: int = 0
    orders: int = 0
    tickets: int = 0


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a contact that would be: its values on each side now, by contact, and what would win."""

    contact_id: str
    field: str
    before: Mapping[str, Sequence[Survivor]]
    after: Sequence[Survivor]

    @property
    def is_changed(self) -> bool:
        """Whether any side says something else now."""
        now = [one.value for one in self.after]
        return any([one.value for one in side] != now for side in self.before.values())


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """The consent of one address for one purpose and brand. `held_by`: the contacts that hold it now, and after."""

    line: Line
    purpose: str
    brand: str
    held_by: tuple[Sequence[str], Sequence[str]]
    before: State
    after: State

    @property
    def is_changed(self) -> bool:
        return self.before != self.after

    @property
    def closes(self) -> bool:
        """Whether it may be sent to now and not any more then, at some list or sender at least."""
        return somewhere(self.before) and not somewhere(self.after)

    @property
    def opens(self) -> bool:
        return somewhere(self.after) and not somewhere(self.before)


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """Whether one contact is in one segment, now and after."""

    contact_id: str
    segment: str
    before: bool
    after: bool


@dataclass(frozen=True, slots=True)
class Move:
    """A record that would belong to another contact; `before` is "" for one that nobody has resolved yet."""

    record_id: int
    before: str
    after: str


def moves(worlds: Worlds) -> list[Move]:
    before, after = worlds.before.home_of, worlds.after.home_of
    return [Move(one, before.get(one, ""), home) for one, home in sorted(after.items()) if before.get(one) != home]


def sums(worlds: Worlds) -> tuple[Sums, Sums]:
    """What comes together from several contacts; and what is parted from the most of its contact."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one, home in sorted(worlds.after.home_of.items()):
        groups[worlds.before.home_of.get(one, ""), home].append(one)
    befores, afters = Counter(after for _, after in groups), Counter(before for before, _ in groups)
    stays = {
        before: max((len(some), home == before, home) for (was, home), some in groups.items() if was == before)[2]
        for before in afters
    }
    joined = [one for (_, home), some in groups.items() if befores[home] > 1 for one in some]
    parted = [one for (was, home), some in groups.items() if afters[was] > 1 and home != stays[was] for one in some]
    return _summed(worlds.things, joined), _summed(worlds.things, parted)


def _summed(things: Things, records: Sequence[int]) -> Sums:
    kinds = Counter(row.kind for one in records for row in things.happened.get(one, ()))
    return Sums(len(records), kinds["order"], kinds["ticket"])


def fields(worlds: Worlds) -> Iterator[FieldChange]:
    """Every field of every contact that would be, or is on one of its sides now."""
    sides: dict[str, set[str]] = defaultdict(set)
    for one, home in worlds.after.home_of.items():
        if one in worlds.before.home_of:
            sides[home].add(worlds.before.home_of[one])
    for contact_id in sorted(worlds.touched & worlds.after.golden.keys()):
        before = {side: worlds.before.golden.get(side, {}) for side in sorted(sides[contact_id])}
        after = worlds.after.golden[contact_id]
        for name in _in_order(after, *before.values()):
            now = {side: golden.get(name, ()) for side, golden in before.items()}
            yield FieldChange(contact_id, name, now, after.get(name, ()))


def _in_order(*goldens: Golden) -> list[str]:
    return list(dict.fromkeys(name for golden in goldens for name in golden))


def consents(worlds: Worlds) -> Iterator[ConsentChange]:
    """Every address of the touched contacts."""
    held = [_holders(worlds.lines, world, worlds.touched) for world in (worlds.before, worlds.after)]
    for line in sorted(held[0].keys() | held[1].keys()):
        by = (sorted(held[0].get(line, ())), sorted(held[1].get(line, ())))
        now = worlds.before.states[line]
        for (purpose, brand), after in sorted(worlds.after.states[line].items(), key=lambda one: one[0]):
            yield ConsentChange(line, purpose, brand, by, now[purpose, brand], after)


def _holders(lines: Mapping[int, set[Line]], world: World, touched: Set[str]) -> dict[Line, set[str]]:
    found: dict[Line, set[str]] = defaultdict(set)
    for one, home in world.home_of.items():
        if home in touched:
            for line in lines.get(one, ()):
                found[line].add(home)
    return found


def segments(settings: Settings, worlds: Worlds) -> list[SegmentChange]:
    """Every segment that a contact is in now or would be in."""
    found = []
    for name in settings.segments:
        before, after = worlds.before.inside[name], worlds.after.inside[name]
        found += [SegmentChange(one, name, one in before, one in after) for one in sorted(before | after)]
    return found


def new_operations(before: Plan, after: Plan) -> list[Operation]:
    """What the second plan would send that the first would not."""
    known = {one.identity for one in before.operations}
    return [one for one in after.operations if one.identity not in known]


def newly_withheld(before: Plan, after: Plan) -> list[Withheld]:
    known = {(one.operation.identity, one.reason) for one in before.withheld}
    return [one for one in after.withheld if (one.operation.identity, one.reason) not in known]
