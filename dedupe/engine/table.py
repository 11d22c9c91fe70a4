"""A table of records (or of nodes, each some records of one person) whose columns are coded for comparing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.coding import WITHIN, Coded, Hashes, Ids, Mask, Sets, code, code_sets, hashes_of, mixed
from dedupe.mailboxes import form_of
from dedupe.names.frequency import first_class, last_class

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Columns:
    """What is compared of records, a text for each: parts joined by WITHIN, the values of sets by BETWEEN."""

    names: Sequence[str]
    births: Sequence[str]
    emails: Sequence[str]
    phones: Sequence[str]
    identifiers: Sequence[str]
    addresses: Sequence[str]
    companies: Sequence[str]


@dataclass(slots=True)
class Names:
    """Names, whole and in parts; `rarity` is 0 for rare names to 6 for the most common."""

    whole: Coded
    first: Coded
    middle: Coded
    last: Coded
    suffix: Coded
    partner: Coded
    organisation: Coded
    rarity: NDArray[np.int8]

    @property
    def is_whole(self) -> Mask:
        """A first name of more than an initial, and a last name."""
        long = np.array([len(value) > 1 for value in self.first.values])
        found: Mask = long[self.first.ids] & (self.last.ids > 0)
        return found

    @property
    def is_missing(self) -> Mask:
        found: Mask = (self.first.ids == 0) & (self.last.ids == 0)
        return found


@dataclass(slots=True)
class Mails:
    """E-mail addresses; the columns beside `sets.values` tell of each value its mailbox, its local part, its kind."""

    sets: Sets
    boxes: Coded
    locals: Coded
    skeletons: Coded
    role: Mask
    letters: Hashes
    """What the local part spells, without digits behind; 0 where it says nothing."""


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
    spelt: Hashes
    """By record, as two columns: the whole name as a local part would spell it, first name first, and last name first;
    0 where there is no whole name."""

    def taken(self, firsts: Rows, labels: Rows) -> Table:
        """A row for each group: name and birth of its first record, the union of all its sets."""
        count = len(firsts)
        return replace(
            self,
            size=count,
            names=_names_taken(self.names, firsts),
            births=Coded(self.births.ids[firsts], self.births.values),
            mails=replace(self.mails, sets=self.mails.sets.grouped(labels, count)),
            phones=self.phones.grouped(labels, count),
            identifiers=self.identifiers.grouped(labels, count),
            places=replace(self.places, sets=self.places.sets.grouped(labels, count)),
            companies=self.companies.grouped(labels, count),
            signatures=self.signatures[firsts],
            spelt=self.spelt[firsts],
        )


def table_of(columns: Columns) -> Table:
    names, births = _names(columns.names), code(columns.births)
    signatures = mixed(hashes_of(names.whole.values)[names.whole.ids], hashes_of(births.values)[births.ids])
    return Table(
        len(columns.names),
        names,
        births,
        _mails(code_sets(columns.emails)),
        code_sets(columns.phones),
        code_sets(columns.identifiers),
        _places(code_sets(columns.addresses)),
        code_sets(columns.companies),
        signatures,
        _spelt(names),
    )


def _spelt(names: Names) -> Hashes:
    found = np.zeros((len(names.whole.ids), 2), np.uint64)
    width = len(names.last.values)
    both = names.first.ids.astype(np.int64) * width + names.last.ids
    distinct, places = np.unique(both, return_inverse=True)
    pairs = [(names.first.values[one // width], names.last.values[one % width]) for one in distinct.tolist()]
    for column, texts in enumerate(([first + last for first, last in pairs], [last + first for first, last in pairs])):
        found[:, column] = hashes_of([text.replace("-", "") for text in texts])[places]
    found[~names.is_whole] = 0
    return found


def _names(column: Sequence[str]) -> Names:
    whole = code(column)
    parts = [_split(value, 6) for value in whole.values]
    first, middle, last, suffix, partner, organisation = (
        _at(code([part[number] for part in parts]), whole.ids) for number in range(6)
    )
    common = _classes(first, first_class) + _classes(last, last_class)
    return Names(whole, first, middle, last, suffix, partner, organisation, common.astype(np.int8))


def _classes(names: Coded, class_of: Callable[[str], int]) -> NDArray[np.int8]:
    found = np.array([class_of(value) if value else 0 for value in names.values], np.int8)
    return found[names.ids]


def _names_taken(names: Names, rows: Rows) -> Names:
    whole, first, middle, last, suffix, partner, organisation = (
        Coded(one.ids[rows], one.values)
        for one in (
            names.whole,
            names.first,
            names.middle,
            names.last,
            names.suffix,
            names.partner,
            names.organisation,
        )
    )
    return Names(whole, first, middle, last, suffix, partner, organisation, names.rarity[rows])


def _split(value: str, parts: int) -> list[str]:
    found = value.split(WITHIN)
    return found + [""] * (parts - len(found))


def _at(distinct: Coded, ids: Ids) -> Coded:
    return Coded(distinct.ids[ids], distinct.values)


def _mails(sets: Sets) -> Mails:
    forms = [form_of(value) for value in sets.values]
    locals_ = code([form.local for form in forms])
    letters = hashes_of([value.rstrip("0123456789") for value in locals_.values])
    letters[0] = 0
    return Mails(
        sets,
        code([form.box for form in forms]),
        locals_,
        code([form.skeleton for form in forms]),
        np.array([form.role for form in forms], np.bool_),
        letters[locals_.ids],
    )


def _places(sets: Sets) -> Places:
    parts = [_split(value, 7) for value in sets.values]
    house, street, unit, box, postcode, city, country = (code([part[number] for part in parts]) for number in range(7))
    return Places(sets, house, street, unit, box, postcode, city, country)


def numbers_of_births(births: Coded) -> NDArray[np.int32]:
    """Year, month and day of each distinct date, as rows of three; zeros for a missing one."""
    found = np.zeros((len(births.values), 3), np.int32)
    for number, value in enumerate(births.values):
        if value:
            day = date.fromisoformat(value)
            found[number] = day.year, day.month, day.day
    return found
