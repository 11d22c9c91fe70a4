"""Follows the keys of changed records in the key index: whom they reach, and what becomes popular by them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Set

from sqlalchemy import Connection, bindparam, func, select

from dedupe.engine.weights import Model
from hub.stages.crowds import Crowds, Told, counted_among, match_keys, popular_among
from hub.stages.neighbourhood import Neighbourhood
from hub.store.sql import among, among_pairs

KeyTold = tuple[int, int]

_KEYS = select(match_keys.c.record_id, match_keys.c.key, match_keys.c.signature).where(
    among(match_keys.c.record_id, "ids")
)
_HOLDERS = select(match_keys.c.record_id).where(among(match_keys.c.key, "keys")).distinct()
_EQUAL = select(match_keys.c.record_id).where(among_pairs(match_keys.c.key, match_keys.c.signature, "told")).distinct()
_HELD_BY_MANY = (
    select(match_keys.c.key, func.count().label("holders"))
    .where(among(match_keys.c.key, "keys"))
    .group_by(match_keys.c.key)
    .having(func.count() > bindparam("few"))
)


class Touched:
    """The keys of the records that an increment affects, before and after, each with what tells a holder apart."""

    def __init__(self, db: Connection, around: Neighbourhood, model: Model) -> None:
        self.db, self.around = db, around
        self.crowds = Crowds(db, model)
        self.seen: set[int] = set()
        self.told: set[KeyTold] = set()
        self.keys: set[int] = set()
        self.popular: set[int] = set()
        self.arriving: dict[int, set[int]] = defaultdict(set)
        for key, told in _pairs(around.arriving):
            self.arriving[key].add(told)

    def crossed(self) -> set[int]:
        """Note the keys that cross the cap; every record that holds one, or did until now."""
        around, crowds = self.around, self.crowds
        self._tell(around.marked)
        left = Counter(key for told in around.held.values() for key in told)
        were_popular = counted_among(self.db, self.keys, crowds.most_of_all + max(left.values(), default=0))
        # no more different people than have left a key can be gone from it
        suspects = {key for key, different in were_popular.items() if different < crowds.most(key) + left[key]}
        suspects |= self._held_by_many(self.keys - were_popular.keys())
        staying = crowds.told_apart(suspects, around.changed)
        are_popular = {key for key in suspects if crowds.is_popular(key, staying[key] | self.arriving[key])}
        around.became_popular = are_popular - were_popular.keys()
        around.became_usable = (suspects & were_popular.keys()) - are_popular
        self.popular |= were_popular.keys() - around.became_usable
        return self._holders(around.became_popular | around.became_usable)

    def with_mates(self, affected: set[int]) -> set[int]:
        """And all that are, were or may become one node with them: equal on a key, and on from these."""
        new, followed = set(affected), set[KeyTold]()
        while new:
            affected |= new
            known = self.keys.copy()
            self._tell(new)
            # popular keys are followed nowhere, so that it stays bounded; but those that became so joined until now
            self.popular |= popular_among(self.db, self.keys - known)
            pairs = [pair for pair in self.told - followed if pair[0] not in self.popular]
            followed |= self.told
            new = set(self.db.execute(_EQUAL, {"told": pairs}).scalars()) - affected if pairs else set()
        return affected

    def reach(self) -> set[int]:
        """Every record that a key of those with their mates can join to, or could until now."""
        return self._holders(self.keys - self.popular)

    def _held_by_many(self, keys: Set[int]) -> set[int]:
        """Those of the keys that may have become popular: those with a decision, and those with enough holders."""
        few = self.crowds.fewest
        coming = {key: len(self.arriving[key]) for key in keys & self.arriving.keys()}
        found = {key for key, count in coming.items() if count > few // 2} | (keys & self.crowds.said.keys())
        rest = keys - found
        some = max((coming.get(key, 0) for key in rest), default=0)
        counted = self.db.execute(_HELD_BY_MANY, {"keys": rest, "few": few - some}).all()
        return found | {key for key, holders in counted if holders + coming.get(key, 0) > few}

    def _tell(self, record_ids: set[int]) -> None:
        """Note what records tell on each of their keys: as stored, and as they are now where that is something else."""
        if not (missing := record_ids - self.seen):
            return
        around, stored = self.around, self.db.execute(_KEYS, {"ids": missing}).all()
        self.seen |= missing
        around.load(self.db, missing)
        waiting = [one for one in sorted(missing - around.marked) if around.is_changed(one)]
        told = {(key, told) for _, key, told in stored}
        told.update(_pairs(around.keys_now(waiting)))
        told.update(_pairs({one: around.arriving[one] for one in missing & around.arriving.keys()}))
        for one, key, holder in stored:
            if one in around.changed:
                around.held.setdefault(one, {})[key] = holder
        self.told |= told
        self.keys.update(key for key, _ in told)

    def _holders(self, keys: Set[int]) -> set[int]:
        return set(self.db.execute(_HOLDERS, {"keys": keys}).scalars()) if keys else set()


def _pairs(told: Mapping[int, Told]) -> Iterator[KeyTold]:
    for keys in told.values():
        yield from keys.items()
