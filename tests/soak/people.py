"""What people do all the time, chosen by the seed: each verb is one change at one vendor.

A no is said where the vendor does not show one yet: a second one there changes nothing that a pull could read, and is
told by webhooks alone.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connectors.shopify.simulator.consent import Channel, held_of
from tests.flows.consent.town import LIST, Town
from tests.soak.diary import said
from tests.soak.world import Person, World, address

REST = timedelta(seconds=20)
"""Nobody changes their mind twice within seconds: the order of two such acts is not to be told from vendors' times."""

READ = timedelta(minutes=2)
"""Nobody moves or is deleted so soon after a word: what a vendor has no more, nobody could ever read."""

A_SECOND = 3.0
"""How many changes there are in a second, about."""


@dataclass
class People:
    """Everybody's restlessness. `done` counts the changes by the verb's name."""

    world: World
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.verbs: dict[Callable[[], bool], float] = {
            self.becomes_a_customer: 3,
            self.orders: 6,
            self.sends_an_order_back: 2,
            self.changes_the_name: 2,
            self.changes_the_email: 2,
            self.unsubscribes_at_the_shop: 2,
            self.unsubscribes_from_the_newsletter: 1.5,
            self.texts_stop: 1.5,
            self.tells_the_help_desk_no: 1,
            self.comes_back_at_the_shop: 1.5,
            self.signs_up_for_the_newsletter: 1,
            self.opens_a_ticket: 3,
            self.rates_a_ticket: 2,
            self.texts: 3,
            self.is_texted: 2,
            self.is_deleted_at_the_shop: 0.5,
            self.is_deleted_from_the_newsletter: 0.5,
            self.is_deleted_at_the_help_desk: 0.5,
            self.has_a_ticket_deleted: 0.5,
        }

    @property
    def town(self) -> Town:
        return self.world.town

    def live(self, stopping: threading.Event) -> None:
        """Change something about so many times a second, until `stopping`."""
        while not stopping.wait(self.dice.expovariate(A_SECOND)):
            self.step()

    def step(self) -> None:
        """One change; nothing where the dice chose somebody who cannot do it now."""
        (verb,) = self.dice.choices(list(self.verbs), list(self.verbs.values()))
        if verb():
            self.done[verb.__name__] += 1

    def somebody(self, fits: Callable[[Person], Any]) -> Person | None:
        found = [person for person in self.world.people if fits(person)]
        return self.dice.choice(found) if found else None

    def decides(self, fits: Callable[[Person], Any]) -> Person | None:
        """Somebody who has not spoken of consent for a while, and does now."""
        person = self.settled(fits, REST)
        if person is not None:
            person.spoke_at = self.world.now
        return person

    def settled(self, fits: Callable[[Person], Any], since: timedelta = READ) -> Person | None:
        """Somebody who has not spoken of consent for so long."""
        before = self.world.now - since
        return self.somebody(lambda one: (one.spoke_at is None or one.spoke_at < before) and fits(one))

    # At the shop.

    def becomes_a_customer(self) -> bool:
        person = self.world.stranger()
        person.spoke_at = self.world.now
        asked: list[tuple[Channel, ...]] = [(), ("email",), ("sms",), ("email", "sms")]
        self.world.goes_shopping(person, self.dice.choice(asked))
        if self.dice.random() < 0.5:
            self.world.is_listed(person)
        if self.dice.random() < 0.4:
            self.world.asks_for_help(person)
        return True

    def orders(self) -> bool:
        person = self.somebody(lambda one: one.customer)
        if person is None:
            return False
        person.orders.append(self.town.shop.place_order(person.customer))
        return True

    def sends_an_order_back(self) -> bool:
        person = self.somebody(lambda one: one.orders)
        if person is None:
            return False
        self.town.shop.upsert("orders", {"id": self.dice.choice(person.orders), "displayFinancialStatus": "REFUNDED"})
        return True

    def changes_the_name(self) -> bool:
        person = self.somebody(lambda one: one.customer)
        if person is None:
            return False
        person.family = (
            self.dice.choice(("Amberley", "Bramwell", "Cresswell", "Dunmore", "Everley")) + person.family[:1]
        )
        self.town.shop.upsert("customers", {"id": person.customer, "lastName": person.family})
        return True

    def unsubscribes_at_the_shop(self) -> bool:
        channel: Channel = self.dice.choice(("email", "sms"))
        person = self.decides(lambda one: one.customer and not self._left(one, channel))
        if person is None:
            return False
        shop = self.town.shop
        with shop.lock:
            shop.unsubscribe(person.customer, channel)
            said(shop, "shop", "no", channel, person.emails["shop"] if channel == "email" else person.phone)
        return True

    def comes_back_at_the_shop(self) -> bool:
        """A yes after a no."""
        shop = self.town.shop
        person = self.decides(lambda one: one.customer and self._left(one, "email"))
        if person is None:
            return False
        with shop.lock:
            shop.fill_form(person.customer, "email")
            said(shop, "shop", "yes", "email", person.emails["shop"])
        return True

    def is_deleted_at_the_shop(self) -> bool:
        person = self.settled(lambda one: one.customer and not one.orders)
        if person is None:
            return False
        self.town.shop.delete("customers", person.customer)
        person.customer = ""
        return True

    def _left(self, person: Person, channel: str) -> bool:
        shop = self.town.shop
        with shop.lock:
            return bool(held_of(shop.store, person.customer, channel)["marketingState"] == "UNSUBSCRIBED")

    # At several.

    def changes_the_email(self) -> bool:
        """At one vendor alone; what was said of the old address goes on there."""
        person = self.settled(lambda one: one.customer or one.user or "newsletter" in one.emails)
        if person is None:
            return False
        known = [("shop", person.customer), ("help", person.user), ("newsletter", "newsletter" in person.emails)]
        vendor = self.dice.choice([name for name, is_there in known if is_there])
        new = address(person, self.dice.randrange(10**6))
        move = {"shop": self._moves_at_the_shop, "help": self._moves_at_the_help_desk, "newsletter": self._moves_list}
        move[vendor](person, new)
        person.emails[vendor], person.spoke_at = new, self.world.now
        return True

    def _moves_at_the_shop(self, person: Person, new: str) -> None:
        shop = self.town.shop
        with shop.lock:
            shop.change_email(person.customer, new)
            if self._left(person, "email"):
                said(shop, "shop", "no", "email", new)

    def _moves_at_the_help_desk(self, person: Person, new: str) -> None:
        desk = self.town.help
        with desk.lock:
            desk.change_email(person.user, new)
            if self._field(person, "email") == "withdrawn":
                said(desk, "help", "no", "email", new)

    def _moves_list(self, person: Person, new: str) -> None:
        newsletter = self.town.newsletter
        with newsletter.lock:
            newsletter.change_email(LIST, person.emails["newsletter"], new)
            if self._status(new) == "unsubscribed":
                said(newsletter, "newsletter", "no", "email", new)

    # At the newsletter.

    def unsubscribes_from_the_newsletter(self) -> bool:
        person = self.decides(lambda one: self._status(one.emails.get("newsletter", "")) not in ("", "unsubscribed"))
        if person is None:
            return False
        newsletter, email = self.town.newsletter, person.emails["newsletter"]
        with newsletter.lock:
            newsletter.click_unsubscribe(LIST, email)
            said(newsletter, "newsletter", "no", "email", email)
        return True

    def signs_up_for_the_newsletter(self) -> bool:
        """Somebody who was not in the audience. Whoever was deleted there for good may come back by the form."""
        person = self.decides(lambda one: "newsletter" not in one.emails)
        if person is None:
            return False
        newsletter, email = self.town.newsletter, address(person)
        with newsletter.lock:
            newsletter.fill_form(LIST, email)
            if self._status(email) == "subscribed":
                said(newsletter, "newsletter", "yes", "email", email)
        person.emails["newsletter"] = email
        return True

    def is_deleted_from_the_newsletter(self) -> bool:
        person = self.settled(lambda one: "newsletter" in one.emails)
        if person is None:
            return False
        newsletter = self.town.newsletter
        with newsletter.lock:
            (member_id,) = [
                key
                for key, member in newsletter.audiences[LIST].members.items()
                if member["email_address"] == person.emails["newsletter"]
            ]
            newsletter.delete(LIST, member_id)
        del person.emails["newsletter"]
        return True

    def _status(self, email: str) -> str:
        members = self.town.newsletter.audiences[LIST].members.values()
        return next((str(one["status"]) for one in members if one["email_address"] == email), "")

    # By text.

    def texts_stop(self) -> bool:
        person = self.decides(lambda _: True)
        if person is None:
            return False
        texts = self.town.texts
        with texts.lock:
            texts.text(person.phone, "STOP")
            said(texts, "texts", "no", "sms", person.phone)
        return True

    def texts(self) -> bool:
        person = self.dice.choice(self.world.people)
        self.town.texts.text(person.phone, f"When will it be here? {self.dice.randrange(10**6)}")
        return True

    def is_texted(self) -> bool:
        person = self.dice.choice(self.world.people)
        self.town.texts.send(person.phone, f"Your parcel {self.dice.randrange(10**6)} is on its way")
        return True

    # At the help desk.

    def tells_the_help_desk_no(self) -> bool:
        channel = self.dice.choice(("email", "sms"))
        desk = self.town.help
        person = self.decides(lambda one: one.user and self._field(one, channel) != "withdrawn")
        if person is None:
            return False
        with desk.lock:
            desk.agent_sets(person.user, channel, "withdrawn")
            said(desk, "help", "no", channel, person.emails["help"] if channel == "email" else person.phone)
        return True

    def _field(self, person: Person, channel: str) -> str:
        return str(self.town.help.account.users[person.user]["user_fields"].get(f"consent_{channel}") or "")

    def opens_a_ticket(self) -> bool:
        person = self.somebody(lambda one: one.user)
        if person is None:
            return False
        subject = f"Question {self.dice.randrange(10**6)}"
        person.tickets.append(self.town.help.open_ticket(person.user, subject, "Where is my parcel?"))
        return True

    def rates_a_ticket(self) -> bool:
        person = self.somebody(lambda one: one.tickets)
        if person is None:
            return False
        self.town.help.rate(self.dice.choice(person.tickets), self.dice.choice(("good", "bad")))
        return True

    def has_a_ticket_deleted(self) -> bool:
        person = self.somebody(lambda one: one.tickets)
        if person is None:
            return False
        ticket = self.dice.choice(person.tickets)
        person.tickets.remove(ticket)
        self.town.help.delete_ticket(ticket)
        return True

    def is_deleted_at_the_help_desk(self) -> bool:
        person = self.settled(lambda one: one.user and not one.tickets)
        if person is None:
            return False
        self.town.help.deactivate(person.user)
        person.user = 0
        return True
