"""What each address said last, judged by what the vendors hold, and by who may speak for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.demo.estate import Estate, make_estate
from hub.demo.lastacts import Key, Word, last_of, said_in
from hub.demo.people import START, Sighting, System, Text
from hub.demo.shop import e164

ALICE, PHONE = "Alice@example.org", "0491 570 156"
EMAIL, NUMBER = ("email", "alice@example.org"), ("sms", "+61491570156")
DAY = timedelta(days=1)

Told = tuple[System, Sighting]


def seen(**known: Any) -> Sighting:
    return Sighting(1, "Alice", "Vo", START, email=ALICE, phone=PHONE, **known)


def last(*told: Told) -> dict[Key, Word]:
    return last_of(one for system, sighting in told for one in said_in(system, sighting, sighting.phone))


def test_the_later_word_of_one_address_counts_wherever_it_was_said() -> None:
    yes: Told = ("shop", seen(consent="yes", consent_at=START + DAY))
    no: Told = ("newsletter", seen(consent="no", consent_at=START + 2 * DAY))
    assert last(yes, no) == last(no, yes) == {EMAIL: "out"}
    assert last(no, ("shop", seen(consent="yes", consent_at=START + 3 * DAY))) == {EMAIL: "in"}


def test_a_yes_and_a_no_of_the_same_moment_are_a_no() -> None:
    yes: Told = ("shop", seen(consent="yes", consent_at=START))
    no: Told = ("newsletter", seen(consent="no", consent_at=START))
    assert last(yes, no) == last(no, yes) == {EMAIL: "out"}


def test_alice_stops_texts_and_keeps_her_mail() -> None:
    stop, start = (Text(START + n * DAY, word, inbound=True) for n, word in ((1, "STOP"), (2, "START")))
    subscribed: Told = ("shop", seen(consent="yes", sms="yes"))
    assert last(subscribed, ("texts", seen(texts=(stop,)))) == {EMAIL: "in", NUMBER: "out"}
    assert last(("texts", seen(texts=(stop, start)))) == {NUMBER: "in"}


@pytest.mark.parametrize(
    ("system", "sighting"),
    [
        ("help", seen(consent="yes", sms="yes")),
        ("newsletter", seen(consent="yes", mark="imported")),
        ("texts", seen(texts=(Text(START, "Thanks!", inbound=True), Text(START, "STOP")))),
        ("shop", seen()),
    ],
    ids=["an agent's yes", "an import", "small talk, and our own words", "never asked"],
)
def test_what_is_no_act_of_hers(system: System, sighting: Sighting) -> None:
    assert last((system, sighting)) == {}


@pytest.fixture(scope="module")
def estate() -> Estate:
    return make_estate(600)


def test_who_is_unsubscribed_anywhere_and_said_nothing_since_is_out(estate: Estate) -> None:
    """Told from the records alone: where the shop is an address's only witness, its state is the last word."""
    elsewhere = {member["email_address"].lower() for member in estate.members}
    elsewhere |= {(user["email"] or "").lower() for user in estate.help_users}
    words = {"SUBSCRIBED": "in", "UNSUBSCRIBED": "out", "NOT_SUBSCRIBED": None}
    alone = {
        held["emailAddress"].lower(): words[held["marketingState"]]
        for node in estate.shop_customers
        if (held := node["defaultEmailAddress"]) and held["emailAddress"].lower() not in elsewhere
    }
    assert set(alone.values()) == {"in", "out", None}
    assert {address: estate.last_acts.get(("email", address)) for address in alone} == alone


def test_every_address_of_the_last_acts_is_one_that_a_vendor_holds(estate: Estate) -> None:
    held = {("email", member["email_address"].lower()) for member in estate.members}
    held |= {("sms", number) for number in estate.numbers}
    for node in estate.shop_customers:
        held.add(("email", node["defaultEmailAddress"]["emailAddress"].lower()))
        held.add(("sms", (node["defaultPhoneNumber"] or {}).get("phoneNumber", "")))
    for user in estate.help_users:
        held |= {("email", (user["email"] or "").lower()), ("sms", e164(user["phone"] or ""))}
    assert set(estate.last_acts) <= held
