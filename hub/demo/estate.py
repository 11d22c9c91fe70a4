"""The demo's world: people who exist, and what four systems hold of them. The same seed gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from hub.demo import crowd, drops, newsletter, traps
from hub.demo.people import Draft, Person, Sighting, System
from hub.demo.shop import Shop

Key = tuple[str, str, str]
"""Connection, stream, external id."""

FEWEST_PEOPLE = 50


@dataclass(frozen=True)
class Estate:
    """Records in the vendors' own shapes, and the truth about them.

    `truth` says which person each person-bearing record is (customers, guest orders, members, rows), by the
    person's `number`. `traps` names the records that were planted to mislead. The connections are called
    shop (customers, orders), newsletter (members), loyalty (people) and desk (people).
    """

    people: tuple[Person, ...]
    shop_customers: list[dict[str, Any]]
    shop_orders: list[dict[str, Any]]
    members: list[dict[str, Any]]
    segments: list[dict[str, Any]]
    loyalty_rows: list[dict[str, str]]
    desk_rows: list[dict[str, Any]]
    truth: dict[Key, int]
    traps: dict[str, list[Key]]

    @property
    def records(self) -> int:
        """How many records the systems hold in all; segments are not counted."""
        held = (self.shop_customers, self.shop_orders, self.members, self.loyalty_rows, self.desk_rows)
        return sum(map(len, held))


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

    def estate(self) -> Estate:
        customers, orders = self._shop()
        members = self._members()
        loyalty = self._loyalty()
        return Estate(
            people=tuple(self._draft.people),
            shop_customers=customers,
            shop_orders=orders,
            members=members,
            segments=newsletter.segments(members),
            loyalty_rows=loyalty,
            desk_rows=self._desk(),
            truth=self._truth,
            traps=self._traps,
        )

    def _shop(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        shop = Shop(self._draft.rng)
        for seen in self._seen("shop"):
            self._note(seen, "shop", "customers", shop.open_account(seen)["id"])
        for seen in self._seen("guest"):
            self._note(seen, "shop", "orders", shop.guest_order(seen)["id"])
        return shop.customers, shop.orders

    def _members(self) -> list[dict[str, Any]]:
        members = []
        for seen in self._seen("newsletter"):
            members.append(newsletter.member(seen, self._draft.rng))
            self._note(seen, "newsletter", "members", members[-1]["id"])
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

    def _seen(self, system: System) -> list[Sighting]:
        return self._draft.seen[system]

    def _note(self, seen: Sighting, connection: str, stream: str, external_id: str) -> None:
        key = (connection, stream, external_id)
        self._truth[key] = seen.person
        if seen.trap:
            self._traps.setdefault(seen.trap, []).append(key)
