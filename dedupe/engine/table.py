"""A table of records (or of nodes, each some records of one person) whose columns are coded for comparing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import compress
from operator import add

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.coding import (
    WITHIN,
    Coded,
    Hashes,
    Ids,
    Mask,
    Rows,
    Sets,
    Texts,
    code,
    code_parts,
    code_sets,
    hashes_of,
    mixed,
    where_true,
)
from dedupe.engine.mails import Mails, mails_of
from dedupe.engine.wordings import Words
from dedupe.names.frequency import first_class, last_class

__all__ = ["Columns", "NameForms", "Names", "Places", "Rows", "Table", "numbers_of_births", "table_of"]


NOBODY = 5 * WITHIN
"""The six parts of no name."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What is compared of records, a text for each: parts joined by WITHIN, the values of sets by BETWEEN."""

    names: Texts
    births: Texts
    emails: Texts
    phones: Texts
    identifiers: Texts
    addresses: Texts
    companies: Texts


@dataclass(slots=True)
class NameForms:
    """Distinct names in parts: numbers of words, of middle names and of suffixes, 0 where there is none."""

    words: Words
    first: Ids
    last: Ids
    middles: list[str]
    middle: Ids
    suffix: Ids
    more: Mask
    """A couple, or an organisation."""
    rarity: NDArray[np.int8]
    """0 for rare names to 6 for the most common."""
    is_whole: Mask
    """A first name of more than an initial, and a last name."""
    spelt: Hashes
    """As two columns: the whole name as a local part would spell it, first name first, and last name first; 0 where
    there is no whole name."""


@dataclass(slots=True)
class Names:
    """`whole` is by row; the forms are by its numbers."""

    whole: Coded
    forms: NameForms

    @property
    def rarity(self) -> NDArray[np.int8]:
        return self.forms.rarity[self.whole.ids]

    @property
    def is_whole(self) -> Mask:
        return self.forms.is_whole[self.whole.ids]


@dataclass(slots=True)
class Places:
    """Postal addresses; the columns beside `sets.values` are their parts."""

    sets: Sets
    house: Coded
    street: Coded
    unit: Coded
    box: Coded
    postcode: Coded
    city: Coded
    country: Coded


@dataclass(slots=True)
class Table:
    size: int
    names: Names
    births: Coded
    mails: Mails
    phones: Sets
    identifiers: Sets
    places: Places
    companies: Sets
    signatures: Hashes
    """By record: equal for equal names and dates of birth."""

    def taken(self, firsts: Rows, labels: Rows) -> Table:
        """A row for each group: name and birth of its first record, the union of all its sets."""
        count = len(firsts)
        return replace(
            self,
            size=count,
            names=Names(Coded(self.names.whole.ids[firsts], self.names.whole.values), self.names.forms),
            births=Coded(self.births.ids[firsts], self.births.values),
            mails=replace(self.mails, sets=self.mails.sets.grouped(labels, count)),
            phones=self.phones.grouped(labels, count),
            identifiers=self.identifiers.grouped(labels, count),
            places=replace(self.places, sets=self.places.sets.grouped(labels, count)),
            companies=self.companies.grouped(labels, count),
            signatures=self.signatures[firsts],
        )


def table_of(columns: Columns) -> Table:
    names, births = _names(columns.names), code(columns.births)
    signatures = mixed(hashes_of(names.whole.values)[names.whole.ids], hashes_of(births.values)[births.ids])
    return Table(
        len(names.whole.ids),
        names,
        births,
        mails_of(code_sets(columns.emails)),
        code_sets(columns.phones),
        code_sets(columns.identifiers),
        _places(code_sets(columns.addresses)),
        code_sets(columns.companies),
        signatures,
    )


def _names(column: Texts) -> Names:
    whole = code(column)
    first, middle, last, suffix, partner, organisation = code_parts([NOBODY, *whole.values[1:]], 6)
    words = code(first.values + last.values)
    firsts, lasts = words.ids[: len(first.values)][first.ids], words.ids[len(first.values) :][last.ids]
    long = np.fromiter(map(len, words.values), np.int32, len(words.values)) > 1
    is_whole = long[firsts] & (lasts > 0)
    forms = NameForms(
        Words(words.values),
        firsts,
        lasts,
        middle.values,
        middle.ids,
        suffix.ids,
        (partner.ids > 0) | (organisation.ids > 0),
        _classes(words.values, firsts, first_class) + _classes(words.values, lasts, last_class),
        is_whole,
        _spelt(words.values, firsts, lasts, is_whole),
    )
    return Names(whole, forms)


def _classes(words: list[str], numbers: Ids, class_of: Callable[[str], int]) -> NDArray[np.int8]:
    """How common the word of each number is."""
    found = np.zeros(len(words), np.int8)
    found[numbers] = 1
    found[0] = 0
    found[where_true(found)] = [class_of(word) for word in compress(words, found)]
    return found[numbers]


def _spelt(words: list[str], firsts: Ids, lasts: Ids, is_whole: Mask) -> Hashes:
    found = np.zeros((len(firsts), 2), np.uint64)
    bare = [word.replace("-", "") if "-" in word else word for word in words]
    one, other = (list(map(bare.__getitem__, numbers[is_whole].tolist())) for numbers in (firsts, lasts))
    found[is_whole, 0] = hashes_of(list(map(add, one, other)))
    found[is_whole, 1] = hashes_of(list(map(add, other, one)))
    return found


def _places(sets: Sets) -> Places:
    return Places(sets, *code_parts(sets.values, 7))


def numbers_of_births(dates: Sequence[str]) -> NDArray[np.int32]:
    """Year, month and day of ISO dates, as rows of three."""
    days = map(date.fromisoformat, dates)
    return np.array([(day.year, day.month, day.day) for day in days], np.int32).reshape(-1, 3)
