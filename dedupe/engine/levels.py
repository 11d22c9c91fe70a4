"""Comparisons: pairs of rows in, for each a level of agreement out, as a number into the comparison's list of levels.

Level 0 is always "missing": one side says nothing. The others stand from the best to the worst, so that of several
values on each side the best is the smallest number.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.coding import Coded, Mask, Sets, code, where_true
from dedupe.engine.mails import Mails, looks_of
from dedupe.engine.namings import Naming
from dedupe.engine.pairs import Pairs
from dedupe.engine.placings import ADDRESS, Placing
from dedupe.engine.sketches import Numbers, sketches_of, within_edits
from dedupe.engine.spreading import Level, best, by_value, spread, spread_out
from dedupe.engine.table import Names, Places, Rows, Table, numbers_of_births
from dedupe.mailboxes import form_of, mail_level
from dedupe.phones import phone_level

__all__ = ["COLUMNS", "COMPARISONS", "Level", "levels_of"]

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


LONGEST_NUMBER = 24


def levels_of(table: Table, pairs: Pairs) -> Level:
    """A row for each pair, a column for each comparison."""
    found = np.zeros((len(pairs), len(COMPARISONS)), np.uint8)
    if not len(pairs):
        return found
    for column, levels in enumerate(
        (
            _names(table.names, pairs),
            _mails(table.mails, pairs),
            _phones(table.phones, pairs),
            _identifiers(table.identifiers, pairs),
            _births(table.births, pairs),
            _places(table.places, pairs),
            _equal(table.companies, pairs),
            _spellings(table, pairs),
        )
    ):
        found[:, column] = levels
    return found


def _by_rarity(rarity: NDArray[np.int8]) -> Level:
    """Levels 1, 2 and 3: of a rare name, of one between, of a common one."""
    return (1 + (rarity > RARE) + (rarity >= COMMON)).astype(np.uint8)


def _names(names: Names, pairs: Pairs) -> Level:
    left, right = names.whole.ids[pairs.left], names.whole.ids[pairs.right]
    found = np.zeros(len(pairs), np.uint8)
    told = where_true((left > 0) & (right > 0))
    left, right = left[told], right[told]
    levels = Naming(names, NAME).judge(left, right)
    same = where_true(levels == NAME.index("same"))
    rarity = names.forms.rarity
    levels[same] = _by_rarity(np.maximum(rarity[left[same]], rarity[right[same]]))
    found[told] = levels
    return found


def _mails(mails: Mails, pairs: Pairs) -> Level:
    place, left, right = spread(mails.sets, pairs)
    if not len(place):
        return np.zeros(len(pairs), np.uint8)
    found = np.full(len(place), EMAIL.index("different"), np.uint8)
    alike = (mails.locals[left] == mails.locals[right]) & (mails.locals[left] != 0)
    plain = mails.plain[left[alike]]
    found[alike] = np.where(plain, EMAIL.index("same local, plain"), EMAIL.index("same local"))
    found[mails.boxes[left] == mails.boxes[right]] = EMAIL.index("same box")
    same = left == right
    found[same] = np.where(mails.role[left[same]], EMAIL.index("same role"), EMAIL.index("same"))
    near = where_true(found == EMAIL.index("different"))
    near = near[_near_mails(mails, left[near], right[near])]

    def judge(one: int, other: int) -> int:
        return EMAIL.index(mail_level(form_of(mails.sets.values[one]), form_of(mails.sets.values[other])))

    found[near] = by_value(left[near], right[near], judge)
    found[near[found[near] == EMAIL.index("different")]] = EMAIL.index("near")
    return best(place, found, len(pairs))


def _near_mails(mails: Mails, left: Numbers, right: Numbers) -> Mask:
    """Whether so few edits lie between two addresses, or they look so alike, that looking closely is worth it."""
    values, one, other = _only(mails.sets.values, left, right)
    looks = looks_of(values)
    alike: Mask = looks[one] == looks[other]
    return within_edits(values, sketches_of(values), one, other, FARTHEST) | alike


def _phones(phones: Sets, pairs: Pairs) -> Level:
    place, left, right = spread(phones, pairs)
    found = np.full(len(place), PHONE.index("different"), np.uint8)
    found[left == right] = PHONE.index("same")
    near = where_true(left != right)
    if len(near):
        near = near[_near_phones(phones.values, left[near], right[near])]

    def judge(one: int, other: int) -> int:
        return PHONE.index(phone_level(phones.values[one], phones.values[other]))

    found[near] = by_value(left[near], right[near], judge)
    return best(place, found, len(pairs))


def _near_phones(values: list[str], left: Numbers, right: Numbers) -> Mask:
    """Whether no more than two digits differ in numbers of one length; of numbers with an extension, or with other
    signs, whether so few edits lie between them that looking closely is worth it."""
    values, one, other = _only(values, left, right)
    plain = np.fromiter(map(_is_plain_number, values), np.bool_, len(values))
    numbers = np.array([value if _is_plain_number(value) else "" for value in values], np.bytes_)
    signs = numbers.view(np.uint8).reshape(len(values), -1)
    sizes = np.fromiter(map(len, values), np.int32, len(values))
    found: Mask = sizes[one] == sizes[other]
    at = where_true(found)
    found[at] = (signs[one[at]] != signs[other[at]]).sum(axis=1) <= FARTHEST
    odd = where_true(~(plain[one] & plain[other]))
    if len(odd):
        line = code([value.partition(";")[0] for value in values]).ids
        one, other = one[odd], other[odd]
        found[odd] = within_edits(values, sketches_of(values), one, other, FARTHEST) | (line[one] == line[other])
    return found


def _is_plain_number(value: str) -> bool:
    return len(value) <= LONGEST_NUMBER and value.isascii() and "x" not in value


def _only(values: list[str], left: Numbers, right: Numbers) -> tuple[list[str], Rows, Rows]:
    """The values that some pairs are of, and the pairs as numbers of these."""
    numbers, places = np.unique(np.concatenate((left, right)), return_inverse=True)
    return [values[number] for number in numbers.tolist()], places[: len(left)], places[len(left) :]


def _identifiers(identifiers: Sets, pairs: Pairs) -> Level:
    """Typed identifiers contradict each other only within one type: two loyalty numbers, not loyalty and VIP."""
    place, *both = spread(identifiers, pairs)
    if not len(place):
        return np.zeros(len(pairs), np.uint8)
    values, left, right = _only(identifiers.values, *both)
    kind = code([value.partition("=")[0] for value in values]).ids
    found = np.zeros(len(place), np.uint8)
    rivals = where_true(kind[left] == kind[right])
    found[rivals] = IDENTIFIER.index("different")
    slips = rivals[within_edits(values, sketches_of(values), left[rivals], right[rivals], 1)]
    found[slips] = IDENTIFIER.index("typo")
    found[left == right] = IDENTIFIER.index("same")
    return best(place, found, len(pairs))


def _births(births: Coded, pairs: Pairs) -> Level:
    """'close' when one digit is wrong, or day and month are exchanged; 'near' when two are, or one part of three."""
    found = np.zeros(len(pairs), np.uint8)
    left, right = births.ids[pairs.left], births.ids[pairs.right]
    told = where_true((left > 0) & (right > 0))
    if len(told):
        values, one, other = _only(births.values, left[told], right[told])
        parts = numbers_of_births(values)
        found[told] = _levels_of_births(parts[one], parts[other])
    return found


def _levels_of_births(one: NDArray[np.int32], other: NDArray[np.int32]) -> Level:
    """Of years, months and days."""
    swapped = (one[:, 0] == other[:, 0]) & (one[:, 1] == other[:, 2]) & (one[:, 2] == other[:, 1])
    wrong, parts = _wrong_digits(one, other), (one != other).sum(axis=1)
    found = np.full(len(one), BIRTH.index("different"), np.uint8)
    found[wrong == 3] = BIRTH.index("alike")
    found[(parts == 1) | (wrong == 2)] = BIRTH.index("near")
    found[swapped | (wrong == 1)] = BIRTH.index("close")
    found[parts == 0] = BIRTH.index("same")
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
    return best(place, Placing(places).judge(left, right), len(pairs))


def _equal(sets: Sets, pairs: Pairs) -> Level:
    place, left, right = spread(sets, pairs)
    return best(place, np.where(left == right, np.uint8(1), np.uint8(2)), len(pairs))


def _spellings(table: Table, pairs: Pairs) -> Level:
    """Whether an e-mail address of one side spells the name of the other, as anna.smith@ does Anna Smith's."""
    sets, letters, of, forms = table.mails.sets, table.mails.letters, table.names.whole.ids, table.names.forms
    found = np.zeros(len(pairs), np.uint8)
    counts = sets.counts
    for named, mailed in ((pairs.left, pairs.right), (pairs.right, pairs.left)):
        both = where_true(forms.is_whole[of[named]] & (counts[mailed] > 0))
        line, within = spread_out(counts[mailed[both]])
        place = both[line]
        item, name = sets.items[sets.starts[mailed[place]] + within], of[named[place]]
        told = (forms.spelt[name, 0] == letters[item]) | (forms.spelt[name, 1] == letters[item])
        found[place[told]] = _by_rarity(forms.rarity[name[told]])
    return found
