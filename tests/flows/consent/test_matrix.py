"""`make consent-matrix`: the traps of each vendor, line by line, judged by the simulators' own ledgers and states."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.mailchimp.audience import subscriber_hash
from connectors.twilio.simulator import SENDER
from hub.stages.ledger import events
from tests.flows.consent.life import Life
from tests.flows.consent.town import FILES, LIST, Somebody

Proof = Callable[[Life, Somebody], None]

OTHER_SENDER = "MGfedcba9876543210fedcba9876543210"
KEYWORDS = FILES["consent.yaml"].replace("sms: [", "sms: [texts.keyword, ")


def _known(life: Life) -> None:
    """Everybody knows what there was until now; what the vendors are told counts from here."""
    life.sync(full=True)
    assert life.sync().plan.operations == ()
    life.town.forget()
    life.later(days=1)


def _opt_out_older_than_the_stored_time(life: Life, charlie: Somebody) -> None:
    _known(life)
    life.town.newsletter.click_unsubscribe(LIST, charlie.email)
    life.later(hours=1)
    life.town.shop.foreign_copy(charlie.customer, "email", "UNSUBSCRIBED", level="UNKNOWN")
    life.town.shop.foreign_copy(charlie.customer, "email", "SUBSCRIBED", level="UNKNOWN")
    life.sync()
    assert life.town.changed("shop") == [(charlie.email, "out", "SUBSCRIBED", "UNSUBSCRIBED")]
    ends = [row["status"] for row in life.hub.deliveries("shop") if row["wanted"] == "out"]
    assert ends == ["confirmed"]
    assert life.sync().plan.operations == ()


def _tag_push_leaves_foreign_tags(life: Life, alice: Somebody) -> None:
    life.town.shop.store.upsert("customers", {"id": alice.customer, "tags": ["Gold", "walk-in"]})
    for _ in range(2):
        life.town.shop.place_order(alice.customer)
    life.sync()
    assert _shop_tags(life, alice) == {"Gold", "walk-in", "VIP"}
    life.town.shop.unsubscribe(alice.customer, "email")
    life.sync()
    assert _shop_tags(life, alice) == {"Gold", "walk-in"}


def _shop_tags(life: Life, who: Somebody) -> set[str]:
    return set(life.town.shop.store.collections["customers"].nodes[who.customer]["tags"])


def _profile_push_between_unsubscribe_and_re_consent(life: Life, charlie: Somebody) -> None:
    """A tool that edits the profile moves the time of the last change, and that says nothing of consent."""
    _known(life)
    member = subscriber_hash(charlie.email)
    life.town.newsletter.click_unsubscribe(LIST, charlie.email)
    life.sync()
    life.later(days=1)
    life.town.newsletter.edit(LIST, member, merge_fields={"LNAME": "Chan"})
    life.sync()
    assert not life.town.shop.sendable(charlie.email, "email")
    life.town.shop.fill_form(charlie.customer, "email")
    life.later(hours=1)
    life.town.newsletter.edit(LIST, member, merge_fields={"LNAME": "Town"})
    life.sync()
    assert life.town.shop.sendable(charlie.email, "email")
    assert life.town.help.sendable(charlie.email, "email")
    assert life.town.changed("newsletter") == []
    assert not life.town.newsletter.sendable(charlie.email, "email")


def _refused_re_subscribe(life: Life, charlie: Somebody) -> None:
    """The refusal is met head on: the hub takes the no at Mailchimp for its own until the vendor refuses."""
    _known(life)
    life.town.shop.unsubscribe(charlie.customer, "email")
    life.sync()
    life.sync()
    life.town.newsletter.audiences[LIST].locked.add(subscriber_hash(charlie.email))  # they clicked once more, unseen
    life.later(days=1)
    life.town.shop.fill_form(charlie.customer, "email")
    for _ in range(3):
        life.sync()
    assert [told for told in life.town.consents("newsletter") if told[2] == "in"] == [("email", charlie.email, "in")]
    assert [row["status"] for row in life.hub.deliveries("newsletter")][-1] == "vendor_locked"
    assert life.town.shop.sendable(charlie.email, "email")
    assert life.town.help.sendable(charlie.email, "email")
    assert life.hub.reason("email", charlie.email) == "granted"


def _stop_before_the_first_run(life: Life, charlie: Somebody) -> None:
    life.town.texts.stop_before_the_hub(charlie.phone)
    for _ in range(3):
        life.sync()
        life.later(days=1)
    life.town.shop.fill_form(charlie.customer, "sms")
    life.sync()
    assert life.town.consents("texts") == []
    assert life.town.texts.blocked(charlie.phone)


def _start_to_another_sender(life: Life, charlie: Somebody) -> None:
    life.configure(consent=KEYWORDS)
    life.town.texts.add_service(OTHER_SENDER, ["+61480555002"])
    _known(life)
    life.town.texts.text(charlie.phone, "STOP")
    life.sync()
    life.later(days=1)
    life.town.texts.text(charlie.phone, "START", to=OTHER_SENDER)
    life.sync()
    assert life.town.texts.blocked(charlie.phone, SENDER)
    assert not life.town.shop.sendable(charlie.phone, "sms")
    assert not life.town.help.sendable(charlie.phone, "sms")
    assert {told[2] for name in life.town.simulators for told in life.town.consents(name)} == {"out"}


def _fifty_refusals(life: Life, charlie: Somebody) -> None:
    _known(life)
    life.town.texts.stop_before_the_hub(charlie.phone)
    life.town.texts.send(charlie.phone, "Sale!")
    life.sync()
    life.later(days=1)
    life.town.shop.fill_form(charlie.customer, "sms")
    for _ in range(7):
        for _ in range(7):
            life.later(hours=1)
            life.town.texts.send(charlie.phone, "Sale!")
        life.sync()
    said = [row for row in life.hub.rows(events) if row["source"] == "texts" and row["action"] == "withdraw"]
    assert len(said) == 1
    assert life.town.changed("shop") == [(charlie.phone, "out", "SUBSCRIBED", "UNSUBSCRIBED")]
    assert life.town.shop.sendable(charlie.phone, "sms")
    assert life.town.help.sendable(charlie.phone, "sms")
    assert life.town.texts.blocked(charlie.phone)


def _one_failed_row(life: Life, charlie: Somebody) -> None:
    bob = life.town.welcome("Bob", 157)
    _known(life)
    for who in (bob, charlie):
        life.town.shop.unsubscribe(who.customer, "email")
    life.town.help.fail_next(charlie.user, "the record was locked")
    life.sync()
    assert sorted(life.town.consents("help")) == [("email", bob.email, "out"), ("email", charlie.email, "out")]
    assert [change[0] for change in life.town.changed("help")] == [bob.email]
    life.town.forget()
    life.sync()
    assert life.town.changed("help") == [(charlie.email, "out", "granted", "withdrawn")]
    assert life.town.consents("help") == [("email", charlie.email, "out")]


def _field_only_push(life: Life, charlie: Somebody) -> None:
    life.town.help.edit(charlie.user, tags=["gold", "walk_in"])
    _known(life)
    life.town.shop.unsubscribe(charlie.customer, "email")
    life.sync()
    assert life.town.changed("help") == [(charlie.email, "out", "granted", "withdrawn")]
    assert life.town.help.account.users[charlie.user]["tags"] == ["gold", "walk_in"]
    assert life.town.tags("help") == []


def _own_field_read_back(life: Life, charlie: Somebody) -> None:
    _known(life)
    life.town.shop.unsubscribe(charlie.customer, "email")
    life.sync()
    life.later(days=1)
    life.town.shop.fill_form(charlie.customer, "email")
    life.later(hours=1)
    life.town.help.edit(charlie.user, notes="called about a parcel")  # our no, read again after the yes
    for _ in range(3):
        life.sync(full=True)
    assert life.town.shop.sendable(charlie.email, "email")
    assert all(row["echo_of"] for row in life.hub.rows(events) if row["source"] == "help")


MATRIX: list[tuple[str, str, Proof]] = [
    (
        "Shopify",
        "an opt-out older than the stored time ends confirmed or in review, never overdue",
        _opt_out_older_than_the_stored_time,
    ),
    ("Shopify", "a tag push leaves foreign tags", _tag_push_leaves_foreign_tags),
    (
        "Mailchimp",
        "a profile push between unsubscribe and re-consent changes no consent",
        _profile_push_between_unsubscribe_and_re_consent,
    ),
    ("Mailchimp", "a refused re-subscribe leaves every other destination alone", _refused_re_subscribe),
    ("Twilio", "a STOP placed before the hub's first run is never overridden", _stop_before_the_first_run),
    ("Twilio", "START to another sender unlocks nothing", _start_to_another_sender),
    ("Twilio", "50 x 21610 make one withdrawal", _fifty_refusals),
    ("Zendesk", "one failed row in a completed job is retried alone", _one_failed_row),
    ("Zendesk", "a field-only push leaves tags", _field_only_push),
    ("Zendesk", "read-back of our own field is no evidence", _own_field_read_back),
]


@pytest.mark.parametrize(
    "proof", [proof for _, _, proof in MATRIX], ids=[f"{vendor}: {line}" for vendor, line, _ in MATRIX]
)
def test_consent_matrix(life: Life, proof: Proof) -> None:
    proof(life, life.town.welcome("Charlie", 158))
