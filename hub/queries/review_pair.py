"""One pair of records as a reviewer sees it: field by field, with what speaks for one person and what against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from dedupe.engine.coding import WITHIN
from dedupe.engine.population import Entry, hashes_from
from dedupe.engine.telling import Shared, best_pair, shared_values
from dedupe.engine.verdicts import Verdict
from dedupe.engine.words import Unused, not_used, words
from dedupe.names.frequency import told
from dedupe.pins import with_pins
from dedupe.survivorship import LISTS, SINGLE, Survivor, golden
from hub.access.masking import mask_value
from hub.queries.how import TELLING, name_of, popular_ones
from hub.queries.review import decision_about
from hub.queries.review_choice import outcomes
from hub.queries.review_consent import Consent, consents_of
from hub.queries.review_consequences import consequences_of
from hub.queries.review_queue import Asked, item_of, one_question
from hub.queries.values import different_people
from hub.settings.settings import Settings
from hub.stages.golden import contacts
from hub.stages.land import landed
from hub.stages.map import people, related
from hub.stages.reading import entries, members, pins_together, sources
from hub.store.sql import among

MOST_JOINED = 40
"""Records of two contacts of which is told what would come of joining them."""

MOST_COUNTED = 1_000
"""Things that hang on one record, counted."""

SAME, ALIKE, DIFFERENT, MISSING = "same", "alike", "different", "missing"

_UNLIKE = frozenset(
    {"different", "other", "other first, same last", "other suffix", "organisation other", "same first, other last"}
)
_COMPARED = {
    "name": "name",
    "emails": "email",
    "phones": "phone",
    "addresses": "address",
    "date_of_birth": "birth",
    "identifiers": "identifier",
    "company": "company",
}
_KEYS = {"emails": "key", "phones": "value"}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records, and the contact that it is in."""

    record_id: int
    source: str
    connection: str
    external_id: str
    contact_id: str
    contact_name: str
    records: int
    counts: Mapping[str, int]
    changed_at: datetime | None
    landed_at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One field: what each record says, how the two compare, a word on it, and what both contacts say as one.

    `outcomes`: by the side that is chosen to win, what it would be then; nothing where there is nothing to choose.
    """

    field: str
    relation: str
    left: Sequence[Any]
    right: Sequence[Any]
    result: Sequence[Any]
    remark: str
    outcomes: Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Weighed:
    """One comparison: its level, what it weighs in bits, and its plain words ("" where values are masked)."""

    field: str
    level: str
    weight: float
    words: str


@dataclass(frozen=True, slots=True)
class Pair:
    """`shown`: what a decision about it names, so that it is known when the records have moved meanwhile."""

    item: str
    kind: str
    telling: str
    news: str
    sides: tuple[Side, Side]
    rows: Sequence[Row]
    consents: Sequence[Consent]
    weighed: Sequence[Weighed]
    unused: Sequence[str]
    prior: float
    weight: float
    pattern: str
    shown: str
    decision: int | None
    consequences: str
    masked: bool

    @property
    def percent(self) -> float:
        """The weight as a probability, which the model holds it to be."""
        return 100 / (1 + float(2.0**-self.weight))

    @property
    def is_one_contact(self) -> bool:
        return self.sides[0].contact_id == self.sides[1].contact_id


@dataclass(frozen=True, slots=True)
class Standing:
    """What an answer to a pair rests on: the records, their contacts, how they compare, and `shown` as of a Pair."""

    records: tuple[int, int]
    contacts: tuple[str, str]
    pattern: str
    shown: str


class NoSuchPair(Exception):
    """One of the records is gone, or was never there."""


def pair_of_records(db: Connection, settings: Settings, left: int, right: int, masked: bool) -> Pair:
    """Raises NoSuchPair."""
    read = _Read(db, left, right)
    unused, verdict = _judged(db, settings, read)
    asked = one_question(db, left, right) or Asked("", verdict.weight, left, right)
    sides = _sides(db, read)
    return Pair(
        item=item_of(left, right),
        kind=asked.kind,
        telling=TELLING.get(asked.kind, ""),
        news=asked.news,
        sides=sides,
        rows=_rows(db, settings, read, sides, verdict, masked),
        consents=consents_of(db, [(one.record_id, one.contact_id) for one in sides], masked),
        weighed=_weighed(verdict, masked),
        unused=[not_used(Unused(one.kind, many)) for one, many in unused if one.key in read.in_both],
        prior=(verdict.weight - sum(one.weight for one in verdict.comparisons)) / 1000,
        weight=verdict.weight / 1000,
        pattern=pattern_of(verdict),
        shown=read.shown(),
        decision=read.decision,
        consequences=consequences_of(db, settings, sides[0].contact_id, sides[1].contact_id),
        masked=masked,
    )


def standing_of(db: Connection, settings: Settings, left: int, right: int) -> Standing:
    """What an answer is judged by, without all that a page shows besides. Raises NoSuchPair."""
    read = _Read(db, left, right)
    _, verdict = _judged(db, settings, read)
    contacts_of_both = read.rows[left].contact_id, read.rows[right].contact_id
    return Standing((left, right), contacts_of_both, pattern_of(verdict), read.shown())


def shown_of(db: Connection, left: int, right: int) -> str:
    """What a decision about these records must name now. Raises NoSuchPair."""
    return _Read(db, left, right).shown()


def pattern_of(verdict: Verdict) -> str:
    """How two records compare, by comparison; no value of theirs."""
    return "; ".join(f"{one.field}: {one.level}" for one in verdict.comparisons)


def _judged(db: Connection, settings: Settings, read: _Read) -> tuple[list[tuple[Shared, int]], Verdict]:
    """The popular values that the two have, and how they compare without these."""
    unused = popular_ones(db, read.values[0] | read.values[1])
    popular = hashes_from(one.key for one, _ in unused)
    return unused, best_pair([read.left], [read.right], popular, settings.model).verdict


_ROWS = (
    select(people, landed.c.content_hash, landed.c.landed_at, members.c.contact_id)
    .join(landed, landed.c.id == people.c.record_id)
    .join(members, members.c.record_id == people.c.record_id)
    .where(among(people.c.record_id, "ids"))
)


class _Read:
    """Two records as they are stored now. `values`: of each its addresses, numbers and identifiers, by their keys."""

    def __init__(self, db: Connection, left: int, right: int) -> None:
        found = entries(db, (left, right))
        if left == right or found.keys() != {left, right}:
            raise NoSuchPair("one of these two records is gone")
        self.left, self.right = found[left], found[right]
        self.values = tuple({one.key: one for one in shared_values([each])} for each in self.entries)
        self.rows = {row.record_id: row for row in db.execute(_ROWS, {"ids": (left, right)})}
        if len(self.rows) != 2:
            raise NoSuchPair("one of these two records waits for its contact: try again in a moment")
        self.decision = decision_about(db, (self.left, self.right))

    @property
    def entries(self) -> tuple[Entry, Entry]:
        return self.left, self.right

    @property
    def in_both(self) -> set[int]:
        """The keys of the values that both have."""
        return self.values[0].keys() & self.values[1].keys()

    def shown(self) -> str:
        """Both contents, by which what has changed is found again, and a digest of all that counts."""
        both = [self.rows[one.id] for one in self.entries]
        told = [both[0].contact_id == both[1].contact_id, *([row.features, row.fields] for row in both), self.decision]
        digest = sha256(repr(told).encode("utf-8", "backslashreplace")).hexdigest()[:16]
        return ".".join([*(row.content_hash for row in both), digest])


def _sides(db: Connection, read: _Read) -> tuple[Side, Side]:
    homes = {row.contact_id for row in read.rows.values()}
    names = {row.id: row.name for row in db.execute(select(contacts).where(contacts.c.id.in_(homes)))}
    sizes = _sizes(db, homes)
    left, right = (_side(db, entry, read.rows[entry.id], names, sizes) for entry in read.entries)
    return left, right


def _side(db: Connection, entry: Entry, row: Any, names: Mapping[str, str], sizes: Mapping[str, int]) -> Side:
    return Side(
        record_id=entry.id,
        source=name_of(entry),
        connection=row.connection,
        external_id=row.external_id,
        contact_id=row.contact_id,
        contact_name=names.get(row.contact_id, ""),
        records=sizes[row.contact_id],
        counts=_hanging(db, row),
        changed_at=row.changed_at,
        landed_at=row.landed_at,
    )


def _sizes(db: Connection, homes: Iterable[str]) -> dict[str, int]:
    query = (
        select(members.c.contact_id, func.count())
        .where(members.c.contact_id.in_(list(homes)))
        .group_by(members.c.contact_id)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def _hanging(db: Connection, row: Any) -> dict[str, int]:
    """How many orders, tickets and messages hang on a record, up to MOST_COUNTED in all."""
    own = {"connection": row.connection, "stream": row.stream, "external_id": row.external_id}
    return dict(Counter(db.execute(_HANGING, own).scalars()))


_HANGING = (
    select(related.c.kind)
    .where(related.c.owner_connection == bindparam("connection"), related.c.owner_stream == bindparam("stream"))
    .where(related.c.owner_external_id == bindparam("external_id"))
    .limit(MOST_COUNTED)
)


def _rows(
    db: Connection, settings: Settings, read: _Read, sides: tuple[Side, Side], verdict: Verdict, masked: bool
) -> list[Row]:
    both = [_said(read.rows[one.id].fields) for one in read.entries]
    levels = {one.field: one.level for one in verdict.comparisons}
    joined, remarks = _joined(db, settings, sides), _remarks(db, read)
    said_by = [(one.id, read.rows[one.id].fields) for one in read.entries]
    found = []
    for name in [one for one in (*SINGLE, *LISTS) if any(one in said for said in both)]:
        left, right = (said.get(name, []) for said in both)
        relation = _relation(name, left, right, levels.get(_COMPARED.get(name, ""), ""))
        result = [one.value for one in joined.get(name, ()) if one.value is not None]
        if masked:
            left, right, result = ([mask_value(name, one) for one in some] for some in (left, right, result))
        remark, chosen = ("", {}) if masked else (remarks.get(name, ""), outcomes(joined, name, *said_by))
        found.append(Row(name, relation, left, right, result, remark, chosen))
    return sorted(found, key=lambda row: _ORDER.index(row.field))


_ORDER = (*("name", "emails", "phones", "addresses", "date_of_birth", "identifiers", "company"),
          *("job_title", "gender", "language", "timezone", "tags"))  # fmt: skip


def _said(fields: Mapping[str, Any]) -> dict[str, list[Any]]:
    """By field the values that a record has."""
    named = {name: fields[name] for name in (*SINGLE, *LISTS) if fields.get(name)}
    return {name: list(value) if isinstance(value, list) else [value] for name, value in named.items()}


def _relation(name: str, left: Sequence[Any], right: Sequence[Any], level: str) -> str:
    if not left or not right:
        return MISSING
    one, other = ({_norm(name, value) for value in some} for some in (left, right))
    if one == other or level.startswith("same,"):
        return SAME
    if one & other or (level and level not in _UNLIKE):
        return ALIKE
    return DIFFERENT


def _norm(name: str, value: Any) -> str:
    """A value in the form in which it is compared."""
    if isinstance(value, Mapping):
        parts = [value[_KEYS[name]]] if name in _KEYS else [f"{key}={value[key]}" for key in sorted(value)]
        return " ".join(str(part) for part in parts).casefold()
    return str(value).casefold()


def _joined(db: Connection, settings: Settings, sides: tuple[Side, Side]) -> Mapping[str, Sequence[Survivor]]:
    """What the golden fields would be if the two contacts were one, and nobody chose."""
    homes = {one.contact_id: one.records for one in sides}
    if sum(homes.values()) > MOST_JOINED:
        return {}
    everything = [one for some in sources(db, homes).values() for one in some]
    return with_pins(golden(everything, settings.survivorship), pins_together(db, homes))


def _remarks(db: Connection, read: _Read) -> dict[str, str]:
    """How rare the family name is that both have, and how many people hold an address or a number that both have."""
    found = {}
    lasts = {one.features.name.split(WITHIN)[2] for one in read.entries if one.features.name}
    if len(lasts) == 1 and (last := lasts.pop()):
        found["name"] = told(last)
    for key in read.in_both:
        people_with_it = different_people(db, key)
        if people_with_it > 2:
            found[f"{read.values[0][key].kind}s"] = f"shared by {people_with_it} people"
    return found


def _weighed(verdict: Verdict, masked: bool) -> list[Weighed]:
    told_all = [Weighed(one.field, one.level, one.weight / 1000, "" if masked else words(one)) for one in
                verdict.comparisons]  # fmt: skip
    return sorted(told_all, key=lambda one: -abs(one.weight))
