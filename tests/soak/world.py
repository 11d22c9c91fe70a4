"""The world of the soak: four vendors over real HTTP with some hundreds of people in them, and the hub's files."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from connectors.shopify.simulator.consent import Channel
from tests.flows.consent.town import FILES, LIST, Town, configure, open_town
from tests.soak.diary import said

GIVEN = (
    "Alice", "Bob", "Charlie", "Dora", "Emil", "Frida", "Gus", "Hana", "Ivan", "Jo", "Karl", "Lena", "Mia", "Nils",
    "Olive", "Pia", "Quentin", "Rosa", "Sven", "Tara", "Ugo", "Vera", "Walter", "Xenia", "Yann", "Zoe", "Anton",
    "Bella", "Cosmo", "Delia",
)  # fmt: skip
FAMILY = (
    "Ashdown", "Birch", "Calloway", "Drummond", "Eastley", "Fairfax", "Greenway", "Hollis", "Ingram", "Jessop",
    "Kirkwood", "Lockhart", "Marsh", "Norwood", "Oakley", "Penrose", "Quigley", "Rowntree", "Sandford", "Thistle",
    "Underhill", "Vance", "Whitlock", "Yardley", "Zeller",
)  # fmt: skip

MONTH = timedelta(days=30)

HUB = """version: 1
database: "${env:HUB_DATABASE}"
redis: "${env:HUB_REDIS}"
region: AU
timezone: Australia/Sydney
log: {format: json}
tasks:
  call: {when: {segment: vip}, desk: help, title: Call the customer, per_day: 100000}
"""

EVERY = "every: 10s"
WHOLE = "reconcile: {every: 45s, guard: {rows: 1000, share: 50%}}"
"""Deletions at the shop and the newsletter are seen by a whole read alone."""

STREAMS = {
    "shop": f"customers: {{{EVERY}, {WHOLE}}}, orders: {{{EVERY}}}",
    "newsletter": f"members: {{{EVERY}, {WHOLE}}}, tags: {{{EVERY}}}",
    "texts": f"numbers: {{{EVERY}}}, messages: {{{EVERY}}}",
    "help": f"users: {{{EVERY}}}, tickets: {{{EVERY}}}",
}

TOLERANCE = "  tolerance: 2s\n"
"""All vendors here live by one clock, so that a yes counts soon after a no."""


@dataclass
class Person:
    """Somebody, and where they are known: by vendor the address there, and the vendor's ids.

    `spoke_at`: when they last said something of consent, or came here.
    """

    number: int
    given: str
    family: str
    phone: str
    emails: dict[str, str] = field(default_factory=dict)
    customer: str = ""
    user: int = 0
    orders: list[str] = field(default_factory=list)
    tickets: list[int] = field(default_factory=list)
    spoke_at: datetime | None = None


@dataclass
class World:
    """The town and everybody in it."""

    town: Town
    people: list[Person] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.town.shop.now()

    def stranger(self) -> Person:
        """Somebody whom no vendor knows yet."""
        number = len(self.people)
        given, family = GIVEN[number % len(GIVEN)], FAMILY[number // len(GIVEN) % len(FAMILY)]
        family += "" if number < len(GIVEN) * len(FAMILY) else f"-{FAMILY[number % len(FAMILY)]}"
        person = Person(number, given, family, f"+614805{number:05d}")
        self.people.append(person)
        return person

    def goes_shopping(self, person: Person, channels: tuple[Channel, ...]) -> None:
        """Become a customer, with a yes for each of the channels."""
        email = address(person)
        person.emails["shop"] = email
        shop = self.town.shop
        with shop.lock:
            person.customer = shop.create_customer(
                email=email, phone=person.phone, firstName=person.given, lastName=person.family
            )
            for channel in channels:
                shop.fill_form(person.customer, channel)
                said(shop, "shop", "yes", channel, email if channel == "email" else person.phone)

    def is_listed(self, person: Person) -> None:
        """Be added to the newsletter's audience without having been asked."""
        person.emails["newsletter"] = address(person)
        names = {"FNAME": person.given, "LNAME": person.family}
        self.town.newsletter.add_without_consent(LIST, person.emails["newsletter"], merge_fields=names)

    def asks_for_help(self, person: Person) -> None:
        """Become a user of the help desk."""
        person.emails["help"] = address(person)
        name = f"{person.given} {person.family}"
        person.user = self.town.help.add_user(name=name, email=person.emails["help"], phone=person.phone)


def address(person: Person, version: int = 0) -> str:
    moved = f"-{version}" if version else ""
    return f"{person.given}.{person.family}.{person.number}{moved}@example.com".lower()


def fill(world: World, number: int, dice: random.Random) -> None:
    """Let so many people be known since a month: most said yes at the shop, some never did, a few said no since."""
    town = world.town
    with town.at(-MONTH):
        for person in [world.stranger() for _ in range(number)]:
            channels: tuple[Channel, ...] = ("email", "sms") if dice.random() < 0.8 else ()
            world.goes_shopping(person, channels)
            if dice.random() < 0.8:
                world.is_listed(person)
            if dice.random() < 0.7:
                world.asks_for_help(person)
            if dice.random() < 0.6:
                town.texts.send(person.phone, "Your parcel is on its way")
            for _ in range(dice.choice((0, 0, 1, 3))):
                person.orders.append(town.shop.place_order(person.customer))
    with town.at(-MONTH / 2), town.shop.lock:
        for person in dice.sample(world.people, number // 10):
            town.shop.unsubscribe(person.customer, "email")
            said(town.shop, "shop", "no", "email", person.emails["shop"])


def write_files(root: Path, urls: dict[str, str]) -> Path:
    """Write config/ for the soak; the folder."""
    changed = {"hub": HUB, "consent": FILES["consent.yaml"] + TOLERANCE}
    for name, streams in STREAMS.items():
        key = f"connections/{name}.yaml"
        lines = [f"streams: {{{streams}}}" if line.startswith("streams:") else line for line in FILES[key].splitlines()]
        changed[f"connections_{name}"] = "\n".join(lines) + "\n"
    return configure(root, urls, **changed)


@contextmanager
def open_world(root: Path, number: int, dice: random.Random) -> Iterator[World]:
    """A filled world with its vendors running, and config/ below `root`."""
    with open_town(root) as town:
        write_files(root, town.urls)
        world = World(town)
        fill(world, number, dice)
        yield world
