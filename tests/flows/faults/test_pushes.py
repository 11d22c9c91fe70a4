"""Pushes past a poisonous contact, past one that is rejected for ever, and past people who change their minds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.kit.simulator import Fault
from tests.flows.consent.life import Life, alive
from tests.flows.consent.town import LIST, Somebody


@pytest.fixture
def life(tmp_path: Path, database_url: str) -> Iterator[Life]:
    with alive(tmp_path, database_url) as life:
        yield life


@pytest.fixture
def pair(life: Life) -> tuple[Somebody, Somebody]:
    """Charlie and Dora, who said yes to everything, say no at the shop; nobody else has been told."""
    charlie, dora = (life.town.welcome(name, number) for name, number in (("Charlie", 158), ("Dora", 159)))
    life.sync()
    life.sync()
    life.town.forget()
    life.later(days=1)
    for who in (charlie, dora):
        life.town.shop.unsubscribe(who.customer, "email")
    return charlie, dora


def poison(life: Life, who: Somebody, status: int) -> None:
    """From now on the newsletter fails whenever it is asked about this person."""
    member = hashlib.md5(who.email.encode()).hexdigest()
    body = b'{"title": "Invalid Resource", "status": 400, "detail": "no"}'
    life.town.newsletter.script(Fault(match=member, status=status, times=10_000, body=body))


def optouts(life: Life, who: Somebody) -> list[tuple[str, int]]:
    """Status and attempts of this person's opt-outs at the newsletter."""
    rows = [row for row in life.hub.deliveries("newsletter") if row["wanted"] == "out" and row["address"] == who.email]
    return [(row["status"], row["attempts"]) for row in rows]


@pytest.mark.fault("W08")
@pytest.mark.fault("W01")
@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("poisonous", [0, 1])
def test_a_contact_that_the_vendor_chokes_on_holds_up_nobody_else(
    life: Life, pair: tuple[Somebody, Somebody], status: int, poisonous: int
) -> None:
    bad, good = pair[poisonous], pair[1 - poisonous]
    poison(life, bad, status)
    life.sync()
    assert [change[:2] for change in life.town.changed("newsletter")] == [(good.email, "out")]
    assert optouts(life, bad) == [("queued", 1)]
    life.town.clear_faults()
    life.later(hours=1)
    life.sync()
    assert sorted(change[0] for change in life.town.changed("newsletter")) == sorted((bad.email, good.email))
    assert len(life.town.consents("newsletter")) == 2


@pytest.mark.fault("W08")
def test_a_vendor_that_is_down_is_no_contacts_fault(life: Life, pair: tuple[Somebody, Somebody]) -> None:
    life.later(minutes=10)
    life.hub.round(push=False)
    life.town.newsletter.script(Fault(match="/members/", status=503, times=10_000))
    (end,) = [one for one in life.hub.round(connections=[]).push.ends if one.destination == "newsletter"]
    assert end.exit_code == 69
    assert [optouts(life, who) for who in pair] == [[("queued", 0)], [("queued", 0)]]


@pytest.mark.fault("W09")
def test_what_is_refused_for_ever_is_tried_later_and_later_and_ends_with_its_reason(
    life: Life, pair: tuple[Somebody, Somebody]
) -> None:
    charlie, _ = pair
    poison(life, charlie, 400)
    tried = []
    for _ in range(12):
        life.sync()
        tried.append(sum(attempts for _, attempts in optouts(life, charlie)))
        if optouts(life, charlie)[0][0] == "dead":
            break
        life.later(minutes=30)
    (first, *_) = [row for row in life.hub.deliveries("newsletter") if row["wanted"] == "out" and row["attempts"] == 8]
    assert (first["status"], first["address"]) == ("dead", charlie.email)
    assert first["message"] == "Mailchimp refuses this for the member: Invalid Resource"
    assert tried[:5] == [1, 2, 3, 4, 5]
    assert tried.index(8) - 1 > 5, "the last ones are further apart than the rounds"


@pytest.mark.fault("W12")
def test_who_changes_their_mind_while_a_yes_is_queued_is_sent_the_last_word(life: Life) -> None:
    charlie = life.town.welcome("Charlie", 158, consent="UNSUBSCRIBED")
    life.sync()
    life.sync()
    life.later(days=1)
    life.town.shop.fill_form(charlie.customer, "email")
    life.town.forget()
    life.later(minutes=10)
    patience = {"Retry-After": "7200"}
    life.town.newsletter.script(Fault(match="/members/", times=9, status=429, headers=patience))
    life.hub.round()
    assert [row["status"] for row in life.hub.deliveries("newsletter") if row["wanted"] == "in"] == ["queued"]
    life.town.clear_faults()
    life.later(hours=1)
    life.town.newsletter.click_unsubscribe(LIST, charlie.email)
    life.sync()
    life.sync()
    assert "in" not in [wanted for _, _, wanted in life.town.consents("newsletter")]
    assert life.town.sending_to("email", charlie.email) == []
