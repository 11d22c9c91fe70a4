"""Survivorship: which of several records' values becomes the golden one, field by field, and why.

Law: no value without provenance; the result depends on the set of sources and the policy, never on their order.
Values are JSON values as in the canonical person, so that nothing is parsed that is only chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

from dedupe.folding import StableKey, fold

RuleKind = Literal["trusted_source", "most_recent", "most_complete", "union"]

SINGLE = ("name", "date_of_birth", "gender", "company", "job_title", "language", "timezone")
LISTS = ("emails", "phones", "addresses", "identifiers", "tags")
FIELDS = (*SINGLE, *LISTS)


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to choose. `sources` are connection names in order of trust, for trusted_source only."""

    kind: RuleKind
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.kind.replace("_", " ")


MOST_RECENT = Rule("most_recent")
ONLY_VALUE = "only value"
ARRIVED_FIRST = "arrived first"
"""No rule tells the values apart."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules per field; the first that tells two values apart decides. `default` is for fields not named."""

    fields: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    default: tuple[Rule, ...] = (MOST_RECENT,)

    @property
    def fingerprint(self) -> str:
        """Changes with any rule."""
        return repr((sorted(self.fields.items()), self.default))

    def of(self, name: str) -> tuple[Rule, ...]:
        """The field's rules; where they leave a tie, the more recent record decides."""
        rules = self.fields.get(name, self.default)
        return rules if MOST_RECENT in rules else (*rules, MOST_RECENT)


STANDARD = Policy(
    fields={
        "name": (Rule("most_complete"),),
        **{name: (Rule("union"),) for name in LISTS},
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """One record's say. `changed_at` is the vendor's change time; a record without one counts as the oldest."""

    record_id: int
    connection: str
    key: StableKey
    born: int
    changed_at: datetime | None
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lost:
    """A value that did not win, and the record that says it."""

    value: Any
    record_id: int


@dataclass(frozen=True, slots=True)
class Survivor:
    """A golden value (None: the winning source was told to empty the field), its record, and what decided."""

    value: Any
    record_id: int
    rule: str
    others: tuple[Lost, ...] = ()


_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def golden(sources: Iterable[Source], policy: Policy) -> dict[str, list[Survivor]]:
    """The golden fields of one contact, each with its survivors in order; fields without any value are left out."""
    everyone = sorted(sources, key=lambda one: one.key)
    said = {name for one in everyone for name in (*one.fields, *one.fields.get("cleared", ()))}
    found = {name: _single(name, everyone, policy.of(name)) for name in SINGLE if name in said}
    found |= {name: _list(name, everyone, policy.of(name)) for name in LISTS if name in said}
    if "custom" in said:
        for name in sorted({custom for one in everyone for custom in one.fields.get("custom", {})}):
            found[f"custom.{name}"] = _single(f"custom.{name}", everyone, policy.of("custom"))
    return {name: survivors for name, survivors in found.items() if survivors}


def _single(name: str, sources: Sequence[Source], rules: tuple[Rule, ...]) -> list[Survivor]:
    saying = [one for one in sources if _value(one, name) is not None or _cleared(one, name)]
    if not saying:
        return []
    if len(saying) == 1:
        return [Survivor(_value(saying[0], name), saying[0].record_id, ONLY_VALUE)]
    ranked = sorted(saying, key=lambda one: _rank(one, name, rules))
    winner = ranked[0]
    value = _value(winner, name)
    lost = distinct(Lost(_value(one, name), one.record_id) for one in ranked[1:] if _value(one, name) != value)
    return [Survivor(value, winner.record_id, _why(winner, ranked, name, rules), lost)]


def _list(name: str, sources: Sequence[Source], rules: tuple[Rule, ...]) -> list[Survivor]:
    saying = [one for one in sources if one.fields.get(name) or _cleared(one, name)]
    ranked = sorted(saying, key=lambda one: _rank(one, name, rules)) if len(saying) > 1 else saying
    if any(rule.kind == "union" for rule in rules):
        return _union(name, ranked)
    if not ranked:
        return []
    values = ranked[0].fields.get(name, ())
    kept = {identity(name, value) for value in values}
    lost = distinct(
        Lost(value, one.record_id)
        for one in ranked[1:]
        for value in one.fields.get(name, ())
        if identity(name, value) not in kept
    )
    why = _why(ranked[0], ranked, name, rules)
    return [Survivor(value, ranked[0].record_id, why, lost if not at else ()) for at, value in enumerate(values)]


def _union(name: str, ranked: Sequence[Source]) -> list[Survivor]:
    survivors: dict[str, Survivor] = {}
    for one in ranked:
        for value in one.fields.get(name, ()):
            survivors.setdefault(identity(name, value), Survivor(value, one.record_id, "union"))
    return list(survivors.values())


def _value(source: Source, name: str) -> Any:
    if name.startswith("custom."):
        return source.fields.get("custom", {}).get(name.removeprefix("custom."))
    return source.fields.get(name)


def _cleared(source: Source, name: str) -> bool:
    return name in source.fields.get("cleared", ())


def _rank(source: Source, name: str, rules: tuple[Rule, ...]) -> tuple[Any, ...]:
    """Smaller is better; at the end the order of arrival and the stable key, so that there is always one winner."""
    return (*(_score(source, name, rule) for rule in rules), source.born, source.key)


def _score(source: Source, name: str, rule: Rule) -> Any:
    match rule.kind:
        case "trusted_source":
            trusted = rule.sources
            return trusted.index(source.connection) if source.connection in trusted else len(trusted)
        case "most_recent":
            return _LONG_AGO - (source.changed_at or _LONG_AGO)
        case "most_complete":
            return -_completeness(_value(source, name))
        case "union":
            return 0


def _completeness(value: Any) -> int:
    """How much a value says: the parts of more than one letter it has, for a list those of all its members."""
    if isinstance(value, Mapping):
        return sum(len(str(part)) > 1 for part in value.values())
    if isinstance(value, list):
        return sum(_completeness(member) for member in value)
    return 1 if value else 0


def _why(winner: Source, ranked: Sequence[Source], name: str, rules: tuple[Rule, ...]) -> str:
    """The first rule that tells the winner from the best source of another value."""
    rival = next((one for one in ranked if _value(one, name) != _value(winner, name)), None)
    if rival is None:
        return ONLY_VALUE
    deciding = next((rule for rule in rules if _score(winner, name, rule) != _score(rival, name, rule)), None)
    return str(deciding) if deciding else ARRIVED_FIRST


def identity(name: str, value: Any) -> str:
    """What makes two list members the same: an e-mail's key, a phone's number, an address's letters, else all of it."""
    match name:
        case "emails":
            return str(value["key"])
        case "addresses":
            return "|".join(fold(str(value.get(part, ""))) for part in ("street", "city", "postcode", "country"))
        case "tags":
            return str(value)
        case _:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def distinct(lost: Iterable[Lost]) -> tuple[Lost, ...]:
    """One of each value, the best-ranked first; a source that merely cleared the field says no value."""
    kept: dict[bytes, Lost] = {}
    for one in lost:
        if one.value is not None:
            kept.setdefault(orjson.dumps(one.value, option=orjson.OPT_SORT_KEYS), one)
    return tuple(kept.values())
