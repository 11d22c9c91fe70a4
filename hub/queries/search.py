"""Finds contacts by what a person types into a search box: what is so, what begins so, what is spelled almost so.

Every statement here reads a bounded number of rows along an index, however many contacts there are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, Text, and_, bindparam, cast, func, select
from sqlalchemy.sql.selectable import TableValuedAlias

from dedupe.folding import fold
from hub.queries import masks
from hub.queries.spelling import spellings
from hub.stages.golden import ENDING, contacts, terms
from hub.store.jsontext import dumps, storable
from hub.store.sql import among

LAST_CHARACTER = "\U0010ffff"
MOST_WORDS = 8
MOST_TERMS = 1_000
"""Terms that are read for one way to take a word. Of a word that more begin with, the first ones count."""

MOST_ALONE = 500
"""The same, of a word that is typed alone: nothing has to be left for other words to fit."""

FEW = 200
"""Terms of a rare word."""

FEWEST_DIGITS = 4
"""Of the end of a phone number."""

MOST_BEGINNINGS = 10
"""How many other spellings of a beginning are followed."""

IS_SO, BEGINS_SO, IS_SPELLED_SO, BEGINS_ALMOST_SO = range(4)

_CONTACTS = select(contacts).where(among(contacts.c.id, "ids"))


@dataclass(frozen=True, slots=True)
class _Word:
    """What was typed, and how a term may look that is meant by it. `whole`: personal terms count only as a whole."""

    starts: tuple[str, ...]
    whole: bool
    spelled: frozenset[str] = frozenset()
    begun: tuple[str, ...] = ()

    def rank(self, term: str) -> int | None:
        """How well a term fits, 0 is best; None where it does not."""
        if term in self.starts:
            return IS_SO
        if self.whole and not term.isalpha():
            return None
        if term.startswith(self.starts):
            return BEGINS_SO
        if term in self.spelled:
            return IS_SPELLED_SO
        return BEGINS_ALMOST_SO if self.begun and term.startswith(self.begun) else None

    def ways(self) -> list[ColumnElement[bool]]:
        """The stretches of the index in which the terms that fit lie; one question for all would walk along none."""
        ranges = [_begins(start) for start in (*self.starts, *self.begun)]
        return [*ranges, terms.c.term.in_(sorted(self.spelled))] if self.spelled else ranges


def search(db: Connection, text: str, limit: int = 50, masked: bool = False) -> list[dict[str, Any]]:
    """Contacts that have, for every word typed, a term that is it, begins with it, or is one slip away from it.

    The best fitting ones first, then by name. `masked`: with hints of their values only; then an e-mail, a phone or
    an id has to be typed as a whole, or it could be found out letter by letter.
    """
    words = [_Word(forms, masked) for word in _words(storable(text)) if (forms := _forms(word, masked))]
    if not words:
        return []
    found = _ranked(db, words)
    if len(found) < limit:
        spelled = _spelled(db, words)
        found = _ranked(db, [replace(word, begun=()) for word in spelled]) | found
        found = found or _ranked(db, spelled)
    rows = _rows_of(db, found, limit)
    return [masks.heading(row) for row in rows] if masked else rows


def count_spellings(text: str) -> int:
    """How many other spellings of what was typed are looked for."""
    return sum(len(_slips(_forms(word, False))) for word in _words(storable(text)))


def _words(text: str) -> list[str]:
    """Words; a telephone number with blanks is one word."""
    if re.fullmatch(r"[+\d()\s./-]{5,}", text.strip()):
        return [re.sub(r"\D", "", text)]
    return text.split()[:MOST_WORDS]


def _forms(word: str, whole: bool) -> tuple[str, ...]:
    """How a term may begin that is meant by a word: as an id or e-mail, as a name, as a phone or the end of one."""
    local = word.lstrip("0") if word.isdigit() else ""
    forms = {word.casefold().lstrip(ENDING), "" if "@" in word else fold(word), local}
    if local and not whole:
        forms |= {ENDING + digits[::-1] for digits in (word, local) if len(digits) >= FEWEST_DIGITS}
    return tuple(sorted(forms - {""}))


def _slips(forms: Iterable[str]) -> frozenset[str]:
    return frozenset(slip for form in forms for slip in spellings(form))


def _spelled(db: Connection, words: Sequence[_Word]) -> list[_Word]:
    """The words with those of their other spellings that anybody has, or that begin a term."""
    found = []
    for word in words:
        begun = _first_terms(db, _slips(word.starts))
        whole = frozenset(slip for slip, term in begun if slip == term)
        more = tuple(slip for slip, _ in begun if slip not in whole)[:MOST_BEGINNINGS]
        found.append(_Word(word.starts, word.whole, whole, more))
    return found


def _first_terms(db: Connection, slips: Collection[str]) -> list[tuple[str, str]]:
    """Each of these with the first term that begins so, where there is one: one look into the index for each."""
    if not slips:
        return []
    typed = _each(db.dialect.name)
    first = select(func.min(terms.c.term)).where(_begins(typed.c.value)).correlate(typed).scalar_subquery()
    rows = db.execute(select(typed.c.value, first.label("term")), {"slips": dumps(sorted(slips))})
    return [(slip, term) for slip, term in rows if term is not None]


def _each(dialect: str) -> TableValuedAlias:
    listed = bindparam("slips", type_=Text())
    if dialect == "sqlite":
        return func.json_each(listed).table_valued("value", name="typed")
    return func.json_array_elements_text(cast(listed, JSON)).table_valued("value", name="typed")


def _begins(start: Any) -> ColumnElement[bool]:
    return and_(terms.c.term >= start, terms.c.term < start + LAST_CHARACTER)


def _ranked(db: Connection, words: Sequence[_Word]) -> dict[str, int]:
    """Contacts that every word fits, by how badly. The rarest word is looked up, the others among its contacts."""
    rarest, found = _rarest(db, words)
    for word in words:
        if word is not rarest:
            fitting = _among(db, word, found)
            found = {one: rank + fitting[one] for one, rank in found.items() if one in fitting}
    return found


def _rarest(db: Connection, words: Sequence[_Word]) -> tuple[_Word, dict[str, int]]:
    """A word that leaves few contacts, or else the longest one, with those it leaves."""
    if len(words) == 1:
        return words[0], _read(db, words[0], MOST_ALONE)[0]
    read = [(word, *_read(db, word, FEW)) for word in words]
    rare = [(word, found) for word, found, is_all in read if is_all]
    if rare:
        return min(rare, key=lambda one: len(one[1]))
    longest = max(words, key=lambda one: max(map(len, one.starts)))
    return longest, _read(db, longest, MOST_TERMS)[0]


def _read(db: Connection, word: _Word, most: int) -> tuple[dict[str, int], bool]:
    """The contacts that a word fits, by how badly, and whether these are all."""
    found: dict[str, int] = {}
    is_all = True
    for way in word.ways():
        query = select(terms.c.term, terms.c.contact_id).where(way).order_by(terms.c.term).limit(most)
        read = db.execute(query).all()
        is_all = is_all and len(read) < most
        _note(found, word, read)
    return found, is_all


def _among(db: Connection, word: _Word, contact_ids: Collection[str]) -> dict[str, int]:
    query = select(terms.c.term, terms.c.contact_id).where(among(terms.c.contact_id, "ids"))
    found: dict[str, int] = {}
    for way in word.ways() if contact_ids else ():
        _note(found, word, db.execute(query.where(way), {"ids": sorted(contact_ids)}).all())
    return found


def _note(found: dict[str, int], word: _Word, rows: Iterable[Any]) -> None:
    for term, contact_id in rows:
        rank = word.rank(term)
        if rank is not None:
            found[contact_id] = min(rank, found.get(contact_id, rank))


def _rows_of(db: Connection, found: dict[str, int], limit: int) -> list[dict[str, Any]]:
    """The first contacts, the best fitting before the others, then by name."""
    ranks = sorted(found.values())
    worst = ranks[limit - 1] if len(ranks) > limit else BEGINS_ALMOST_SO * MOST_WORDS
    wanted = sorted(one for one, rank in found.items() if rank <= worst)
    rows = [dict(row) for row in db.execute(_CONTACTS, {"ids": wanted}).mappings()]
    rows.sort(key=lambda row: (found[row["id"]], row["name"], row["id"]))
    return rows[:limit]
