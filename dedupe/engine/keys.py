"""Blocking keys: what two records must share to be compared at all, as 64-bit hashes.

A strong key is an identifier: an e-mail box, a phone, a typed id. A weak one is a resemblance of two things at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.coding import Coded, Hashes, Mask, Sets, hashes_of, mixed
from dedupe.engine.table import Rows, Table


class Kind(IntEnum):
    """What a key is made of; the numbers are part of its hash."""

    EMAIL = 1
    PHONE = 2
    IDENTIFIER = 3
    LOCAL = 4
    NAME_POSTCODE = 5
    HOUSE_INITIAL = 6
    HOUSE_LAST = 7
    BIRTH_LAST = 8
    BIRTH_FIRST = 9
    NAME_IN_MAIL = 10
    NAME = 11
    BIRTH = 14
    LAST_CITY = 15
    FIRST_CITY = 16


LETTERS = 3
"""How many letters of a name a key with a date of birth has."""


@dataclass(slots=True)
class Keys:
    """(key, record) rows. `strong`: the key is an identifier; `own`: it is one person's, and no desk's mailbox."""

    hashes: Hashes
    rows: Rows
    strong: Mask
    own: Mask

    def some(self, chosen: Mask) -> Keys:
        return Keys(self.hashes[chosen], self.rows[chosen], self.strong[chosen], self.own[chosen])


@dataclass(slots=True)
class ValueKeys:
    """The keys of the distinct values of the sets that can be popular."""

    emails: Hashes
    phones: Hashes
    identifiers: Hashes


def value_keys(table: Table) -> ValueKeys:
    boxes = hashes_of(table.mails.boxes.values)[table.mails.boxes.ids]
    return ValueKeys(
        _kind(Kind.EMAIL, boxes),
        _kind(Kind.PHONE, hashes_of(table.phones.values)),
        _kind(Kind.IDENTIFIER, hashes_of(table.identifiers.values)),
    )


def keys_of(table: Table, values: ValueKeys) -> Keys:
    """All keys of all records, in no particular order; a record may have one twice."""
    found = [*_strong(table, values), *((hashes, rows, False, None) for hashes, rows in _weak(table))]
    return Keys(
        np.concatenate([hashes for hashes, _, _, _ in found]),
        np.concatenate([rows for _, rows, _, _ in found]),
        np.concatenate([np.full(len(rows), strong) for _, rows, strong, _ in found]),
        np.concatenate([np.full(len(rows), strong) if own is None else own for _, rows, strong, own in found]),
    )


Some = tuple[Hashes, Rows]


def _strong(table: Table, values: ValueKeys) -> Iterator[tuple[Hashes, Rows, bool, Mask | None]]:
    mails = table.mails.sets
    yield values.emails[mails.items], mails.rows, True, ~table.mails.role[mails.items]
    for sets, hashes in ((table.phones, values.phones), (table.identifiers, values.identifiers)):
        yield hashes[sets.items], sets.rows, True, None


def _weak(table: Table) -> Iterator[Some]:
    names = table.names
    first, last = _hashes(names.first), _hashes(names.last)
    initial = _hashes(names.first.parts(lambda value: value[:1]))
    yield from _by_mail(table)
    yield from _by_place(table, first, last, initial)
    yield from _by_birth(table)
    yield _some(Kind.NAME, names.is_whole, np.minimum(first, last), np.maximum(first, last))


def _by_mail(table: Table) -> Iterator[Some]:
    sets = table.mails.sets
    local = table.mails.locals
    usable = local.ids[sets.items] > 0
    items, rows = sets.items[usable], sets.rows[usable]
    yield _kind(Kind.LOCAL, hashes_of(local.values)[local.ids][items]), rows
    yield _kind(Kind.NAME_IN_MAIL, table.mails.letters[items]), rows
    whole = np.flatnonzero(table.names.is_whole)
    for column in range(table.spelt.shape[1]):
        yield _kind(Kind.NAME_IN_MAIL, table.spelt[whole, column]), whole


def _by_place(table: Table, first: Hashes, last: Hashes, initial: Hashes) -> Iterator[Some]:
    sets, names = table.places.sets, table.names
    rows, items = sets.rows, sets.items
    postcode = _hashes(table.places.postcode)[items]
    has_postcode = (table.places.postcode.ids > 0)[items]
    has_house = (table.places.house.ids > 0)[items] & (table.places.street.ids > 0)[items]
    house = _house_hashes(table)[items]
    whole, lasting, begun = names.is_whole[rows], (names.last.ids > 0)[rows], (names.first.ids > 0)[rows]
    yield _some_rows(Kind.NAME_POSTCODE, has_postcode & whole, rows, first[rows], last[rows], postcode)
    city = _hashes(table.places.city)[items]
    has_city = (table.places.city.ids > 0)[items]
    yield _some_rows(Kind.LAST_CITY, has_city & lasting, rows, last[rows], city)
    yield _some_rows(Kind.FIRST_CITY, has_city & begun, rows, first[rows], city)
    yield _some_rows(Kind.HOUSE_INITIAL, has_house & begun, rows, initial[rows], house)
    yield _some_rows(Kind.HOUSE_LAST, has_house & lasting, rows, last[rows], house)


def _house_hashes(table: Table) -> Hashes:
    """Of each distinct address: house, street and postcode."""
    places = table.places
    return mixed(
        hashes_of(places.house.values)[places.house.ids],
        hashes_of(places.street.values)[places.street.ids],
        hashes_of(places.postcode.values)[places.postcode.ids],
    )


def _by_birth(table: Table) -> Iterator[Some]:
    names, born = table.names, _hashes(table.births)
    has_birth = table.births.ids > 0
    for kind, part in ((Kind.BIRTH_LAST, names.last), (Kind.BIRTH_FIRST, names.first)):
        letters = _hashes(part.parts(lambda value: value[:LETTERS]))
        yield _some(kind, has_birth & (part.ids > 0), born, letters)
    yield _some(Kind.BIRTH, has_birth, born)


def _hashes(column: Coded) -> Hashes:
    return hashes_of(column.values)[column.ids]


def _some(kind: Kind, usable: Mask, *parts: Hashes) -> Some:
    rows = np.flatnonzero(usable)
    return _kind(kind, mixed(*(part[rows] for part in parts))), rows


def _some_rows(kind: Kind, usable: Mask, rows: Rows, *parts: Hashes) -> Some:
    return _kind(kind, mixed(*(part[usable] for part in parts))), rows[usable]


def _kind(kind: Kind, hashes: Hashes) -> Hashes:
    return mixed(np.full(1, kind.value, np.uint64), hashes)


def popular_of(keys: Keys, told: Hashes, strong_cap: int, weak_cap: int) -> Hashes:
    """The keys held by more than `strong_cap` different people with a name or more than `weak_cap` other holders.

    `told`: by key row, what tells its holders apart, odd for those with a name. Returns the keys sorted.
    """
    order = np.lexsort((told, keys.hashes))
    hashes, told = keys.hashes[order], told[order]
    if not len(hashes):
        return hashes
    new_key = np.concatenate(([True], hashes[1:] != hashes[:-1]))
    new_holder = new_key | np.concatenate(([True], told[1:] != told[:-1]))
    begins = np.flatnonzero(new_key)
    is_named = (told & np.uint64(1)).astype(np.bool_)
    named = np.add.reduceat((new_holder & is_named).astype(np.int64), begins)
    others = np.add.reduceat((new_holder & ~is_named).astype(np.int64), begins)
    return hashes[begins][(named > strong_cap) | (others > weak_cap)]


def without(sets: Sets, keys: Hashes, popular: Hashes) -> Sets:
    """The sets without the values whose key is popular. `popular` is sorted."""
    return sets.kept(~is_in(keys, popular))


def is_in(hashes: Hashes, some: Hashes) -> NDArray[np.bool_]:
    """Which of the hashes are among some sorted ones."""
    if not len(some):
        return np.zeros(len(hashes), np.bool_)
    places = np.searchsorted(some, hashes)
    places[places == len(some)] = 0
    found: Mask = some[places] == hashes
    return found
