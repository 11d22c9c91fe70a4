"""What people write in their own words: enough to stop, too little to decide, until somebody has read it."""

from __future__ import annotations

import pytest

from tests.flows.consent.life import Life
from tests.flows.consent.town import Somebody


@pytest.fixture
def alice(life: Life) -> Somebody:
    """Alice is a regular who said yes to everything; all vendors know it and have her tagged."""
    alice = life.town.welcome("Alice", 156)
    life.town.shop.place_order(alice.customer)
    life.town.shop.place_order(alice.customer)
    life.sync()
    assert life.sync().plan.operations == ()
    life.town.forget()
    life.later(days=1)
    return alice


def test_a_hold_is_not_ended_by_a_later_yes_but_by_a_person(life: Life, alice: Somebody) -> None:
    life.town.help.open_ticket(alice.user, "Mails", "Take me off your list!")
    life.sync()
    life.later(days=1)
    life.town.shop.fill_form(alice.customer, "email")
    life.sync()
    assert life.hub.reason("email", alice.email) == "hold"


def test_a_ticket_about_a_parcel_holds_nobody(life: Life, alice: Somebody) -> None:
    life.town.help.open_ticket(alice.user, "Parcel", "It stopped at the depot, when will it move on?")
    life.sync()
    assert life.hub.reason("email", alice.email) == "granted"


def test_a_ticket_holds_nobody_who_is_only_named_in_it(life: Life, alice: Somebody) -> None:
    charlie = life.town.welcome("Charlie", 158, days=0)
    life.town.help.open_ticket(alice.user, "Mails", "unsubscribe me, and say hello to charlie@example.com")
    life.sync()
    assert life.hub.reason("email", charlie.email) == "granted"


@pytest.mark.parametrize("text", ["please stop texting me", "Stop sending these", "don't text this number again"])
def test_free_words_by_text_message_hold_the_number_and_leave_the_e_mail_alone(
    life: Life, alice: Somebody, text: str
) -> None:
    life.town.texts.text(alice.phone, text)
    life.sync()
    assert life.hub.reason("sms", alice.phone) == "hold"
    assert life.hub.reason("email", alice.email) == "granted"
    assert all(life.town.consents(name) == [] for name in life.town.simulators)
    life.hub.lift("sms", alice.phone)
    life.sync(full=True)
    assert life.hub.reason("sms", alice.phone) == "granted"


@pytest.mark.parametrize("word", ["stop", " Unsubscribe ", "OPTOUT", "stopall"])
def test_a_keyword_alone_is_a_no_at_once(life: Life, alice: Somebody, word: str) -> None:
    life.town.texts.text(alice.phone, word)
    life.sync()
    assert not life.town.shop.sendable(alice.phone, "sms")
    assert not life.town.help.sendable(alice.phone, "sms")


def test_an_opt_out_reaches_an_address_that_a_destination_holds_only_later(life: Life, alice: Somebody) -> None:
    """absent_is_not_held: nobody is made for consent's sake, and nobody is forgotten."""
    town = life.town
    dora = town.shop.create_customer(email="dora@example.com", firstName="Dora")
    town.shop.unsubscribe(dora, "email")
    life.sync()
    assert all("dora@example.com" not in str(town.consents(name)) for name in town.simulators)
    assert town.help.sendable("dora@example.com", "email") is None
    town.help.add_user(name="Dora Town", email="dora@example.com")
    life.sync()
    assert town.consents("help") == [("email", "dora@example.com", "out")]
