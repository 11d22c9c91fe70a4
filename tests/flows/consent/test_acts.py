"""One act of one person at one vendor: where it arrives, and what it leaves alone."""

from __future__ import annotations

import pytest

from tests.flows.consent.life import Life
from tests.flows.consent.town import FILES, LIST, Somebody

KEYWORDS = FILES["consent.yaml"].replace("sms: [", "sms: [texts.keyword, ")


@pytest.fixture
def alice(life: Life) -> Somebody:
    """Alice said yes to everything at the shop, and all vendors know it."""
    alice = life.town.welcome("Alice", 156)
    life.town.shop.place_order(alice.customer)
    _known(life)
    return alice


def _known(life: Life) -> None:
    life.sync(full=True)
    assert life.sync().plan.operations == ()
    life.town.forget()
    life.later(days=1)


def _told(life: Life) -> set[tuple[str, str, str, str]]:
    """(connection, channel, address, wanted) of everything that vendors were told of consent."""
    return {(name, *told) for name in life.town.simulators for told in life.town.consents(name)}


def test_an_unsubscribe_at_mailchimp_arrives_in_the_shop_and_at_the_help_desk_and_nowhere_else(
    life: Life, alice: Somebody
) -> None:
    town = life.town
    town.newsletter.click_unsubscribe(LIST, alice.email)
    life.sync()
    assert _told(life) == {("shop", "email", alice.email, "out"), ("help", "email", alice.email, "out")}
    assert not town.shop.sendable(alice.email, "email")
    assert not town.help.sendable(alice.email, "email")
    assert town.shop.sendable(alice.phone, "sms")
    assert town.help.sendable(alice.phone, "sms")


def test_an_unsubscribe_of_one_address_touches_no_other_address_of_the_person(life: Life) -> None:
    alice = life.town.welcome("Alice", 156)
    other = life.town.shop.create_customer(email="alice.adams@example.com", phone=alice.phone, firstName="Alice")
    life.town.shop.fill_form(other, "email")
    _known(life)
    life.town.newsletter.click_unsubscribe(LIST, alice.email)
    life.sync()
    assert {address for _, _, address, _ in _told(life)} == {alice.email}
    assert life.town.shop.sendable("alice.adams@example.com", "email")


def test_an_sms_opt_out_at_the_shop_arrives_at_the_gateway_and_at_the_help_desk(life: Life, alice: Somebody) -> None:
    life.town.shop.unsubscribe(alice.customer, "sms")
    life.sync()
    assert _told(life) == {("texts", "sms", alice.phone, "out"), ("help", "sms", alice.phone, "out")}
    assert life.town.texts.blocked(alice.phone)
    assert life.town.help.sendable(alice.email, "email")


def test_a_stop_by_text_message_arrives_in_the_shop_and_at_the_help_desk(life: Life, alice: Somebody) -> None:
    life.town.texts.text(alice.phone, "STOP")
    life.sync()
    assert _told(life) == {("shop", "sms", alice.phone, "out"), ("help", "sms", alice.phone, "out")}


def test_a_stop_on_a_shared_phone_stops_the_number_for_both_who_share_it(life: Life, alice: Somebody) -> None:
    bob = life.town.welcome("Bob", 157, sms="NONE")
    life.town.shop.change_phone(bob.customer, alice.phone)
    life.town.help.edit(bob.user, phone=alice.phone)
    _known(life)
    life.town.texts.text(alice.phone, "STOP")
    life.sync()
    helped = [one["record"] for one in life.town.writes()["help"] if one["address"] == alice.phone]
    assert sorted(helped) == sorted([str(alice.user), str(bob.user)])
    assert not life.town.shop.sendable(alice.phone, "sms")


def test_a_re_consent_at_the_shops_form_arrives_at_the_help_desk_and_is_locked_at_mailchimp(
    life: Life, alice: Somebody
) -> None:
    life.town.newsletter.click_unsubscribe(LIST, alice.email)
    life.sync()
    life.sync()
    life.later(days=1)
    life.town.forget()
    life.town.shop.fill_form(alice.customer, "email")
    plan = life.sync().plan
    assert _told(life) == {("help", "email", alice.email, "in")}
    assert life.town.help.sendable(alice.email, "email")
    locked = [(one.operation.destination, one.reason) for one in plan.withheld if one.operation.address == alice.email]
    assert locked == [("newsletter", "vendor_locked")]


def test_a_yes_of_an_agents_hand_in_a_mirror_field_is_overwritten(life: Life, alice: Somebody) -> None:
    life.town.shop.unsubscribe(alice.customer, "email")
    life.sync()
    life.later(days=1)
    life.town.help.agent_sets(alice.user, "email", "granted")
    life.sync()
    assert not life.town.help.sendable(alice.email, "email")
    assert not life.town.shop.sendable(alice.email, "email")


def test_start_lifts_the_stop_at_its_sender_and_no_other_no(life: Life, alice: Somebody) -> None:
    life.configure(consent=KEYWORDS)
    life.town.texts.text(alice.phone, "STOP")
    life.sync()
    life.later(days=1)
    life.town.texts.text(alice.phone, "START")
    life.sync()
    assert life.town.texts.sendable(alice.phone, "sms")
    assert not life.town.shop.sendable(alice.phone, "sms")
    assert life.town.consents("texts") == []


def test_without_leave_to_ask_mailchimp_gets_no_pending_at_all(life: Life, alice: Somebody) -> None:
    life.town.newsletter.click_unsubscribe(LIST, alice.email)
    life.sync()
    life.later(days=1)
    life.town.shop.fill_form(alice.customer, "email")
    life.sync()
    assert life.town.changed("newsletter") == []
    assert life.town.newsletter.mails == []
