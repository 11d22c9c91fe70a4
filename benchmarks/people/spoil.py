"""Puts the mistakes into the columns: which values are hit, and in which order mistakes are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.people import mistakes
from benchmarks.people.draw import Yes, happens, texts
from benchmarks.people.given_names import given_names
from benchmarks.people.lives import Lives
from benchmarks.people.population import Population
from benchmarks.people.profile import SYSTEMS, Noise
from benchmarks.people.records import Writing
from benchmarks.people.table import Texts, Whole

Mistake = Callable[[str, int], str]


@dataclass(frozen=True, slots=True)
class Hand:
    """Writes the mistakes of all records in place; careless systems make more."""

    rng: Generator
    careless: NDArray[np.float64]

    def hits(self, chance: float) -> Yes:
        return happens(self.rng, np.minimum(self.careless * chance, 1.0), len(self.careless))

    def makes(self, column: Texts, chance: float, mistake: Mistake) -> None:
        """`mistake` for some of the values that are there."""
        hit = np.flatnonzero(self.hits(chance))
        draws = self.rng.integers(0, mistakes.DRAWS, len(hit)).tolist()
        values = column[hit].tolist()
        column[hit] = texts([mistake(value, draw) if value else "" for value, draw in zip(values, draws, strict=True)])

    def puts(self, column: Texts, where: Yes, values: tuple[str, ...]) -> None:
        """One of `values` in place of what is there."""
        hit = np.flatnonzero(where & (column != ""))
        column[hit] = texts(list(values))[self.rng.integers(0, len(values), len(hit))]


def spoil(
    rng: Generator, columns: dict[str, Texts], writing: Writing, people: Population, lives: Lives, noise: Noise
) -> None:
    """Changes `columns` in place."""
    careless = np.array([one.careless for one in SYSTEMS])[writing.system]
    hand = Hand(rng, careless)
    _first_names(hand, columns, noise)
    _couples(hand, columns, writing.who, people, noise.couple)
    _last_names(hand, columns, noise)
    _whole_names(hand, columns, lives.employers.name, noise)
    _emails(hand, columns["email"], lives.employer[writing.who], lives.employers.domain, noise)
    _phones(hand, columns["phone"], noise)
    _addresses(hand, columns, noise)
    _births(hand, columns["birth"], noise)
    hand.makes(columns["company"], 0.3 if noise.case else 0.0, mistakes.company)


def _first_names(hand: Hand, columns: dict[str, Texts], noise: Noise) -> None:
    first = columns["first"]
    hand.makes(first, noise.nickname, mistakes.nickname)
    hand.makes(first, noise.name_typo, mistakes.typo)
    hand.makes(first, noise.accents_dropped, mistakes.without_accents)
    hand.makes(first, noise.initial, mistakes.initial)


def _couples(hand: Hand, columns: dict[str, Texts], who: Whole, people: Population, chance: float) -> None:
    """Anna & Peter in the field of the first name, where the two of a couple are known."""
    partner = np.where(people.place == 0, np.arange(len(people)) + 1, np.arange(len(people)) - 1) % len(people)
    can = people.coupled & (people.household[partner] == people.household)
    hit = np.flatnonzero(hand.hits(chance) & can[who] & (columns["first"] != ""))
    others = given_names().values[people.first[partner[who[hit]]]].tolist()
    mine = columns["first"][hit].tolist()
    columns["first"][hit] = texts([f"{one} & {other}" for one, other in zip(mine, others, strict=True)])


def _last_names(hand: Hand, columns: dict[str, Texts], noise: Noise) -> None:
    last = columns["last"]
    hand.makes(last, noise.name_typo, mistakes.typo)
    hand.makes(last, noise.accents_dropped, mistakes.without_accents)
    last[hand.hits(noise.last_missing)] = ""


def _whole_names(hand: Hand, columns: dict[str, Texts], companies: Texts, noise: Noise) -> None:
    first, last = columns["first"], columns["last"]
    swap = np.flatnonzero(hand.hits(noise.swapped) & (first != "") & (last != ""))
    first[swap], last[swap] = last[swap], first[swap]
    shouts = np.flatnonzero(hand.hits(noise.case))
    draws = hand.rng.integers(0, 2, len(shouts)).tolist()
    for column in (first, last):
        values = zip(column[shouts].tolist(), draws, strict=True)
        column[shouts] = texts([mistakes.other_case(value, draw) for value, draw in values])
    firms = np.flatnonzero(hand.hits(noise.organisation) & (last != ""))
    last[firms] = companies[hand.rng.integers(0, len(companies), len(firms))]
    for name in ("first", "middle", "suffix"):
        columns[name][firms] = ""


def _emails(hand: Hand, email: Texts, employer: Whole, domains: Texts, noise: Noise) -> None:
    role = np.flatnonzero(hand.hits(noise.role_mailbox) & (email != "") & (employer >= 0))
    draws = hand.rng.integers(0, mistakes.DRAWS, len(role)).tolist()
    employed = zip(domains[employer[role]].tolist(), draws, strict=True)
    email[role] = texts([mistakes.role_mailbox(domain, draw) for domain, draw in employed])
    hand.makes(email, noise.email_typo, mistakes.email_typo)
    hand.makes(email, noise.email_domain_typo, mistakes.email_domain_typo)
    hand.makes(email, noise.email_tag, mistakes.email_tag)
    hand.puts(email, hand.hits(noise.placeholder), mistakes.PLACEHOLDER_EMAILS)


def _phones(hand: Hand, phone: Texts, noise: Noise) -> None:
    hand.makes(phone, noise.phone_typo, mistakes.phone_typo)
    hand.puts(phone, hand.hits(noise.placeholder), mistakes.PLACEHOLDER_PHONES)


def _addresses(hand: Hand, columns: dict[str, Texts], noise: Noise) -> None:
    street = columns["street"]
    hand.makes(street, noise.unit_format, mistakes.unit_format)
    hand.makes(street, noise.street_short, mistakes.street_short)
    hand.makes(street, noise.street_typo, mistakes.typo)
    hand.makes(street, noise.case, mistakes.other_case)
    hand.makes(columns["city"], noise.street_typo / 2, mistakes.typo)
    columns["postcode"][hand.hits(noise.postcode_missing)] = ""


def _births(hand: Hand, birth: Texts, noise: Noise) -> None:
    hand.makes(birth, noise.birth_swapped, mistakes.birth_swapped)
    hand.makes(birth, noise.birth_typo, mistakes.birth_typo)
    hand.puts(birth, hand.hits(2 * noise.placeholder), (mistakes.PLACEHOLDER_BIRTH,))
