"""A segment's rule as it is asked: conditions and groups of them, each a pure function of facts and a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from hub.segments.fields import Kind
from hub.segments.values import fold

Facts = Mapping[str, Any]

_TICK: Final = timedelta(microseconds=1)
_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "is": lambda fact, value: fact == value,
    "is_not": lambda fact, value: fact != value,
    "in": lambda fact, value: fact in value,
    "contains": lambda fact, value: value in fact,
    "starts_with": lambda fact, value: fact.startswith(value),
    "at_least": lambda fact, value: fact >= value,
    "at_most": lambda fact, value: fact <= value,
    "before": lambda fact, value: fact < value,
    "after": lambda fact, value: fact > value,
}


class Rule(Protocol):
    """What can be asked whether it holds."""

    def holds(self, facts: Facts, as_of: datetime) -> bool: ...

    def turns(self, facts: Facts) -> Iterator[datetime]:
        """Every moment at which the answer may turn by time alone, the first at which it is another."""
        ...

    @property
    def key(self) -> str:
        """The same for rules that say the same, in whatever order they were written."""
        ...


@dataclass(frozen=True, slots=True)
class Condition:
    """One field, one operator, and the value as `read_value` gives it."""

    field: str
    kind: Kind
    operator: str
    value: Any

    def holds(self, facts: Facts, as_of: datetime) -> bool:
        fact: Any = facts.get(self.field)
        missing = fact is None or (isinstance(fact, str | tuple | list) and not fact)
        if self.operator == "known":
            return missing is not self.value
        if missing:
            return self.operator in ("is_not", "not_within")
        if self.operator in ("within", "not_within"):
            return (as_of - fact <= self.value) is (self.operator == "within")
        return _COMPARED[self.operator](_folded(self.kind, fact), self.value)

    def turns(self, facts: Facts) -> Iterator[datetime]:
        fact = facts.get(self.field)
        if fact is None or self.operator not in ("within", "not_within"):
            return
        try:
            yield fact + self.value + _TICK
        except OverflowError:  # a moment at the end of the calendar: it stays within for ever
            return

    @property
    def key(self) -> str:
        value = sorted(self.value) if isinstance(self.value, frozenset) else self.value
        return repr((self.field, self.operator, value))


@dataclass(frozen=True, slots=True)
class Group:
    """Holds when all of `every` hold, one of `some` if there are any, and none of `no`."""

    every: tuple[Rule, ...] = ()
    some: tuple[Rule, ...] = ()
    no: tuple[Rule, ...] = ()

    def holds(self, facts: Facts, as_of: datetime) -> bool:
        return (
            all(rule.holds(facts, as_of) for rule in self.every)
            and (not self.some or any(rule.holds(facts, as_of) for rule in self.some))
            and not any(rule.holds(facts, as_of) for rule in self.no)
        )

    def turns(self, facts: Facts) -> Iterator[datetime]:
        for rule in (*self.every, *self.some, *self.no):
            yield from rule.turns(facts)

    @property
    def key(self) -> str:
        return repr([sorted(rule.key for rule in rules) for rules in (self.every, self.some, self.no)])


def _folded(kind: Kind, fact: Any) -> Any:
    if kind == "text":
        return fold(fact)
    return {fold(one) for one in fact} if kind == "texts" else fact
