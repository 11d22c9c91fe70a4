"""The e-mail addresses that people and their households have, and when they change. Only invented providers."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.people.draw import choose, happens, texts
from benchmarks.people.given_names import given_names
from benchmarks.people.population import FLAT, SINGLE, Population
from benchmarks.people.profile import Life
from benchmarks.people.surnames import surnames
from benchmarks.people.table import Texts, Whole

PROVIDERS = ("gmail.test", "bigmail.test", "postbox.test", "webmail.test", "example.com", "example.net", "example.org")
_USED = (0.38, 0.2, 0.13, 0.1, 0.09, 0.05, 0.05)
_HABITS = (0.24, 0.16, 0.12, 0.1, 0.1, 0.1, 0.08, 0.1)
_WORD_LIST = "sunny surf garden coffee bike music chess happy lucky night river golden blue tiger panda star moon cat"
_WORDS = _WORD_LIST.split()


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """One entry a person: the address until `changed` and after it, a second one in use beside ("" for none), the
    employer's ("" for none), and one that is given once and never again."""

    first: Texts
    later: Texts
    changed: NDArray[np.float64]
    second: Texts
    work: Texts
    fresh: Texts


def mailboxes(
    rng: Generator, people: Population, last: tuple[Whole, Whole], employer: Whole, domains: Texts, chances: Life
) -> Mailboxes:
    count = len(people)
    taken: dict[str, int] = {}
    first, later, second, fresh = (_private(rng, people, last[after], taken) for after in (0, 1, 0, 0))
    changed = np.where(happens(rng, chances.email_changed, count), rng.random(count), 2.0)
    shared = (people.kind != SINGLE) & (people.kind != FLAT)
    shared &= happens(rng, chances.household_email, len(people.country))[people.household]
    heads = np.searchsorted(people.household, people.household)
    return Mailboxes(
        first=np.where(shared & happens(rng, 0.8, count), first[heads], first),
        later=later,
        changed=changed,
        second=np.where(happens(rng, chances.email_second, count), second, ""),
        work=_work(people, last[0], employer, domains, taken),
        fresh=fresh,
    )


def _private(rng: Generator, people: Population, last: Whole, taken: dict[str, int]) -> Texts:
    habits = choose(rng, _HABITS, len(people)).tolist()
    numbers = rng.integers(0, 1000, len(people)).tolist()
    years = (1970 + people.birth / 365.25).astype(int).tolist()
    providers = texts(list(PROVIDERS))[choose(rng, _USED, len(people))].tolist()
    firsts, lasts = _plain_firsts()[people.first].tolist(), _plain_lasts()[last].tolist()
    made = [
        _untaken(_local(habit, a, b, year, number), provider, taken)
        for habit, a, b, year, number, provider in zip(habits, firsts, lasts, years, numbers, providers, strict=True)
    ]
    return texts(made)


def _local(habit: int, first: str, last: str, year: int, number: int) -> str:
    """The part before the @ as people make it of their names; the last two habits tell little or nothing of them."""
    forms = (
        f"{first}.{last}",
        f"{first}{last}",
        f"{first[0]}{last}",
        f"{first}{year % 100:02}",
        f"{first}_{last}{number % 100}",
        f"{last}.{first}{year}",
        f"{first}{number}",
    )
    return forms[habit] if habit < len(forms) else f"{_WORDS[number % len(_WORDS)]}{_WORDS[year % len(_WORDS)]}{number}"


def _untaken(local: str, domain: str, taken: dict[str, int]) -> str:
    """No provider gives one address to two: a number is put behind it, counting on."""
    address = f"{local}@{domain}"
    while address in taken:
        taken[address] += 1
        address = f"{local}{taken[address]}@{domain}"
    taken[address] = 1
    return address


def _work(people: Population, last: Whole, employer: Whole, domains: Texts, taken: dict[str, int]) -> Texts:
    made = np.full(len(people), "", dtype=object)
    here = np.flatnonzero(employer >= 0)
    names = zip(_plain_firsts()[people.first[here]], _plain_lasts()[last[here]], domains[employer[here]], strict=True)
    made[here] = texts([_untaken(f"{first}.{family}", domain, taken) for first, family, domain in names])
    return made


@cache
def _plain_firsts() -> Texts:
    return texts([plain(name) for name in given_names().values])


@cache
def _plain_lasts() -> Texts:
    return texts([plain(name) for name in surnames().values])


@cache
def plain(text: str) -> str:
    """Letters and digits only, lower case, without accents: O'Brien -> obrien."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in decomposed if char.isalnum() and char.isascii())
