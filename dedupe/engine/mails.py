"""E-mail addresses of a table: what `dedupe.mailboxes` says of each, as arrays; of many plain ones all at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, count
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.coding import Ids, Mask, Sets, where_true
from dedupe.engine.hashing import Hashes, hashes_of, hashes_of_bytes
from dedupe.mailbox_words import DESKS, ROLES, Rule, rule_of
from dedupe.mailboxes import FEWEST_DIGITS, LONGEST_KEY, SHORTEST_LOCAL, form_of, look_of

FEW = 64
"""Up to so many are read one by one."""

_ROLES = frozenset(role.encode() for role in ROLES)
_LONG_ROLES = frozenset(role for role in _ROLES if len(role) >= SHORTEST_LOCAL)
_DESKS = frozenset(desk.encode() for desk in DESKS)
_SIGNS = bytes(sign for sign in range(128) if not chr(sign).isalnum() and sign != ord("\n"))
_TO_DOTS = bytes.maketrans(b"-_", b"..")
_DIGITS = b"0123456789"


@dataclass(slots=True)
class Mails:
    """E-mail addresses; the arrays beside `sets.values` tell of each value its mailbox, its local part, its kind."""

    sets: Sets
    boxes: Hashes
    locals: Hashes
    """0 where it says nothing."""
    letters: Hashes
    """What the local part spells, without digits behind; 0 where it says nothing."""
    plain: Mask
    """The local part is of letters only."""
    role: Mask


def mails_of(sets: Sets) -> Mails:
    values = sets.values
    if len(values) <= FEW:
        return Mails(sets, *_one_by_one(values))
    odd = _odd(values)
    plain = list(compress(values, ~odd)) if odd.any() else values
    found = _at_once(plain)
    if len(plain) == len(values):
        return Mails(sets, *found)
    others = _one_by_one(list(compress(values, odd)))
    boxes, local, letters = (_woven(odd, *both) for both in zip(found[:3], others[:3], strict=True))
    alpha, role = (_woven(odd, *both) for both in zip(found[3:], others[3:], strict=True))
    return Mails(sets, boxes, local, letters, alpha, role)


T = TypeVar("T", bound=np.generic)
Parts = tuple[Hashes, Hashes, Hashes, Mask, Mask]


def _one_by_one(values: Sequence[str]) -> Parts:
    forms = [form_of(value) for value in values]
    locals_ = [form.local for form in forms]
    told = np.array([local != "" for local in locals_], np.bool_)
    return (
        hashes_of([form.box for form in forms]),
        hashes_of(locals_) * told,
        hashes_of([local.rstrip("0123456789") for local in locals_]) * told,
        np.array([local.isalpha() for local in locals_], np.bool_),
        np.array([form.role for form in forms], np.bool_),
    )


def _woven(odd: Mask, plain: NDArray[T], others: NDArray[T]) -> NDArray[T]:
    found = np.empty(len(odd), plain.dtype)
    found[~odd], found[odd] = plain, others
    return found


def _odd(values: Sequence[str]) -> Mask:
    """Those with a tag, without exactly one @, too long, or not in ASCII: `_at_once` cannot read them."""
    signs = np.frombuffer("\n".join(values).encode("utf-8", "surrogatepass"), np.uint8)
    ends = np.append(where_true(signs == ord("\n")), len(signs))
    if len(ends) != len(values):
        return np.ones(len(values), np.bool_)
    odd: Mask = np.bincount(np.searchsorted(ends, where_true(signs == ord("@"))), minlength=len(ends)) != 1
    odd |= np.diff(ends, prepend=-1) > LONGEST_KEY
    odd[np.searchsorted(ends, where_true((signs == ord("+")) | (signs >= 128)))] = True
    numbers, rules, domains = _rules([value.rpartition("@")[2] for value in values])
    hyphen = np.array([rule.tag == "-" for rule in rules]) | np.array(["xn--" in domain for domain in domains])
    at = where_true(hyphen[numbers] & ~odd)
    odd[at] = ["-" in values[one] for one in at.tolist()]
    return odd


def _rules(domains: Sequence[str]) -> tuple[Ids, list[Rule], list[str]]:
    index: defaultdict[str, int] = defaultdict(count().__next__)
    numbers = np.fromiter(map(index.__getitem__, domains), np.int32, len(domains))
    return numbers, [rule_of(domain) for domain in index], list(index)


def _at_once(values: Sequence[str]) -> Parts:
    """Of values with one @ in ASCII, without tags: the rules of `form_of`, each applied to all values in one go."""
    if not values:
        return _one_by_one(values)
    whole = "\n".join(values).encode()
    parted = whole.replace(b"@", b"\n").split(b"\n")
    local, domains = parted[::2], parted[1::2]
    letters = b"\n".join(local).translate(None, _SIGNS).split(b"\n")
    bare = [one.rstrip(_DIGITS) for one in letters]
    numbers, rules, _ = _rules([domain.decode() for domain in domains])
    people = np.array([rule.people for rule in rules])[numbers]
    google = np.array([rule.google for rule in rules])[numbers]
    boxes = whole.split(b"\n")
    for at in where_true(google).tolist():
        boxes[at] = (local[at].replace(b".", b"") or local[at]) + b"@gmail.com"
    role = _roles(local, letters, bare, people)
    size = np.fromiter(map(len, letters), np.int32, len(letters))
    digits = np.fromiter(map(len, bare), np.int32, len(bare)) == 0
    telling = ~role & (size >= np.where(digits, FEWEST_DIGITS, SHORTEST_LOCAL))
    alpha = np.fromiter(map(bytes.isalpha, letters), np.bool_, len(letters)) & telling
    return hashes_of_bytes(boxes), hashes_of_bytes(letters) * telling, hashes_of_bytes(bare) * telling, alpha, role


def _roles(local: list[bytes], letters: list[bytes], bare: list[bytes], people: Mask) -> Mask:
    role = np.fromiter(map(_ROLES.__contains__, letters), np.bool_, len(letters))
    role |= np.fromiter(map(_LONG_ROLES.__contains__, bare), np.bool_, len(bare))
    role |= np.fromiter(map(len, letters), np.int32, len(letters)) == 0
    dotted = b"\n".join(local).translate(_TO_DOTS).split(b"\n")
    firsts = [one.partition(b".")[0] for one in dotted]
    role |= ~people & np.fromiter(map(_DESKS.__contains__, firsts), np.bool_, len(firsts))
    return role


def looks_of(values: Sequence[str]) -> Hashes:
    """A hash of what the eye sees of each address: equal for those that look alike."""
    plain = np.fromiter(map(_looks_plain, values), np.bool_, len(values))
    found = np.empty(len(values), np.uint64)
    found[~plain] = hashes_of([form_of(value).skeleton for value in compress(values, ~plain)])
    if plain.any():
        found[plain] = hashes_of(look_of("\n".join(compress(values, plain))).split("\n"))
    return found


def _looks_plain(value: str) -> bool:
    return value.isascii() and "xn--" not in value and "\n" not in value and len(value) <= LONGEST_KEY
