"""Comparisons: pairs of rows in, for each a level of agreement out, as a number into the comparison's list of levels.

Level 0 is always "missing": one side says nothing. The others stand from the best to the worst, so that of several
values on each side the best is the smallest number.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from dedupe.addresses import AddressForm, address_level
from dedupe.engine.coding import WITHIN, Coded, Ids, Mask, Sets, code
from dedupe.engine.pairs import Pairs
from dedupe.engine.table import Mails, Names, Places, Rows, Table, numbers_of_births
from dedupe.mailboxes import form_of, mail_level
from dedupe.names.compare import name_level
from dedupe.names.form import NameForm
from dedupe.names.levels import are_two_names
from dedupe.phones import phone_level

Level = NDArray[np.uint8]

NAME = (
    "missing",
    "same, rare",
    "same",
    "same, common",
    "nickname",
    "initial",
    "similar",
    "near",
    "swapped",
    "middle",
    "part",
    "organisation same",
    "partner",
    "first only",
    "last only",
    "same first, other last",
    "suffix",
    "other middle",
    "other first, same last",
    "other suffix",
    "organisation other",
    "other",
)
EMAIL = (
    "missing",
    "same",
    "same box",
    "same role",
    "look-alike",
    "same local",
    "same local, plain",
    "typo",
    "near",
    "different",
)
PHONE = ("missing", "same", "extension", "typo", "different")
IDENTIFIER = ("missing", "same", "typo", "different")
BIRTH = ("missing", "same", "close", "near", "alike", "different")
ADDRESS = ("missing", "same", "same but unit", "similar", "same street", "same postcode", "same city", "different")
COMPANY = ("missing", "same", "different")
SPELLING = ("missing", "a rare name", "the name", "a common name")

COMPARISONS: dict[str, tuple[str, ...]] = {
    "name": NAME,
    "email": EMAIL,
    "phone": PHONE,
    "identifier": IDENTIFIER,
    "birth": BIRTH,
    "address": ADDRESS,
    "company": COMPANY,
    "spelling": SPELLING,
}
"""What is compared, in this order, and the levels of each."""

COLUMNS = {name: column for column, name in enumerate(COMPARISONS)}

RARE, COMMON = 1, 4
"""Rarity up to which an equal name is rare, and from which on it is common."""

FARTHEST = 2
"""Edits beyond which two mailboxes cannot be a typo of each other."""

NEAR = 0.82
"""Likeness of two names (Jaro and Winkler) from which on one may be the other, badly misspelt."""


def levels_of(table: Table, pairs: Pairs) -> Level:
    """A row for each pair, a column for each comparison."""
    found = (
        _names(table.names, pairs),
        _mails(table.mails, pairs),
        _phones(table.phones, pairs),
        _identifiers(table.identifiers, pairs),
        _births(table.births, pairs),
        _places(table.places, pairs),
        _equal(table.companies, pairs),
        _spellings(table, pairs),
    )
    return np.stack(found, axis=1) if len(pairs) else np.zeros((0, len(COMPARISONS)), np.uint8)


def by_value(left: Ids, right: Ids, judge: Callable[[int, int], int]) -> Level:
    """Judge each distinct pair of numbers once; the judgement must not care which of the two is left."""
    low, high = np.minimum(left, right).astype(np.int64), np.maximum(left, right).astype(np.int64)
    distinct, places = np.unique(low << 32 | high, return_inverse=True)
    found = [judge(one >> 32, one & 0xFFFFFFFF) for one in distinct.tolist()]
    return np.array(found, np.uint8)[places]


def _by_rarity(rarity: NDArray[np.int8]) -> Level:
    """Levels 1, 2 and 3: of a rare name, of one between, of a common one."""
    return (1 + (rarity > RARE) + (rarity >= COMMON)).astype(np.uint8)


_NAME_NUMBERS = {level: number for number, level in enumerate(NAME)}


def _names(names: Names, pairs: Pairs) -> Level:
    left, right = names.whole.ids[pairs.left], names.whole.ids[pairs.right]
    found = np.zeros(len(pairs), np.uint8)
    differ = left != right
    forms: dict[int, NameForm] = {}

    def form(number: int) -> NameForm:
        if number not in forms:
            forms[number] = NameForm(*names.whole.values[number].split(WITHIN))
        return forms[number]

    def judge(one: int, other: int) -> int:
        return _NAME_NUMBERS[_name_level(form(one), form(other))]

    told = (left > 0) & (right > 0)
    found[told & differ] = by_value(left[told & differ], right[told & differ], judge)
    same = np.flatnonzero(told & ~differ)
    found[same] = by_value(left[same], left[same], judge)
    return _with_rarity(names, pairs, found)


_UNLIKE = {"other", "same first, other last", "other first, same last"}


def _name_level(left: NameForm, right: NameForm) -> str:
    if bool(left.organisation) != bool(right.organisation) and _is_somebody(left) and _is_somebody(right):
        return "organisation other"
    level = name_level(left, right)
    return "near" if level in _UNLIKE and _is_near(left, right) else level


def _is_somebody(form: NameForm) -> bool:
    return bool(form.first or form.last or form.organisation)


def _is_near(left: NameForm, right: NameForm) -> bool:
    """Both parts are alike, in this order or the other, and the first names are not simply two names."""
    if not (left.first and left.last and right.first and right.last) or are_two_names(left.first, right.first):
        return False
    if _alike(left.first, right.first) and _alike(left.last, right.last):
        return True
    return _alike(left.first, right.last) and _alike(left.last, right.first)


def _alike(one: str, other: str) -> bool:
    return bool(JaroWinkler.similarity(one, other, score_cutoff=NEAR) > 0)


def _with_rarity(names: Names, pairs: Pairs, found: Level) -> Level:
    same = found == _NAME_NUMBERS["same"]
    rarity = np.maximum(names.rarity[pairs.left], names.rarity[pairs.right])
    found[same] = _by_rarity(rarity[same])
    return found


def spread(sets: Sets, pairs: Pairs) -> tuple[Rows, Ids, Ids]:
    """Each value of the left row against each of the right: (place of the pair, left value, right value)."""
    counts = sets.counts
    of_right = counts[pairs.right]
    place, within = spread_out(counts[pairs.left] * of_right)
    width = of_right[place]
    left = sets.items[sets.starts[pairs.left][place] + within // width]
    right = sets.items[sets.starts[pairs.right][place] + within % width]
    return place, left, right


def spread_out(many: Rows) -> tuple[Rows, Rows]:
    """So many lines for each place: (place of the line, its number there from 0 on)."""
    place = np.repeat(np.arange(len(many)), many)
    return place, np.arange(len(place)) - np.repeat(np.cumsum(many) - many, many)


def best(place: Rows, found: Level, count: int) -> Level:
    """The best level of each pair; 0 where nothing was compared."""
    result = np.zeros(count, np.uint8)
    if len(place):
        begins = np.flatnonzero(np.concatenate(([True], place[1:] != place[:-1])))
        told = np.where(found == 0, np.uint8(255), found)
        lowest = np.minimum.reduceat(told, begins)
        result[place[begins]] = np.where(lowest == 255, 0, lowest)
    return result


def _mails(mails: Mails, pairs: Pairs) -> Level:
    place, left, right = spread(mails.sets, pairs)
    found = np.full(len(place), EMAIL.index("different"), np.uint8)
    local = mails.locals.ids
    alike = (local[left] == local[right]) & (local[left] > 0)
    plain = np.array([value.isalpha() for value in mails.locals.values])[local[left]]
    found[alike] = np.where(plain[alike], EMAIL.index("same local, plain"), EMAIL.index("same local"))
    found[mails.boxes.ids[left] == mails.boxes.ids[right]] = EMAIL.index("same box")
    found[left == right] = EMAIL.index("same")
    found[(left == right) & mails.role[left]] = EMAIL.index("same role")
    near = np.flatnonzero(found == EMAIL.index("different"))
    near = near[
        _near(mails.sets.values, left[near], right[near]) | _skeletons_agree(mails.skeletons, left[near], right[near])
    ]

    def judge(one: int, other: int) -> int:
        return EMAIL.index(mail_level(form_of(mails.sets.values[one]), form_of(mails.sets.values[other])))

    found[near] = by_value(left[near], right[near], judge)
    found[near[found[near] == EMAIL.index("different")]] = EMAIL.index("near")
    return best(place, found, len(pairs))


def _near(values: list[str], left: Ids, right: Ids, farthest: int = FARTHEST) -> Mask:
    """Whether so few edits lie between two texts that looking closely is worth it."""
    if not len(left):
        return np.zeros(0, np.bool_)
    texts = ([values[one] for one in left.tolist()], [values[one] for one in right.tolist()])
    edits = cpdist(*texts, scorer=OSA.distance, score_cutoff=farthest, dtype=np.uint8)
    return np.asarray(edits <= farthest)


def _skeletons_agree(column: Coded, left: Ids, right: Ids) -> Mask:
    found: Mask = (column.ids[left] == column.ids[right]) & (column.ids[left] > 0)
    return found


def _phones(phones: Sets, pairs: Pairs) -> Level:
    place, left, right = spread(phones, pairs)
    found = np.full(len(place), PHONE.index("different"), np.uint8)
    found[left == right] = PHONE.index("same")
    near = np.flatnonzero(left != right)
    line = code([value.partition(";")[0] for value in phones.values]).ids
    near = near[_near(phones.values, left[near], right[near]) | (line[left[near]] == line[right[near]])]

    def judge(one: int, other: int) -> int:
        return PHONE.index(phone_level(phones.values[one], phones.values[other]))

    found[near] = by_value(left[near], right[near], judge)
    return best(place, found, len(pairs))


def _identifiers(identifiers: Sets, pairs: Pairs) -> Level:
    """Typed identifiers contradict each other only within one type: two loyalty numbers, not loyalty and VIP."""
    place, left, right = spread(identifiers, pairs)
    types = {value.partition("=")[0] for value in identifiers.values}
    number = {name: at for at, name in enumerate(sorted(types))}
    kind = np.array([number[value.partition("=")[0]] for value in identifiers.values], np.int32)
    found = np.zeros(len(place), np.uint8)
    rivals = np.flatnonzero(kind[left] == kind[right]) if len(place) else place
    found[rivals] = IDENTIFIER.index("different")
    slips = rivals[_near(identifiers.values, left[rivals], right[rivals], 1)]
    found[slips] = IDENTIFIER.index("typo")
    found[left == right] = IDENTIFIER.index("same")
    return best(place, found, len(pairs))


def _births(births: Coded, pairs: Pairs) -> Level:
    """'close' when one digit is wrong, or day and month are exchanged; 'near' when two are, or one part of three."""
    left, right = births.ids[pairs.left], births.ids[pairs.right]
    parts = numbers_of_births(births)
    one, other = parts[left], parts[right]
    swapped = (one[:, 0] == other[:, 0]) & (one[:, 1] == other[:, 2]) & (one[:, 2] == other[:, 1])
    wrong = _wrong_digits(one, other)
    found = np.full(len(pairs), BIRTH.index("different"), np.uint8)
    found[wrong == 3] = BIRTH.index("alike")
    found[((one != other).sum(axis=1) == 1) | (wrong == 2)] = BIRTH.index("near")
    found[swapped | (wrong == 1)] = BIRTH.index("close")
    found[left == right] = BIRTH.index("same")
    found[(left == 0) | (right == 0)] = 0
    return found


def _wrong_digits(one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.int64]:
    a = one[:, 0] * 10_000 + one[:, 1] * 100 + one[:, 2]
    b = other[:, 0] * 10_000 + other[:, 1] * 100 + other[:, 2]
    wrong = np.zeros(len(a), np.int64)
    for _ in range(8):
        wrong += a % 10 != b % 10
        a, b = a // 10, b // 10
    return wrong


def _places(places: Places, pairs: Pairs) -> Level:
    place, left, right = spread(places.sets, pairs)
    found = np.zeros(len(place), np.uint8)
    found[left == right] = ADDRESS.index("same")
    differ = np.flatnonzero(left != right)
    forms: dict[int, AddressForm] = {}

    def form(number: int) -> AddressForm:
        if number not in forms:
            forms[number] = AddressForm(*places.sets.values[number].split(WITHIN))
        return forms[number]

    def judge(one: int, other: int) -> int:
        return ADDRESS.index(address_level(form(one), form(other)))

    found[differ] = by_value(left[differ], right[differ], judge)
    return best(place, found, len(pairs))


def _equal(sets: Sets, pairs: Pairs) -> Level:
    place, left, right = spread(sets, pairs)
    return best(place, np.where(left == right, np.uint8(1), np.uint8(2)), len(pairs))


def _spellings(table: Table, pairs: Pairs) -> Level:
    """Whether an e-mail address of one side spells the name of the other, as anna.smith@ does Anna Smith's."""
    sets, spelt, letters = table.mails.sets, table.spelt, table.mails.letters
    found = np.zeros(len(pairs), np.uint8)
    for named, mailed in ((pairs.left, pairs.right), (pairs.right, pairs.left)):
        place, within = spread_out(sets.counts[mailed])
        item = sets.items[sets.starts[mailed][place] + within]
        told = (spelt[named[place]] == letters[item][:, None]).any(axis=1) & (letters[item] != 0)
        found[place[told]] = _by_rarity(table.names.rarity[named[place[told]]])
    return found
