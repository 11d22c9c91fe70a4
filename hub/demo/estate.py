"""The demo's world: people who exist, and what six systems hold of them. The same seed gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from connectors.twilio.messages import counterpart
from hub.demo import chat, crowd, drops, helpdesk, lastacts, newsletter, traps
from hub.demo.people import Draft, Person, Sighting, System
from hub.demo.shop import Shop, e164

Key = tuple[str, str, str]
"""Connection, stream, external id."""

FEWEST_PEOPLE = 50

ASKS = 0.6
"""Which part of the help desk's users wrote a ticket."""


@dataclass(frozen=True)
class Estate:
    """Records in the vendors' own shapes, and the truth about them.

    `truth` says which person each person-bearing record is (customers, guest orders, members, rows, users, numbers),
    by the person's `number`. `traps` names the records that were planted to mislead. `last_acts`: what the holder of
    an address said last on a channel; who never said anything is not in it. The connections are called shop
    (customers, orders), newsletter (members), loyalty (people), desk (people), help (users, tickets) and texts
    (numbers, messages).
    """

    people: tuple[Person, ...]
    shop_customers: list[dict[str, Any]]
    shop_orders: list[dict[str, Any]]
    members: list[dict[str, Any]]
    segments: list[dict[str, Any]]
    loyalty_rows: list[dict[str, str]]
    desk_rows: list[dict[str, Any]]
    help_users: list[dict[str, Any]]
    help_tickets: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    truth: dict[Key, int]
    traps: dict[str, list[Key]]
    last_acts: Mapping[lastacts.Key, lastacts.Word]

    @property
    def numbers(self) -> list[str]:
        """The people's numbers in the messages."""
        return list(dict.fromkeys(number for message in self.messages if (number := counterpart(message))))

    @property
    def records(self) -> int:
        """How many records the systems hold in all, as their streams bring them; segments are not counted."""
        shop = len(self.shop_customers) + len(self.shop_orders)
        files = len(self.loyalty_rows) + len(self.desk_rows)
        helpdesk = len(self.help_users) + len(self.help_tickets)
        return shop + len(self.members) + files + helpdesk + len(self.messages) + len(self.numbers)


def make_estate(people: int, seed: int = 20) -> Estate:
    """An estate of exactly so many people. Raises ValueError below 50: the planted ones need the room."""
    if people < FEWEST_PEOPLE:
        raise ValueError(f"an estate has at least {FEWEST_PEOPLE} people")
    rng = Random(seed)  # noqa: S311 - it must be repeatable and guards nothing
    draft = Draft(rng)
    traps.plant(draft, people)
    crowd.add_households(draft, people)
    for sightings in draft.seen.values():
        rng.shuffle(sightings)
    return _Registrar(draft).estate()


class _Registrar:
    """Makes the records of a draft and notes whose each one is."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._truth: dict[Key, int] = {}
        self._traps: dict[str, list[Key]] = {}
        self._said: list[lastacts.Said] = []

    def estate(self) -> Estate:
        customers, orders = self._shop()
        members = self._members()
        loyalty = self._loyalty()
        desk = self._desk()
        users, tickets = self._help()
        messages = self._texts()
        return Estate(
            people=tuple(self._draft.people),
            shop_customers=customers,
            shop_orders=orders,
            members=members,
            segments=newsletter.segments(members),
            loyalty_rows=loyalty,
            desk_rows=desk,
            help_users=users,
            help_tickets=tickets,
            messages=messages,
            truth=self._truth,
            traps=self._traps,
            last_acts=lastacts.last_of(self._said),
        )

    def _shop(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        shop = Shop(self._draft.rng)
        for seen in self._seen("shop"):
            account = shop.open_account(seen)
            self._note(seen, "shop", "customers", account["id"])
            phone = account["defaultPhoneNumber"]
            self._said += lastacts.said_in("shop", seen, phone["phoneNumber"] if phone else "")
        for seen in self._seen("guest"):
            self._note(seen, "shop", "orders", shop.guest_order(seen)["id"])
        return shop.customers, shop.orders

    def _members(self) -> list[dict[str, Any]]:
        members = []
        for seen in self._seen("newsletter"):
            members.append(newsletter.member(seen, self._draft.rng))
            self._note(seen, "newsletter", "members", members[-1]["id"])
            self._said += lastacts.said_in("newsletter", seen, "")
        return members

    def _loyalty(self) -> list[dict[str, str]]:
        rows = []
        for number, seen in enumerate(self._seen("loyalty")):
            rows.append(drops.loyalty_row(number, seen, self._draft.rng))
            self._note(seen, "loyalty", "people", rows[-1]["member_no"])
        return rows

    def _desk(self) -> list[dict[str, Any]]:
        cards = {person: key[2] for key, person in self._truth.items() if key[0] == "loyalty"}
        rows = []
        for number, seen in enumerate(self._seen("desk")):
            rows.append(drops.desk_row(number, seen, cards.get(seen.person)))
            self._note(seen, "desk", "people", rows[-1]["id"])
        return rows

    def _help(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        users: list[dict[str, Any]] = []
        tickets: list[dict[str, Any]] = []
        for number, seen in enumerate(self._seen("help")):
            users.append(helpdesk.user(number, seen))
            self._note(seen, "help", "users", str(users[-1]["id"]))
            self._said += lastacts.said_in("help", seen, seen.phone)
            if self._draft.rng.random() < ASKS:
                tickets.append(helpdesk.ticket(len(tickets), users[-1], seen, self._draft.rng))
        return users, tickets

    def _texts(self) -> list[dict[str, Any]]:
        for seen in self._seen("texts"):
            self._note(seen, "texts", "numbers", e164(seen.phone))
            self._said += lastacts.said_in("texts", seen, "")
        return chat.log(self._seen("texts"))

    def _seen(self, system: System) -> list[Sighting]:
        return self._draft.seen[system]

    def _note(self, seen: Sighting, connection: str, stream: str, external_id: str) -> None:
        key = (connection, stream, external_id)
        self._truth[key] = seen.person
        if seen.trap:
            self._traps.setdefault(seen.trap, []).append(key)
