"""The cast of these tests: records written as one would say them, and results as one would read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from hypothesis import settings

from dedupe.engine.coding import Hashes
from dedupe.engine.population import Entry, Population, hashes_from, population_of
from dedupe.engine.record import Features, features_of
from dedupe.engine.resolving import popular_in
from dedupe.engine.telling import shared_values
from dedupe.engine.weights import Model, load
from dedupe.folding import stable_key
from dedupe.links import Link, Links, links_in_force, pair_of
from mapping.models import Address, Company, Email, Identifier, Person, Phone
from mapping.normalise.name import name as name_of
from tests.dedupe.told import Told, told

HOME = "+61491570156"
"""The phone that Alice, Bob and their children answer."""

MAIL = "reid@home.example.com"
"""The address that they share."""

STANDARD = load()

Decided = tuple[str, str, Link]
"""Two labels and what a person has said of them."""

unhurried = settings(deadline=None)
"""For laws: a busy machine is no counterexample."""


def says(
    name: str = "",
    *,
    email: str | Sequence[str] = (),
    phone: str | Sequence[str] = (),
    card: str | Sequence[str] = (),
    born: str = "",
    lives: str | Sequence[str] = (),
    company: str = "",
) -> Features:
    """What a record says. `card` is a loyalty card, or "type=value"; `lives` is "street, city, postcode"."""
    person = Person(
        name=name_of(full=name),
        emails=tuple(Email(value=one, key=one) for one in _all(email)),
        phones=tuple(Phone(value=one) for one in _all(phone)),
        addresses=tuple(_address(one) for one in _all(lives)),
        date_of_birth=date.fromisoformat(born) if born else None,
        company=Company(name=company) if company else None,
        identifiers=tuple(_identifier(one) for one in _all(card)),
    )
    return features_of(person)


def _all(values: str | Sequence[str]) -> Sequence[str]:
    return [values] if isinstance(values, str) else values


def _address(text: str) -> Address:
    street, city, postcode = (part.strip() for part in text.split(","))
    return Address(street=street, city=city, postcode=postcode, country="AU")


def _identifier(text: str) -> Identifier:
    kind, _, value = text.rpartition("=")
    return Identifier(type=kind or "loyalty", value=value)


def record(label: str, features: Features, born: int = 0, number: int | None = None) -> Entry:
    """A record that landed as number `born`; its birth id sorts otherwise than its label."""
    return Entry(
        born if number is None else number, f"id-{label[::-1]}", born, stable_key("shop", "customers", label), features
    )


def records(**said: Features) -> list[Entry]:
    """Records by label, landed in the order given."""
    return [record(label, features, born) for born, (label, features) in enumerate(said.items())]


def label_of(entry: Entry) -> str:
    return entry.key[2].decode()


def contacts(found: Told) -> set[str]:
    """Each contact as the labels of its records in order, for instance {"alice", "bob bob2"}."""
    return {" ".join(sorted(label_of(entry) for entry in one.members)) for one in found.clusters}


def questions(found: Told) -> set[tuple[str, str, str]]:
    return {(one.kind, *sorted((label_of(one.left), label_of(one.right)))) for one in found.reviews}


def edges(found: Told) -> dict[tuple[str, str], str]:
    """The judgement of each pair that is kept."""
    return {(label_of(one.left), label_of(one.right)): str(one.verdict.judgement) for one in found.edges}


def people_of(*said: Features) -> Population:
    """These records in the order given."""
    return population_of(record(f"{at:05}", features, at) for at, features in enumerate(said))


def shared_keys(features: Features) -> Hashes:
    """The keys of all e-mail addresses, phones and identifiers of a record, sorted: to call them popular."""
    return hashes_from(one.key for one in shared_values(records(said=features)))


def all_keys(entries: Iterable[Entry]) -> Hashes:
    """Every key of these records, sorted."""
    return hashes_from({key for keys in population_of(entries).keys_told().values() for key in keys})


def decided(entries: Iterable[Entry], *decisions: Decided) -> Links:
    """Decisions by label, the oldest first."""
    ids = {label_of(entry): entry.birth_id for entry in entries}
    rows = [(number, *pair_of(ids[left], ids[right]), link) for number, (left, right, link) in enumerate(decisions)]
    return links_in_force(rows)


def resolved(
    entries: Iterable[Entry],
    *decisions: Decided,
    popular: Hashes | None = None,
    model: Model = STANDARD,
    likely: bool = False,
) -> Told:
    """Resolve these records as if they were all there are; `popular` is found among them unless given."""
    everyone = list(entries)
    crowded = popular_in(population_of(everyone).ready, model) if popular is None else popular
    return told(everyone, crowded, decided(everyone, *decisions), model, likely)
