"""The same contacts twice: as their records belong now, and as they would belong; each derived as the stages do it.

Law: nothing here decides anything. Who is who, golden values, consent, segments and differences come from the functions
that the stages themselves call, so that what is foreseen and what becomes of it cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, select

from dedupe.engine.partition import partition
from dedupe.engine.weights import Model
from dedupe.links import said_last
from dedupe.survivorship import Policy, Source, Survivor, golden
from hub.settings.settings import Settings
from hub.stages.bearing import told_by
from hub.stages.consent import States, states_from
from hub.stages.facts import Facts, Things, facts_with, golden_facts, things_of
from hub.stages.gaps import gaps_of
from hub.stages.golden import head_of
from hub.stages.homes import STORED, Homes
from hub.stages.increment import contacts_found, read_increment
from hub.stages.land import landed
from hub.stages.ledger import Line, of_addresses
from hub.stages.linking import Linked
from hub.stages.plan import Plan, plan_of
from hub.stages.reading import sources_of
from hub.stages.relatives import contacts_holding, relatives_of
from hub.stages.segment import Inside, inside_of, verdicts
from hub.stages.tags import tag_gaps_of
from hub.store.sql import among, chunks

MOST_OTHERS = 50
"""Of the contacts that only share an address with these, how many are looked at; the rest are counted."""

_BORN = select(landed.c.id).where(among(landed.c.birth_id, "births"))

Golden = Mapping[str, Sequence[Survivor]]
"""By field."""


@dataclass(frozen=True, slots=True)
class World:
    """What the stages make of some records. `home_of`: their contacts. `plan`: what would be sent of these alone."""

    home_of: Mapping[int, str]
    golden: Mapping[str, Golden]
    states: Mapping[Line, States]
    inside: Inside
    plan: Plan


@dataclass(frozen=True, slots=True)
class Worlds:
    """`touched`: the contacts that the decision names or gives other records. `lines`: by record id, the addresses with
    a state that it bears, whether or not it tells consent of them. `left_out`: how many contacts share an address whose
    consent changes and were not looked at."""

    touched: frozenset[str]
    before: World
    after: World
    sources: Mapping[int, Source]
    things: Things
    lines: Mapping[int, set[Line]]
    left_out: int


def worlds_of(db: Connection, settings: Settings, links: Sequence[Linked]) -> Worlds:
    """What is, and what would be if a decision with these links were made now."""
    now = datetime.now(UTC)
    named = set(db.execute(_BORN, {"births": {birth_id for *pair, _ in links for birth_id in pair}}).scalars())
    homes = Homes(_moved(db, settings.model, named, links))
    moving = named | homes.moved.keys()
    touched = frozenset({home for of in (STORED, homes) for home in of.of_records(db, moving).values()})
    both: _Both = {}
    stored = STORED.of_contacts(db, touched)
    lines = told_by(db, stored.keys() | homes.moved.keys())
    _resolve(db, settings, both, lines, now, homes)
    changed = sorted(line for line, (before, after) in both.items() if before != after)
    others = sorted(_sharing(db, changed) - touched)
    if others:
        stored |= STORED.of_contacts(db, others[:MOST_OTHERS])
        lines = told_by(db, stored.keys() | homes.moved.keys())
        _resolve(db, settings, both, lines, now, homes)
    things = things_of(db, stored.keys() | homes.moved.keys())
    look = _Look(db, settings, now, sources_of(db, stored.keys() | homes.moved.keys()), things, changed)
    before, after = (
        look.at(of, {**stored, **of.moved}, {line: states[at] for line, states in both.items()})
        for at, of in enumerate((STORED, homes))
    )
    return Worlds(touched, before, after, look.sources, things, lines, max(0, len(others) - MOST_OTHERS))


_Both = dict[Line, tuple[States, States]]
"""By address, its states now and after."""


def _resolve(
    db: Connection,
    settings: Settings,
    known: _Both,
    lines: Mapping[int, set[Line]],
    now: datetime,
    homes: Homes,
) -> None:
    """Add the states of addresses that are not known yet."""
    for some in chunks(sorted(set().union(*lines.values()) - known.keys()), 200):
        evidence = of_addresses(db, some)
        reaching = [relatives_of(db, some, of) for of in (STORED, homes)]
        before = states_from(evidence, reaching[0], settings, now)
        after = before if reaching[0] == reaching[1] else states_from(evidence, reaching[1], settings, now)
        known.update((line, (before[line], after[line])) for line in some)


def _moved(db: Connection, model: Model, named: Iterable[int], links: Sequence[Linked]) -> dict[int, str]:
    """By record id, the contact of those that would belong to another one."""
    read = read_increment(db, [SimpleNamespace(id=one) for one in sorted(named)], model)
    found = partition(read.people, read.popular, said_last(read.around.links, links), model)
    homes = zip(read.people.ids.tolist(), contacts_found(read.people, found), strict=True)
    before = read.around.before
    return {one: home for one, home in homes if one not in before or before[one].contact_id != home}


def _sharing(db: Connection, lines: Sequence[Line]) -> set[str]:
    return {contact_id for some in chunks(lines, 200) for contact_id in contacts_holding(db, some)}


@dataclass(frozen=True, slots=True)
class _Look:
    """What is the same in both worlds. `changed`: the addresses whose consent is not."""

    db: Connection
    settings: Settings
    now: datetime
    sources: Mapping[int, Source]
    things: Things
    changed: Sequence[Line]

    def at(self, homes: Homes, home_of: Mapping[int, str], states: Mapping[Line, States]) -> World:
        chosen = _chosen(self.settings.survivorship, self.sources, home_of)
        inside = self._inside(chosen, home_of, states)
        gaps = gaps_of(self.db, self.settings, {line: states[line] for line in self.changed}) if self.changed else []
        tags = tag_gaps_of(self.db, self.settings, home_of, inside, lambda *_: states)
        plan = plan_of(self.db, self.settings, _as_rows(gaps), _as_rows(tags), homes)
        return World(home_of, chosen, states, inside, plan)

    def _inside(
        self, chosen: Mapping[str, Golden], home_of: Mapping[int, str], states: Mapping[Line, States]
    ) -> Inside:
        if not self.settings.segments:
            return {}
        known = {contact_id: _facts(fields) for contact_id, fields in chosen.items()}
        facts = facts_with(known, self.things, home_of, states)
        return inside_of(self.settings, verdicts(self.settings, facts, self.now))


def _chosen(policy: Policy, sources: Mapping[int, Source], home_of: Mapping[int, str]) -> dict[str, Golden]:
    saying: dict[str, list[Source]] = {}
    for record_id, contact_id in home_of.items():
        if record_id in sources:
            saying.setdefault(contact_id, []).append(sources[record_id])
    return {contact_id: golden(saying[contact_id], policy) for contact_id in sorted(saying)}


def _facts(fields: Golden) -> Facts:
    values = ((field, at, one.value) for field, survivors in fields.items() for at, one in enumerate(survivors))
    return golden_facts(*head_of(fields), values)


def _as_rows(rows: Iterable[Mapping[str, Any]]) -> list[SimpleNamespace]:
    return [SimpleNamespace(**row) for row in rows]
