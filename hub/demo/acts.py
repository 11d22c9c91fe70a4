"""The demo's three acts: who says what where. Each happens at a vendor, as a person does it, and not in its API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hub.demo.lastacts import Channel, Key, Word
from hub.demo.newsletter import LIST_ID
from hub.demo.people import Person
from hub.demo.planted import actors
from hub.demo.shop import e164
from hub.demo.world import World


@dataclass(frozen=True)
class Bystander:
    """An address that the act says nothing of. `who` as a reader may be told."""

    who: str
    key: Key


@dataclass(frozen=True)
class Act:
    """One act of the play. `key`: the channel and address it is about. `title` is a sentence without a full stop."""

    number: int
    person: Person
    key: Key
    word: Word
    title: str
    bystanders: tuple[Bystander, ...]


NUMBERS = (1, 2, 3)


def act(world: World, number: int) -> Act:
    """What is to happen, the same in every world of this estate. Raises KeyError for a number that is no act's."""
    nora, otto, gwen = _actors(world)
    plays: dict[int, tuple[Person, Channel, Word, str]] = {
        1: (nora, "email", "out", "Nora clicks unsubscribe in the newsletter"),
        2: (otto, "sms", "out", "Otto tells the shop to send him no more text messages"),
        3: (gwen, "email", "in", "Gwen, who had left the newsletter, fills the shop's form"),
    }
    person, channel, word, title = plays[number]
    neighbour = {nora: otto, otto: nora}.get(person)
    return Act(number, person, (channel, _own(person)[channel]), word, title, _bystanders(person, channel, neighbour))


def perform(world: World, number: int) -> Act:
    """Let it happen now, and note it as the address's last act. Raises LookupError where the vendor lacks the person.

    To be called while no request is under way that writes to this address: the ledgers are compared by it.
    """
    chosen = act(world, number)
    if not _DEEDS[number](world, chosen.key[1]):
        raise LookupError(f"nobody can do act {number} in this world")
    world.note(chosen.key, chosen.word)
    return chosen


def _unsubscribe(world: World, address: str) -> bool:
    return world.vendors.newsletter.click_unsubscribe(LIST_ID, address)


def _stop_texts(world: World, address: str) -> bool:
    shop = world.vendors.shop
    customer = shop.customer_of(address)
    if customer is not None:
        shop.unsubscribe(customer, "sms")
    return customer is not None


def _fill_form(world: World, address: str) -> bool:
    shop = world.vendors.shop
    customer = shop.customer_of(address)
    if customer is not None:
        shop.fill_form(customer, "email")
    return customer is not None


_DEEDS: dict[int, Callable[[World, str], bool]] = {1: _unsubscribe, 2: _stop_texts, 3: _fill_form}


def _actors(world: World) -> tuple[Person, Person, Person]:
    estate = world.estate
    numbers = {estate.truth[key] for key in estate.traps[actors.__name__]}
    nora, otto, gwen = sorted((person for person in estate.people if person.number in numbers), key=_number)
    return nora, otto, gwen


def _bystanders(person: Person, channel: Channel, neighbour: Person | None) -> tuple[Bystander, ...]:
    other: Channel = "sms" if channel == "email" else "email"
    found = [Bystander(f"{person.given}'s {_WORDS[other]}", (other, _own(person)[other]))]
    if person.other_email:
        found.append(Bystander(f"{person.given}'s other address", ("email", person.other_email)))
    if neighbour is not None:
        named = f"{neighbour.given}'s, who lives with {person.given}"
        found += [Bystander(f"{named}, {_WORDS[key[0]]}", key) for key in _own(neighbour).items()]
    return tuple(found)


_WORDS: dict[Channel, str] = {"email": "e-mail", "sms": "text messages"}


def _own(person: Person) -> dict[Channel, str]:
    return {"email": person.email.lower(), "sms": e164(person.phone)}


def _number(person: Person) -> int:
    return person.number
