"""Blocking keys: what two records must share to be compared at all, as 64-bit hashes.

A strong key is an identifier: an e-mail box, a phone, a typed id. A weak one is a resemblance of two things at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from dedupe.engine.coding import Coded, Hashes, Ids, Mask, Sets, hashes_of, mixed, where_true
from dedupe.engine.runs import Runs, repeats
from dedupe.engine.table import Rows, Table

MAKING = "2"
"""Which way of making keys this is, the function of their hashes included: another one asks for all of them anew."""


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

FEW = 10_000
AT_ONCE = 100_000
"""Hashes looked at at once, so that what is needed on the way stays small."""
_TABLE = (1 << 20) - 1


@dataclass(slots=True)
class Keys:
    """(key, record) rows. `strong`: the key is an identifier; `own`: it is one person's, and no desk's mailbox."""

    hashes: Hashes
    rows: Rows | Ids
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
    return ValueKeys(
        _kind(Kind.EMAIL, table.mails.boxes),
        _kind(Kind.PHONE, hashes_of(table.phones.values)),
        _kind(Kind.IDENTIFIER, hashes_of(table.identifiers.values)),
    )


Some = tuple[Hashes, Ids]


def keys_of(table: Table, values: ValueKeys) -> Keys:
    """All keys of all records, the strong ones first; a record may have one twice."""
    found, mails = _Gathered(_most_keys(table)), table.mails.sets
    for sets, hashes in (
        (mails, values.emails),
        (table.phones, values.phones),
        (table.identifiers, values.identifiers),
    ):
        found.add(hashes[sets.items], sets.rows)
    many = found.count
    for some in _weak(table):
        found.add(*some)
    is_strong = np.zeros(found.count, np.bool_)
    is_strong[:many] = True
    own = is_strong.copy()
    own[: len(mails.items)] = ~table.mails.role[mails.items]
    return Keys(found.hashes[: found.count], found.rows[: found.count], is_strong, own)


class _Gathered:
    """Key rows, put where they stay: to put the kinds together in the end would take as much again."""

    def __init__(self, room: int) -> None:
        self.hashes, self.rows = np.empty(room, np.uint64), np.empty(room, np.int32)
        self.count = 0

    def add(self, hashes: Hashes, rows: Ids) -> None:
        end = self.count + len(rows)
        self.hashes[self.count : end], self.rows[self.count : end] = hashes, rows
        self.count = end


def _most_keys(table: Table) -> int:
    """So many at most: of a record six by its name and birth, three of each of its addresses for mail, five of each
    place. What is not needed of the room is never touched."""
    others = len(table.phones.items) + len(table.identifiers.items)
    return 6 * table.size + 3 * len(table.mails.sets.items) + 5 * len(table.places.sets.items) + others


def _weak(table: Table) -> Iterator[Some]:
    forms, of = table.names.forms, table.names.whole.ids
    words = hashes_of(forms.words.texts)
    first, last = words[forms.first], words[forms.last]
    yield from _by_mail(table)
    yield from _by_place(table, first, last)
    yield from _by_birth(table)
    named = _rows_of(forms.is_whole[of])
    yield _kind(Kind.NAME, np.minimum(first, last), np.maximum(first, last))[of[named]], named


def _by_mail(table: Table) -> Iterator[Some]:
    mails, of, forms = table.mails, table.names.whole.ids, table.names.forms
    usable = mails.locals[mails.sets.items] != 0
    items, rows = mails.sets.items[usable], mails.sets.rows[usable]
    yield _kind(Kind.LOCAL, mails.locals)[items], rows
    yield _kind(Kind.NAME_IN_MAIL, mails.letters)[items], rows
    whole = _rows_of(forms.is_whole[of])
    for column in range(forms.spelt.shape[1]):
        yield _kind(Kind.NAME_IN_MAIL, forms.spelt[:, column])[of[whole]], whole


def _by_place(table: Table, first: Hashes, last: Hashes) -> Iterator[Some]:
    places, of, forms = table.places, table.names.whole.ids, table.names.forms
    initial = hashes_of([text[:1] for text in forms.words.texts])[forms.first]
    whole, begun, lasting = forms.is_whole, forms.first > 0, forms.last > 0
    postcode, city = _hashes(places.postcode), _hashes(places.city)
    has_postcode, has_city = places.postcode.ids > 0, places.city.ids > 0
    has_house = (places.house.ids > 0) & (places.street.ids > 0)
    items, every = places.sets.items, places.sets.rows
    house = mixed(_hashes(places.house), _hashes(places.street), postcode)
    for kind, said, names, has_place, place in (
        (Kind.NAME_POSTCODE, whole, (first, last), has_postcode, postcode),
        (Kind.LAST_CITY, lasting, (last,), has_city, city),
        (Kind.FIRST_CITY, begun, (first,), has_city, city),
        (Kind.HOUSE_INITIAL, begun, (initial,), has_house, house),
        (Kind.HOUSE_LAST, lasting, (last,), has_house, house),
    ):
        usable = has_place[items] & said[of[every]]
        some, rows = items[usable], every[usable]
        yield mixed(_kind(kind, *names)[of[rows]], place[some]), rows


def _by_birth(table: Table) -> Iterator[Some]:
    of, forms = table.names.whole.ids, table.names.forms
    rows = _rows_of(table.births.ids > 0)
    if not len(rows):
        return
    born = hashes_of(table.births.values)[table.births.ids[rows]]
    letters = hashes_of([text[:LETTERS] for text in forms.words.texts])
    for kind, part in ((Kind.BIRTH_LAST, forms.last), (Kind.BIRTH_FIRST, forms.first)):
        word = part[of[rows]]
        told = word > 0
        yield _kind(kind, born[told], letters[word[told]]), rows[told]
    yield _kind(Kind.BIRTH, born), rows


def _hashes(column: Coded) -> Hashes:
    return hashes_of(column.values)[column.ids]


def _rows_of(mask: Mask) -> Ids:
    return where_true(mask).astype(np.int32)


_SEEDS = hashes_of([str(number) for number in range(max(Kind) + 1)])


def _kind(kind: Kind, *hashes: Hashes) -> Hashes:
    return mixed(hashes[0] + _SEEDS[kind], *hashes[1:])


def popular_of(runs: Runs, told: Callable[[Ids], Hashes], strong_cap: int, weak_cap: int) -> Hashes:
    """The keys held by more than `strong_cap` different people with a name or more than `weak_cap` other holders.

    `told`: of places, what tells their holders apart, odd for those with a name. Returns the keys sorted.
    """
    crowds = runs.some(runs.sizes > min(strong_cap, weak_cap))
    if not len(crowds.hashes):
        return crowds.hashes
    holders, of = told(crowds.places), crowds.of
    counted = np.ones(len(of), np.bool_)
    counted[repeats(mixed(crowds.hashes[of], holders))] = False
    is_named = (holders & np.uint64(1)).astype(np.bool_)
    named = np.bincount(of[counted & is_named], minlength=len(crowds.hashes))
    others = np.bincount(of[counted & ~is_named], minlength=len(crowds.hashes))
    return crowds.hashes[(named > strong_cap) | (others > weak_cap)]


def without(sets: Sets, keys: Hashes, popular: Hashes) -> Sets:
    """The sets without the values whose key is popular. `popular` is sorted."""
    return sets.kept(~is_in(keys, popular))


def is_in(hashes: Hashes, some: Hashes) -> Mask:
    """Which of the hashes are among some sorted ones."""
    if not len(some):
        return np.zeros(len(hashes), np.bool_)
    if len(hashes) <= FEW:
        return _are_in(hashes, some)
    # A small table by the lowest bits tells of nearly all that they are not among them, and stays in the cache.
    might_be = np.zeros(_TABLE + 1, np.bool_)
    might_be[some & np.uint64(_TABLE)] = True
    found = np.empty(len(hashes), np.bool_)
    for at in range(0, len(hashes), AT_ONCE):
        part = slice(at, at + AT_ONCE)
        found[part] = might_be[hashes[part] & np.uint64(_TABLE)]
    places = where_true(found)
    found[places] = _are_in(hashes[places], some)
    return found


def _are_in(hashes: Hashes, some: Hashes) -> Mask:
    places = np.searchsorted(some, hashes)
    places[places == len(some)] = 0
    found: Mask = some[places] == hashes
    return found
