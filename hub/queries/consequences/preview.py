"""Asks before a decision what would become of it: preview_merge, preview_apart, preview_split, preview_confirming."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from hub.queries.consequences import changes
from hub.queries.consequences.told import Consequences
from hub.queries.consequences.worlds import Worlds, worlds_of
from hub.queries.how import name_of
from hub.settings.settings import Settings
from hub.stages.golden import marks as golden_marks
from hub.stages.holdings import segment_marks
from hub.stages.ledger import consent_marks
from hub.stages.linking import Linked, links_of_apart, links_of_confirming, links_of_merge, links_of_split
from hub.stages.map import marks

_WAITING = [
    select(one.c.mark).order_by(*one.primary_key.columns).limit(1)  # by an index: rows that are gone still fill a table
    for one in (marks, golden_marks, consent_marks, segment_marks)
]


def preview_merge(db: Connection, settings: Settings, left_contact_id: str, right_contact_id: str) -> Consequences:
    """What `hub.decide.merge` of two contacts would lead to. Raises CannotDecide. Writes nothing."""
    return _foreseen(db, settings, links_of_merge(db, left_contact_id, right_contact_id))


def preview_apart(db: Connection, settings: Settings, left_contact_id: str, right_contact_id: str) -> Consequences:
    """As `preview_merge`, of `apart`."""
    return _foreseen(db, settings, links_of_apart(db, left_contact_id, right_contact_id))


def preview_split(db: Connection, settings: Settings, record_ids: Iterable[int]) -> Consequences:
    """As `preview_merge`, of `split`."""
    return _foreseen(db, settings, links_of_split(db, record_ids))


def preview_confirming(db: Connection, settings: Settings, left_id: int, right_id: int) -> Consequences:
    """As `preview_merge`, of `confirm`, by record id."""
    return _foreseen(db, settings, links_of_confirming(db, left_id, right_id))


def _foreseen(db: Connection, settings: Settings, links: Sequence[Linked]) -> Consequences:
    worlds = worlds_of(db, settings, links)
    before, after = worlds.before, worlds.after
    joined, parted = changes.sums(worlds)
    operations = changes.new_operations(before.plan, after.plan)
    return Consequences(
        contacts=(_there(worlds, before.home_of.values()), _there(worlds, after.home_of.values())),
        names={one: name_of(source) for one, source in worlds.sources.items()},
        titles={name: segment.title for name, segment in settings.segments.items()},
        joined=joined,
        parted=parted,
        moves=changes.moves(worlds),
        fields=list(changes.fields(worlds)),
        consents=list(changes.consents(worlds)),
        segments=changes.segments(settings, worlds),
        operations=operations,
        no_longer=changes.new_operations(after.plan, before.plan),
        withheld=changes.newly_withheld(before.plan, after.plan),
        anyway=len(after.plan.operations) - len(operations),
        left_out=worlds.left_out,
        is_settled=all(db.execute(waiting).first() is None for waiting in _WAITING),
    )


def _there(worlds: Worlds, homes: Iterable[str]) -> list[str]:
    return sorted(worlds.touched.intersection(homes))
