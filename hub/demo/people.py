"""The people of the estate as they really are, and how a system comes to see one of them. Pure and seeded."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Literal, get_args

from hub.demo import names

END = datetime(2026, 11, 1, tzinfo=UTC)
START = END - timedelta(days=730)
"""Nothing in the estate happened before START or after END."""

System = Literal["shop", "guest", "newsletter", "loyalty", "desk", "help", "texts"]
"""Where a sighting becomes a record; `guest` is an order in the shop without a customer."""

SYSTEMS: tuple[System, ...] = get_args(System)

Answer = Literal["yes", "no", ""]
"""What somebody said when asked for consent; "" for never asked."""


@dataclass(frozen=True, slots=True)
class Address:
    street: str
    suburb: str
    state: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Person:
    """One real person. `phone` as 04xxxxxxxx; `other_email` is a second address, or ''."""

    number: int
    household: int
    given: str
    family: str
    email: str
    other_email: str
    phone: str
    address: Address
    born: date


@dataclass(frozen=True, slots=True)
class Text:
    """One text message between the company and a person."""

    at: datetime
    body: str
    inbound: bool = False


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one system knows of one person: the values as they were typed there, '' or None when it has none.

    `since`: when the system first heard of them. `consent`: to marketing by e-mail, `sms`: by text message; at the help
    desk both are what an agent has set. `told_member_no`: the help desk noted the loyalty number. `orders`: how many,
    None for as it comes. `mark`: the newsletter's mail came back, or its yes is from somebody's import. `texts`: oldest
    first.
    """

    person: int
    given: str
    family: str
    since: datetime
    email: str = ""
    phone: str = ""
    address: Address | None = None
    born: date | None = None
    consent: Answer = ""
    consent_at: datetime | None = None
    sms: Answer = ""
    sms_at: datetime | None = None
    mark: Literal["bounced", "imported", ""] = ""
    texts: tuple[Text, ...] = ()
    told_member_no: bool = False
    orders: int | None = None
    trap: str = ""


@dataclass
class Draft:
    """The estate while it grows: people and what the systems saw. Phones and e-mails are given out once each."""

    rng: Random
    people: list[Person] = field(default_factory=list)
    seen: dict[System, list[Sighting]] = field(default_factory=lambda: {system: [] for system in SYSTEMS})
    households: int = 0
    _taken: set[str] = field(default_factory=set)

    def household(self) -> tuple[int, Address]:
        """The number and address of a new one."""
        self.households += 1
        return self.households, new_address(self.rng)

    def person(self, home: tuple[int, Address] | None = None, **known: Any) -> Person:
        """A new person, with the fields in `known` and the others invented."""
        rng = self.rng
        household, address = home or self.household()
        given = known.get("given") or rng.choice(rng.choice((names.WOMEN, names.MEN)))
        family = known.get("family") or rng.choice(names.SURNAMES)
        invented = Person(
            number=len(self.people) + 1,
            household=household,
            given=given,
            family=family,
            email=self._email(given, family, names.MAIL_DOMAINS),
            other_email=self._email(given, family, names.WORK_DOMAINS) if rng.random() < 0.3 else "",
            phone=self._phone(),
            address=address,
            born=date(1942, 1, 1) + timedelta(days=rng.randrange(24000)),
        )
        made = replace(invented, **known)
        self._taken.update((made.email, made.other_email, made.phone))
        self.people.append(made)
        return made

    def saw(self, system: System, person: Person, **changes: Any) -> None:
        """The system knows the person's name and what `changes` says; `since` is some day unless said."""
        basis = Sighting(person.number, person.given, person.family, moment(self.rng))
        self.seen[system].append(replace(basis, **changes))

    def _email(self, given: str, family: str, domains: tuple[str, ...]) -> str:
        first, last = plain(given), plain(family)
        local = self.rng.choice((f"{first}.{last}", f"{first[0]}{last}", f"{first}{last}", f"{last}.{first}"))
        return self._free(lambda n: f"{local}{n or ''}@{self.rng.choice(domains)}")

    def _phone(self) -> str:
        return self._free(lambda _: f"04{self.rng.randrange(1_000_000, 39_000_000):08d}")

    def _free(self, propose: Callable[[int], str]) -> str:
        n = 0
        while (value := propose(n)) in self._taken:
            n += 1
        self._taken.add(value)
        return value


def new_address(rng: Random) -> Address:
    unit = f"Unit {rng.randint(1, 40)}, " if rng.random() < 0.2 else ""
    street = f"{unit}{rng.randint(1, 220)} {rng.choice(names.STREETS)} {rng.choice(list(names.STREET_KINDS))}"
    return Address(street, *rng.choice(names.SUBURBS))


def moment(rng: Random, after: datetime = START, before: datetime = END) -> datetime:
    """Some whole second between the two."""
    return after + timedelta(seconds=rng.randint(0, max(0, int((before - after).total_seconds()))))


def plain(text: str) -> str:
    """Lower-case ASCII letters only, as in the local part of an e-mail."""
    without_strokes = text.lower().translate(str.maketrans("łø", "lo"))
    return "".join(c for c in unicodedata.normalize("NFKD", without_strokes) if c.isascii() and c.isalpha())
