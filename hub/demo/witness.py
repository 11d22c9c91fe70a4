"""What the vendors themselves say, asked past the hub: of an act's addresses, and of what their ledgers took in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.mailchimp.account import BY_PERSON
from connectors.mailchimp.audience import subscriber_hash
from hub.demo.acts import Act
from hub.demo.lastacts import Key
from hub.demo.newsletter import LIST_ID
from hub.demo.world import World

Words = Mapping[str, str]
"""By connection, the vendor's own word for an address; a connection that does not hold the address is left out."""


@dataclass(frozen=True)
class Testimony:
    """What all vendors said of the act's address at one moment, and of each bystander's by who that is."""

    address: Words
    bystanders: Mapping[str, Words]


def witness(world: World, act: Act) -> Testimony:
    """Ask now."""
    return Testimony(ask(world, act.key), {bystander.who: ask(world, bystander.key) for bystander in act.bystanders})


def ask(world: World, key: Key) -> Words:
    """The vendors' words for one address on its channel."""
    asked = {
        "newsletter": _newsletter(world, key),
        "shop": _shop(world, key),
        "help": _help(world, key),
        "texts": _texts(world, key),
    }
    return {connection: word for connection, word in asked.items() if word}


def told(before: Testimony, after: Testimony) -> list[str]:
    """The lines to print after an act: the address at each vendor, then every bystander."""
    parts = [_compared(name, before.address.get(name, ""), word) for name, word in after.address.items()]
    return [" · ".join(parts), *(_bystander(who, before, after) for who in after.bystanders)]


def opted_out_sent(world: World) -> int:
    """How many grants and segment adds the vendors received for an address whose own last act then was an opt-out."""
    return sum(
        world.last_act_at(key, connection, place) == "out"
        for connection, simulator in world.vendors
        for place, entry in enumerate(simulator.ledger)
        for key in _opened(entry.effect or {})
    )


def _opened(effect: Mapping[str, Any]) -> Iterator[Key]:
    """The addresses that a write meant to open, whatever came of it."""
    for consent in effect.get("consents", ()):
        if consent["wanted"] == "in":
            yield consent["channel"], consent["address"]
    for tag in effect.get("tags", ()):
        if tag["wanted"] == "add":
            yield ("email" if "@" in tag["address"] else "sms"), tag["address"]


def _compared(name: str, before: str, after: str) -> str:
    return f"{name}: {after}" if before == after else f"{name}: {after} (was {before or 'not there'})"


def _bystander(who: str, before: Testimony, after: Testimony) -> str:
    then, now = before.bystanders[who], after.bystanders[who]
    if then == now:
        return f"{who}: untouched"
    both = [(name, then.get(name, ""), now.get(name, "not there")) for name in {**then, **now}]
    changed = [_compared(name, was, word) for name, was, word in both if was != word]
    return f"{who}: CHANGED, {' · '.join(changed)}"


def _newsletter(world: World, key: Key) -> str:
    channel, address = key
    simulator = world.vendors.newsletter
    with simulator.lock:
        member = simulator.audiences[LIST_ID].members.get(subscriber_hash(address))
    if channel != "email" or member is None:
        return ""
    by_hand = member.get("unsubscribe_reason") == BY_PERSON
    return f"{member['status']} by the person" if by_hand else str(member["status"])


def _shop(world: World, key: Key) -> str:
    channel, address = key
    simulator = world.vendors.shop
    customer = simulator.customer_of(address)
    if customer is None:
        return ""
    with simulator.lock:
        node = simulator.store.customer(customer) or {}
    held = node.get("defaultEmailAddress" if channel == "email" else "defaultPhoneNumber") or {}
    return str(held.get("marketingState", ""))


def _help(world: World, key: Key) -> str:
    channel, address = key
    account = world.vendors.help.account
    field, kept = account.consent_fields[channel], "email" if channel == "email" else "phone"
    with world.vendors.help.lock:
        users = [user for user in account.users.values() if (user[kept] or "").lower() == address]
    return ", ".join(str(user["user_fields"].get(field) or "unknown") for user in users)


def _texts(world: World, key: Key) -> str:
    channel, address = key
    if channel != "sms" or address not in world.estate.numbers:
        return ""
    return "blocked" if world.vendors.texts.blocked(address) else "open"
