"""Which keys are popular: held by too many different people to join anybody, or said to be shared, or to be good."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from functools import cached_property, lru_cache

from sqlalchemy import Connection, bindparam, func, select

from dedupe.engine.telling import key_of
from dedupe.engine.weights import Model
from hub.stages.reading import decisions
from hub.store.derived.identity import MatchKey, PopularKey
from hub.store.facts.decisions import DecisionValue
from hub.store.sql import among, table

match_keys = table(MatchKey)
popular_keys = table(PopularKey)
decision_values = table(DecisionValue)

Told = dict[int, int]
"""By key or by record, what tells a holder apart from others; odd where it is a name."""

SHARED, GOOD = "shared", "good"

GOOD_FOR = 20
"""How many times as many different people as usual may hold a value that a person has called good."""

_POPULAR = select(popular_keys.c.key).where(among(popular_keys.c.key, "keys"))
_SAID = (
    select(decision_values.c.kind, decision_values.c.value, decision_values.c.verdict)
    .join(decisions, decisions.c.id == decision_values.c.decision_id)
    .where(decisions.c.revoked_at.is_(None))
    .order_by(decision_values.c.decision_id)  # SQLite begins with the table of the order: few are about values
)
_COUNTED = select(
    popular_keys.c.key,
    select(func.count())
    .select_from(
        select(match_keys.c.signature)
        .where(match_keys.c.key == popular_keys.c.key)
        .correlate(popular_keys)
        .distinct()
        .limit(bindparam("most"))
        .subquery()
    )
    .scalar_subquery()
    .label("different"),
).where(among(popular_keys.c.key, "keys"))
_TOLD_APART = (
    select(match_keys.c.key, match_keys.c.signature)
    .where(among(match_keys.c.key, "keys"), ~among(match_keys.c.record_id, "but"))
    .distinct()
)


def popular_among(db: Connection, keys: Set[int]) -> set[int]:
    """Which of these keys are popular, as stored."""
    return set(db.execute(_POPULAR, {"keys": keys}).scalars())


def counted_among(db: Connection, keys: Set[int], most: int) -> dict[int, int]:
    """The popular ones of these keys, as stored, and how many different people hold each, counted up to `most`."""
    return {row.key: row.different for row in db.execute(_COUNTED, {"keys": keys, "most": most})}


def said_of_keys(db: Connection) -> dict[int, str]:
    """By key, what a person has said of its value; the newest decision counts."""
    return {_key_of(row.kind, row.value): row.verdict for row in db.execute(_SAID)}


_key_of = lru_cache(maxsize=4_096)(key_of)


class Crowds:
    """Judges how many may hold a key. Law: a pure function of its holders, the decisions and the model."""

    def __init__(self, db: Connection, model: Model) -> None:
        self.db, self.model = db, model

    @cached_property
    def said(self) -> Mapping[int, str]:
        return said_of_keys(self.db)

    def is_popular(self, key: int, told: Iterable[int]) -> bool:
        """`told`: what tells its holders apart."""
        return is_crowded(self.model, self.said.get(key, ""), told)

    @property
    def fewest(self) -> int:
        """So many holders make no key popular, whoever they are."""
        return min(self.model.strong_cap, self.model.weak_cap)

    def most(self, key: int) -> int:
        """So many different people make a key popular, whoever they are."""
        times = GOOD_FOR if self.said.get(key) == GOOD else 1
        return (self.model.strong_cap + self.model.weak_cap) * times + 1

    @property
    def most_of_all(self) -> int:
        """The largest of these."""
        return max((self.most(key) for key in self.said), default=self.most(0))

    def told_apart(self, keys: Set[int], but: Set[int]) -> Mapping[int, set[int]]:
        """By key, what tells its holders apart, without some records. For keys that not much over the cap hold."""
        found: dict[int, set[int]] = defaultdict(set)
        for key, told in self.db.execute(_TOLD_APART, {"keys": keys, "but": but}).all() if keys else ():
            found[key].add(told)
        return found


def is_crowded(model: Model, said: str, told: Iterable[int]) -> bool:
    if said == SHARED:
        return True
    times = GOOD_FOR if said == GOOD else 1
    different = set(told)
    named = sum(one & 1 for one in different)
    return named > model.strong_cap * times or len(different) - named > model.weak_cap * times
