"""A lively month: everybody does something else with consent. It tells who said what, not what the hub makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from tests.flows.consent.life import Life
from tests.flows.consent.town import LIST, Somebody

Line = tuple[str, str]
"""A channel and an address."""


@dataclass
class Month:
    """The cast by name, and what is true of their addresses in the end.

    `noes` must be sent to by nobody. `nobody` was never asked, has not confirmed or bounced: nothing may be written of
    them. `yeses` said so, and nothing since.
    """

    people: dict[str, Somebody] = field(default_factory=dict)
    noes: set[Line] = field(default_factory=set)
    nobody: set[Line] = field(default_factory=set)
    yeses: set[Line] = field(default_factory=set)

    def __getitem__(self, name: str) -> Somebody:
        return self.people[name]

    def email_of(self, *names: str) -> set[Line]:
        return {("email", self[name].email) for name in names}

    def phone_of(self, *names: str) -> set[Line]:
        return {("sms", self[name].phone) for name in names}


def live_through(life: Life) -> Month:
    """Two weeks with a sync after each, and a third."""
    month = Month()
    _arrive(life, month)
    life.sync()
    life.later(days=7)
    _first_week(life, month)
    life.sync()
    life.later(days=7)
    _second_week(life, month)
    life.sync()
    life.later(days=7)
    life.sync()
    everyone = ("Charlie", "Dora", "Gus", "Karl", "Mia", "Nils")
    month.noes = month.email_of(*everyone) | month.phone_of("Emil", "Frida", "Mia")
    month.nobody = month.email_of("Bob", "Hana", "Ivan", "Jo") | month.phone_of("Ivan", "Jo")
    month.yeses = month.email_of("Alice", "Emil", "Frida", "Lena", "Pia")
    month.yeses |= month.phone_of("Alice", "Charlie", "Dora", "Gus", "Karl", "Lena", "Nils", "Pia")
    return month


def _arrive(life: Life, month: Month) -> None:
    town = life.town
    names = ("Alice", "Charlie", "Dora", "Emil", "Frida", "Gus", "Hana", "Karl", "Lena", "Mia", "Nils", "Pia")
    for number, name in enumerate(names, 10):
        month.people[name] = town.welcome(name, number)
    for number, name in enumerate(("Bob", "Ivan", "Jo"), 30):
        month.people[name] = town.welcome(name, number, consent="NONE", sms="NONE")
    town.help.edit(month["Bob"].user, phone=month["Alice"].phone)  # they share it
    with town.at(-timedelta(days=20)):
        town.newsletter.audiences[LIST].double_optin = True
        for name in ("Charlie", "Gus", "Hana", "Pia"):
            town.newsletter.fill_form(LIST, month[name].email)
            town.newsletter.confirm(LIST, month[name].email)
        town.newsletter.bounce(LIST, month["Hana"].email)
        town.newsletter.fill_form(LIST, month["Ivan"].email)  # and never looks at the mail
    for name in ("Alice", "Dora", "Gus"):
        town.shop.place_order(month[name].customer)
        town.shop.place_order(month[name].customer)


def _first_week(life: Life, month: Month) -> None:
    town = life.town
    town.newsletter.click_unsubscribe(LIST, month["Charlie"].email)
    town.newsletter.click_unsubscribe(LIST, month["Karl"].email)
    town.newsletter.click_unsubscribe(LIST, month["Pia"].email)
    town.newsletter.complain(LIST, month["Gus"].email)
    town.shop.unsubscribe(month["Dora"].customer, "email")
    town.shop.unsubscribe(month["Emil"].customer, "sms")
    town.shop.unsubscribe(month["Lena"].customer, "email")
    town.texts.text(month["Frida"].phone, "STOP")
    town.help.agent_sets(month["Nils"].user, "email", "withdrawn")
    life.hub.write_down_an_objection(month["Mia"].email)


def _second_week(life: Life, month: Month) -> None:
    town = life.town
    town.shop.fill_form(month["Lena"].customer, "email")
    town.shop.fill_form(month["Pia"].customer, "email")
    town.shop.foreign_copy(month["Karl"].customer, "email", "SUBSCRIBED", level="UNKNOWN")
    town.newsletter.import_list(LIST, [month["Karl"].email, month["Dora"].email])
    town.help.foreign_copy(month["Charlie"].user, "email", "granted")
