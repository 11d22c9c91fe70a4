"""Journeys that once went wrong: each is the shortest history that showed it."""

from __future__ import annotations

import pytest

from connectors.kit.simulator import Fault
from hub.jobs.rounds import push_what_may_go
from tests.flows.consent.life import Life, sketch
from tests.flows.consent.town import FILES, LIST, Somebody

BY_CONFIRMATION = FILES["consent.yaml"] + "destinations:\n  newsletter: {resubscribe: pending}\n"
DOUBLE_OPT_IN = FILES["connections/newsletter.yaml"].replace("config: {", "config: {double_optin: true, ")


@pytest.fixture
def alice(life: Life) -> Somebody:
    """Alice said yes to everything at the shop, and all vendors know it."""
    alice = life.town.welcome("Alice", 156)
    life.sync()
    life.sync()
    life.town.forget()
    life.later(days=1)
    return alice


def test_a_re_consent_reaches_the_help_desk_though_we_wrote_the_other_channel_after_the_no(life: Life) -> None:
    alice = life.town.welcome("Alice", 156)
    life.town.shop.unsubscribe(alice.customer, "email")
    life.sync()
    life.sync()
    assert life.town.consents("help") == [("email", alice.email, "out"), ("sms", alice.phone, "in")]
    life.later(days=1)
    life.town.shop.fill_form(alice.customer, "email")
    life.sync()
    assert life.town.help.sendable(alice.email, "email")


def test_mailchimp_gets_one_pending_for_a_yes_and_the_person_confirms_by_a_click(life: Life, alice: Somebody) -> None:
    life.configure(consent=BY_CONFIRMATION, connections_newsletter=DOUBLE_OPT_IN)
    town = life.town
    town.newsletter.click_unsubscribe(LIST, alice.email)
    life.sync()
    life.later(days=1)
    town.shop.fill_form(alice.customer, "email")
    for _ in range(4):
        life.sync()
        life.later(days=1)
    assert town.changed("newsletter") == [(alice.email, "in", "unsubscribed", "pending")]
    assert [mail.address for mail in town.newsletter.mails] == [alice.email]
    assert not town.newsletter.sendable(alice.email, "email")
    assert town.newsletter.confirm(LIST, alice.email)
    life.sync()
    assert town.newsletter.sendable(alice.email, "email")
    assert sketch(life.sync().plan.operations) == []
    assert [told for told in town.consents("newsletter") if told[2] == "in"] == [("email", alice.email, "in")]


def test_mailchimp_gets_a_second_pending_only_for_a_second_yes(life: Life, alice: Somebody) -> None:
    life.configure(consent=BY_CONFIRMATION, connections_newsletter=DOUBLE_OPT_IN)
    town = life.town
    for _ in range(2):
        town.newsletter.click_unsubscribe(LIST, alice.email)
        life.sync()
        life.later(days=1)
        town.shop.fill_form(alice.customer, "email")
        life.sync()
        life.sync()
        life.later(days=1)
    assert len(town.newsletter.mails) == 2


def test_a_gateway_that_was_not_heard_holds_back_no_yes_by_e_mail(life: Life) -> None:
    alice = life.town.welcome("Alice", 156, consent="NONE", sms="NONE")
    life.sync()
    life.later(days=1)
    life.town.shop.fill_form(alice.customer, "email")
    life.town.shop.fill_form(alice.customer, "sms")
    life.town.texts.script(Fault(match="Messages", times=1_000, status=503))
    life.later(hours=1)
    life.hub.round()
    assert life.town.consents("help") == [("email", alice.email, "in")]


def test_a_ticket_that_asks_to_be_unsubscribed_holds_every_address_until_a_person_has_read_it(
    life: Life, alice: Somebody
) -> None:
    life.town.shop.place_order(alice.customer)
    life.town.shop.place_order(alice.customer)
    life.sync()
    life.town.forget()
    life.town.help.open_ticket(alice.user, "Mails", "Hello, please unsubscribe me from all of this. Alice")
    life.sync()
    assert life.hub.reason("email", alice.email) == life.hub.reason("sms", alice.phone) == "hold"
    assert all(life.town.consents(name) == [] for name in life.town.simulators)
    tags = {name: life.town.tags(name) for name in ("shop", "newsletter", "help")}
    assert {name: [told[2] for told in found] for name, found in tags.items()} == {name: ["remove"] for name in tags}
    life.sync(full=True)
    life.later(days=60)
    life.sync()
    assert life.hub.reason("email", alice.email) == "hold"
    life.hub.lift("email", alice.email)
    life.sync()
    assert life.hub.reason("email", alice.email) == life.hub.reason("sms", alice.phone) == "granted"


@pytest.mark.fault("W02")
def test_an_opt_out_of_ours_whose_answer_was_lost_is_no_no_of_theirs(life: Life, alice: Somebody) -> None:
    """Pushed again without a pull in between: the read before the write must know our own hand."""
    life.town.shop.unsubscribe(alice.customer, "email")
    life.later(minutes=10)
    life.hub.round(push=False)
    life.town.help.script(Fault(match="update_many", lose_reply=True))
    for _ in range(2):
        push_what_may_go(life.hub.store, life.hub.settings)
        life.later(minutes=1)
    life.sync()
    assert [row["status"] for row in life.hub.deliveries("help") if row["wanted"] == "out"] == ["confirmed"]
    life.later(days=1)
    life.town.shop.fill_form(alice.customer, "email")
    life.sync()
    assert life.town.help.sendable(alice.email, "email")
