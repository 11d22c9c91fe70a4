"""What people, owners and other tools do at the simulated Mailchimp, and to whom it would send afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.kit.testing import FakeClock
from connectors.mailchimp.audience import BY_ADMIN, subscriber_hash
from connectors.mailchimp.simulator import MailchimpSimulator
from tests.connectors.mailchimp.estate import ALICE, AUDIENCE, BOB, CHARLIE, DORA

A, B, C, D = (person["email_address"] for person in (ALICE, BOB, CHARLIE, DORA))
EVE = "Eve@Example.com"
OTHER = "0ther11571"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def vendor(clock: FakeClock) -> MailchimpSimulator:
    simulator = MailchimpSimulator(now=clock.now)
    simulator.load(AUDIENCE, [ALICE, BOB, CHARLIE, DORA])
    return simulator


def held(vendor: MailchimpSimulator, email: str) -> Any:
    return vendor.audiences[AUDIENCE].members[subscriber_hash(email)]


def status(vendor: MailchimpSimulator, email: str) -> str:
    return str(held(vendor, email)["status"])


def test_a_click_on_unsubscribe_is_told_as_the_subscribers_own(vendor: MailchimpSimulator) -> None:
    assert vendor.click_unsubscribe(AUDIENCE, A.upper())
    assert held(vendor, A)["unsubscribe_reason"] == "N/A (Unsubscribed by the subscriber)"
    assert held(vendor, A)["last_changed"] == "2026-06-01T09:00:00+00:00"
    assert held(vendor, A)["timestamp_opt"] == ALICE["timestamp_opt"]


def test_a_click_after_a_tools_unsubscribe_makes_the_no_the_persons_own(vendor: MailchimpSimulator) -> None:
    assert held(vendor, C)["unsubscribe_reason"] == BY_ADMIN
    assert vendor.foreign_copy(AUDIENCE, C, "subscribed")
    assert vendor.foreign_copy(AUDIENCE, C, "unsubscribed")
    assert vendor.click_unsubscribe(AUDIENCE, C)
    assert not vendor.foreign_copy(AUDIENCE, C, "subscribed")
    assert status(vendor, C) == "unsubscribed"


def test_a_complaint_leaves_an_abuse_report(vendor: MailchimpSimulator) -> None:
    assert vendor.complain(AUDIENCE, A)
    (report,) = vendor.audiences[AUDIENCE].abuse_reports
    assert (report["email_address"], report["date"]) == (A, "2026-06-01T09:00:00+00:00")
    assert status(vendor, A) == "unsubscribed"


def test_a_bounce_cleans(vendor: MailchimpSimulator) -> None:
    assert vendor.bounce(AUDIENCE, A)
    assert status(vendor, A) == "cleaned"


@pytest.mark.parametrize("verb", ["click_unsubscribe", "complain", "bounce", "confirm"])
def test_nobody_can_leave_or_confirm_who_is_not_there(vendor: MailchimpSimulator, verb: str) -> None:
    assert not getattr(vendor, verb)(AUDIENCE, EVE)
    assert vendor.sendable(EVE, "email") is None


def test_a_form_subscribes_at_once_where_nobody_is_asked_to_confirm(vendor: MailchimpSimulator) -> None:
    assert vendor.fill_form(AUDIENCE, EVE)
    assert (status(vendor, EVE), held(vendor, EVE)["timestamp_opt"]) == ("subscribed", "2026-06-01T09:00:00+00:00")
    assert vendor.mails == []
    assert not vendor.fill_form(AUDIENCE, EVE)


def test_a_form_of_a_double_opt_in_audience_waits_for_the_click(vendor: MailchimpSimulator, clock: FakeClock) -> None:
    vendor.load(AUDIENCE, double_optin=True)
    assert vendor.fill_form(AUDIENCE, EVE)
    assert (status(vendor, EVE), held(vendor, EVE)["timestamp_opt"]) == ("pending", "")
    assert [mail.address for mail in vendor.mails] == [EVE.lower()]
    clock.advance(timedelta(hours=1))
    assert vendor.confirm(AUDIENCE, EVE)
    assert (status(vendor, EVE), held(vendor, EVE)["timestamp_opt"]) == ("subscribed", "2026-06-01T10:00:00+00:00")
    assert not vendor.confirm(AUDIENCE, EVE)


def test_whoever_had_left_comes_back_by_a_form_and_a_click_and_is_free_again(vendor: MailchimpSimulator) -> None:
    vendor.click_unsubscribe(AUDIENCE, C)
    assert vendor.fill_form(AUDIENCE, C)
    assert status(vendor, C) == "pending"
    assert not vendor.foreign_copy(AUDIENCE, C, "subscribed")
    assert vendor.confirm(AUDIENCE, C)
    assert vendor.foreign_copy(AUDIENCE, C, "unsubscribed")
    assert vendor.foreign_copy(AUDIENCE, C, "subscribed")


def test_a_form_brings_back_from_the_archive(vendor: MailchimpSimulator) -> None:
    assert vendor.sendable(D, "email") is False
    assert vendor.fill_form(AUDIENCE, D)
    assert vendor.sendable(D, "email") is True


def test_a_changed_address_is_a_new_id_with_the_old_status_and_the_old_lock(vendor: MailchimpSimulator) -> None:
    vendor.click_unsubscribe(AUDIENCE, A)
    assert vendor.change_email(AUDIENCE, A, EVE)
    assert vendor.sendable(A, "email") is None
    assert (status(vendor, EVE), held(vendor, EVE)["id"]) == ("unsubscribed", subscriber_hash(EVE))
    assert not vendor.foreign_copy(AUDIENCE, EVE, "subscribed")
    assert vendor.change_email(AUDIENCE, D, "dora@example.org")
    assert subscriber_hash("dora@example.org") in vendor.audiences[AUDIENCE].archived


def test_an_address_that_is_taken_or_not_there_is_not_changed(vendor: MailchimpSimulator) -> None:
    assert not vendor.change_email(AUDIENCE, A, B)
    assert not vendor.change_email(AUDIENCE, EVE, "eve@example.org")
    assert (status(vendor, A), status(vendor, B)) == ("subscribed", "transactional")


def test_a_customer_without_consent_is_transactional_and_one_who_is_there_keeps_the_status(
    vendor: MailchimpSimulator,
) -> None:
    assert vendor.add_without_consent(AUDIENCE, EVE, merge_fields={"FNAME": "Eve"})
    assert (status(vendor, EVE), held(vendor, EVE)["full_name"]) == ("transactional", "Eve")
    assert vendor.add_without_consent(AUDIENCE, A, vip=True)
    assert (status(vendor, A), held(vendor, A)["vip"]) == ("subscribed", True)
    vendor.delete(AUDIENCE, subscriber_hash(A))
    assert not vendor.add_without_consent(AUDIENCE, A)


def test_an_import_subscribes_new_ones_and_those_a_tool_unsubscribed_but_nobody_who_left(
    vendor: MailchimpSimulator,
) -> None:
    vendor.load(AUDIENCE, [{"email_address": "frank@example.com", "status": "subscribed"}])
    vendor.click_unsubscribe(AUDIENCE, "frank@example.com")
    vendor.delete(AUDIENCE, subscriber_hash(B))
    assert vendor.import_list(AUDIENCE, [A, B, C, EVE, "frank@example.com"]) == [C, EVE]
    assert status(vendor, "frank@example.com") == "unsubscribed"


def test_what_people_and_others_do_is_not_in_the_ledger(vendor: MailchimpSimulator) -> None:
    vendor.click_unsubscribe(AUDIENCE, A)
    vendor.foreign_copy(AUDIENCE, C, "subscribed")
    assert vendor.ledger == []


@pytest.mark.parametrize(
    ("state", "answer"),
    [("subscribed", True), ("unsubscribed", False), ("cleaned", False), ("pending", False), ("transactional", False)],
)
def test_only_a_subscribed_member_would_be_sent_to_and_none_in_the_archive(
    vendor: MailchimpSimulator, state: str, answer: bool
) -> None:
    vendor.load(AUDIENCE, [{"email_address": EVE, "status": state}])
    assert vendor.sendable(EVE.lower(), "email") is answer
    assert vendor.sendable(EVE, "sms") is None
    vendor.archive(AUDIENCE, subscriber_hash(EVE))
    assert vendor.sendable(EVE, "email") is False


def test_one_list_that_would_send_is_enough(vendor: MailchimpSimulator) -> None:
    vendor.click_unsubscribe(AUDIENCE, A)
    vendor.load(OTHER, [ALICE])
    assert vendor.sendable(A, "email") is True
    vendor.click_unsubscribe(OTHER, A)
    assert vendor.sendable(A, "email") is False
