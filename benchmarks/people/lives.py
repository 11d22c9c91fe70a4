"""What people have and how it changes: addresses, telephones, e-mail addresses, employers, cards. No records yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.people import places
from benchmarks.people.draw import choose, happens, texts
from benchmarks.people.mailboxes import Mailboxes, mailboxes
from benchmarks.people.population import Population
from benchmarks.people.profile import Life
from benchmarks.people.surnames import surnames
from benchmarks.people.table import Texts, Whole

NEVER = 2.0
"""A moment after the last one: records are made at moments from 0 to 1."""

_TRADES = "Plumbing Consulting Logistics Electrical Foods Legal Dental Motors Design Media Travel Partners"

Moments = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Addresses:
    """One entry an address; `Lives.home` points here."""

    street: Texts
    city: Texts
    state: Texts
    postcode: Texts
    country: Texts


@dataclass(frozen=True, slots=True)
class Employers:
    """One entry a company, the largest first."""

    name: Texts
    domain: Texts
    phone: Texts


@dataclass(frozen=True, slots=True)
class Lives:
    """One entry a person. Pairs of columns are before and after the moment that stands beside them.

    `employer` is -1 for none, `landline` "" for none; `member` is the first and a later number of a loyalty card.
    """

    last: tuple[Whole, Whole]
    wed: Moments
    home: tuple[Whole, Whole]
    moved: Moments
    mobile: tuple[Texts, Texts]
    new_phone: Moments
    landline: Texts
    employer: Whole
    member: tuple[Texts, Texts]
    mail: Mailboxes
    addresses: Addresses
    employers: Employers


def live(rng: Generator, people: Population, chances: Life) -> Lives:
    count = len(people)
    country = people.country[people.household]
    last, wed = _weddings(rng, people, chances)
    home, moved, addresses = _homes(rng, people, chances)
    companies = max(3, count // 25)
    numbers = places.phones(
        rng, np.concatenate([country, country, people.country, choose(rng, places.SHARES, companies)])
    )
    mobile, later, landline, office = np.split(numbers, np.cumsum([count, count, len(people.country)]))
    later, new_phone = _phones(rng, mobile, later, chances)
    employers = _employers(rng, companies, office)
    employer = np.where(happens(rng, chances.employed, count), _skewed(rng, companies, count), -1)
    has_landline = happens(rng, chances.landline, len(landline))
    return Lives(
        last=last,
        wed=wed,
        home=home,
        moved=moved,
        mobile=(mobile, later),
        new_phone=new_phone,
        landline=np.where(has_landline, landline, "")[people.household],
        employer=employer,
        member=_cards(rng, count),
        mail=mailboxes(rng, people, last, employer, employers.domain, chances),
        addresses=addresses,
        employers=employers,
    )


def _moments(rng: Generator, chance: float, count: int) -> Moments:
    return np.where(happens(rng, chance, count), rng.random(count), NEVER)


def _weddings(rng: Generator, people: Population, chances: Life) -> tuple[tuple[Whole, Whole], Moments]:
    """Women mostly. Whoever is the second of a couple takes the name of the first, anybody else a name from outside."""
    count = len(people)
    wed = np.where(people.man & happens(rng, 0.9, count), NEVER, _moments(rng, chances.married, count))
    partner = np.where(people.coupled & (people.place == 1), people.last[np.arange(count) - 1], people.last)
    new = surnames().draw(rng, people.culture[people.household])
    return (people.last, np.where(partner != people.last, partner, new)), wed


def _homes(rng: Generator, people: Population, chances: Life) -> tuple[tuple[Whole, Whole], Moments, Addresses]:
    """A household moves together or one of it alone; one in ten of those moves in with another household."""
    count, houses = len(people), len(people.country)
    together = _moments(rng, chances.household_moved, houses)[people.household]
    alone = _moments(rng, chances.moved, count)
    after = np.where(together < NEVER, houses + people.household, 2 * houses + np.arange(count))
    joins = (together == NEVER) & happens(rng, 0.1, count)
    after = np.where(joins, rng.integers(0, houses, count), after)
    where = np.concatenate([people.country, people.country, people.country[people.household]])
    return (people.household, after), np.minimum(together, alone), _addresses(rng, where)


def _addresses(rng: Generator, country: Whole) -> Addresses:
    count = len(country)
    names = places.streets()[_skewed(rng, len(places.streets()), count)].tolist()
    kinds = _skewed(rng, len(places.TYPES), count).tolist()
    numbers = (1 + (rng.random(count) ** 1.5 * 280).astype(int)).tolist()
    units = np.where(happens(rng, 0.28, count), rng.integers(1, 40, count), 0).tolist()
    streets = [
        f"Unit {unit}, {number} {name} {places.TYPES[kind]}" if unit else f"{number} {name} {places.TYPES[kind]}"
        for name, kind, number, unit in zip(names, kinds, numbers, units, strict=True)
    ]
    city, state, code = (np.empty(count, dtype=object) for _ in range(3))
    for one, towns in enumerate(places.towns()):
        here = np.flatnonzero(country == one)
        town, district = _skewed(rng, len(towns), len(here)), rng.integers(0, 24, len(here))
        codes = [places.postcode(one, towns[i // 24][2], i % 24) for i in range(24 * len(towns))]
        city[here] = texts([name for name, _, _ in towns])[town]
        state[here] = texts([name for _, name, _ in towns])[town]
        code[here] = texts(codes)[24 * town + district]
    return Addresses(texts(streets), city, state, code, texts(list(places.COUNTRIES))[country])


def _phones(rng: Generator, mobile: Texts, later: Texts, chances: Life) -> tuple[Texts, Moments]:
    """New numbers and when they came; some are numbers that somebody else gave up."""
    count = len(mobile)
    changed = _moments(rng, chances.phone_changed, count)
    given_up = np.flatnonzero((changed < NEVER) & happens(rng, chances.phone_recycled, count))
    heirs = rng.permutation(count)[: len(given_up)]
    later = later.copy()
    later[heirs] = mobile[given_up]
    fresh = heirs[changed[heirs] == NEVER]
    changed[fresh] = rng.random(len(fresh)) / 2
    return later, changed


def _employers(rng: Generator, count: int, phone: Texts) -> Employers:
    names = surnames().values[rng.integers(0, 20_000, count)].tolist()
    trades = _TRADES.split()
    endings = ("Pty Ltd", "Ltd", "Inc", "Group", "GmbH")
    trade, ending = rng.integers(0, len(trades), count).tolist(), rng.integers(0, len(endings), count).tolist()
    full = [f"{name} {trades[i]} {endings[j]}" for name, i, j in zip(names, trade, ending, strict=True)]
    domains = [f"firm{place}-{trades[i].lower()}.test" for place, i in enumerate(trade)]
    return Employers(texts(full), texts(domains), phone)


def _skewed(rng: Generator, choices: int, count: int) -> Whole:
    """Places from 0 up, low ones more often: the first tenth gets about three tenths."""
    return np.minimum((rng.random(count) ** 2 * choices).astype(np.int64), choices - 1)


def _cards(rng: Generator, count: int) -> tuple[Texts, Texts]:
    numbers = [f"L{number:08}" for number in (rng.permutation(2 * count) * 7 + 1_000_000).tolist()]
    return texts(numbers[:count]), texts(numbers[count:])
