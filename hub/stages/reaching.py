"""Finds everything an increment can touch: the marked records, whom their keys reach, and their whole components.

Law: what is outside a neighbourhood keeps its edges, its component and its contact. A record outside shares no
usable key with a marked one, neither before nor after, and stands in no component with a record inside.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select, union_all

from dedupe.engine.weights import Model
from dedupe.links import Links
from hub.stages.map import people
from hub.stages.neighbourhood import Neighbourhood
from hub.stages.reading import edges, links_touching
from hub.stages.touched import Touched
from hub.store.sql import among

_JUDGED_WITH = union_all(
    select(edges.c.right_id).where(among(edges.c.left_id, "ids")),
    select(edges.c.left_id).where(among(edges.c.right_id, "ids")),
)
_BORN = select(people.c.record_id).where(among(people.c.birth_id, "births"))


def look_around(db: Connection, marked: Iterable[int], model: Model) -> Neighbourhood:
    """Read the neighbourhood of marked records (by record id, tombstones included)."""
    around = Neighbourhood(set(marked))
    around.load(db, around.marked)
    around.changed = {one for one in around.marked if around.is_changed(one)}
    around.arriving = around.keys_now(around.changed)
    touched = Touched(db, around, model)
    # who holds a value that crosses the cap compares otherwise with everybody, as if changed
    affected = touched.with_mates(around.marked | touched.crossed())
    around.load_components(db, affected | touched.reach() | _judged_with(db, around, affected))
    _follow_links(db, around, affected)
    return around


def _judged_with(db: Connection, around: Neighbourhood, affected: set[int]) -> set[int]:
    """The records at the other end of stored edges: one may rest on features that were gone again before their turn."""
    known = affected & around.before.keys()
    return set(db.execute(_JUDGED_WITH, {"ids": known}).scalars()) if known else set()


def _follow_links(db: Connection, around: Neighbourhood, affected: set[int]) -> None:
    """Add the records at the other end of human links with their components, and the links among all that are here."""
    around.links = _links(db, around)
    births = {around.entries[one].birth_id for one in affected if one in around.entries}
    pairs = (*around.links.must, *around.links.cannot)
    others = {birth_id for pair in pairs if not births.isdisjoint(pair) for birth_id in pair} - births
    if others:
        around.load_components(db, set(db.execute(_BORN, {"births": others}).scalars()))
        around.links = _links(db, around)


def _links(db: Connection, around: Neighbourhood) -> Links:
    return links_touching(db, (entry.birth_id for entry in around.entries.values()))
