"""Consent written to a simulated Mailchimp over sockets: what is confirmed, what is refused, what is never done."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.kit.destination import Outcome
from connectors.kit.errors import AuthError, BadPayload, ConfigError, VendorDown
from connectors.kit.simulator import Fault
from connectors.kit.testing import FakeClock
from connectors.mailchimp.audience import subscriber_hash
from connectors.mailchimp.destination import MailchimpDestination
from connectors.mailchimp.simulator import MailchimpSimulator
from connectors.mailchimp.source import MEMBERS
from tests.connectors.mailchimp.conftest import Open
from tests.connectors.mailchimp.estate import (
    ALICE,
    AUDIENCE,
    BOB,
    CHARLIE,
    DORA,
    RestlessSimulator,
    consent,
    crowd,
    destination_at,
)

A, B, C, D = (person["email_address"] for person in (ALICE, BOB, CHARLIE, DORA))
NOBODY = "nobody@example.com"


@pytest.fixture(autouse=True)
def _members(simulator: RestlessSimulator) -> None:
    simulator.load(AUDIENCE, [ALICE, BOB, CHARLIE, DORA])


def status_of(simulator: MailchimpSimulator, email: str) -> str:
    """The real one, which an archived member does not show."""
    return str(simulator.audiences[AUDIENCE].members[subscriber_hash(email)]["status"])


def statuses(outcomes: list[Outcome]) -> list[str]:
    assert not [outcome for outcome in outcomes if "@" in outcome.message]
    return [outcome.status for outcome in outcomes]


def effects(simulator: MailchimpSimulator) -> list[tuple[str, str, str, str]]:
    entries = [entry.effect for entry in simulator.ledger if entry.effect]
    return [(e["address"], e["wanted"], e["before"], e["after"]) for entry in entries for e in entry["consents"]]


def methods(simulator: MailchimpSimulator) -> list[str]:
    return [entry.method for entry in simulator.ledger]


def test_an_opt_out_is_confirmed_by_the_status_in_the_answer(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    assert destination.write_consent([consent(A, "out")]) == [Outcome("confirmed")]
    assert effects(simulator) == [(A, "out", "subscribed", "unsubscribed")]


def test_a_required_merge_field_that_is_empty_does_not_stand_in_the_way_of_an_opt_out(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    destination.write_consent([consent(A, "out")])
    (written,) = (entry for entry in simulator.ledger if entry.effect)
    assert written.query == {"skip_merge_validation": "true"}


def test_a_yes_is_written_where_nobody_said_no_by_themselves(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    assert statuses(destination.write_consent([consent(B, "in"), consent(C, "in")])) == ["confirmed", "confirmed"]
    assert effects(simulator) == [(B, "in", "transactional", "subscribed"), (C, "in", "unsubscribed", "subscribed")]


def test_what_stands_already_is_confirmed_without_another_write(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    simulator.click_unsubscribe(AUDIENCE, C)
    before = dict(simulator.audiences[AUDIENCE].members)
    assert statuses(destination.write_consent([consent(A, "in"), consent(C, "out")])) == ["confirmed", "confirmed"]
    assert simulator.audiences[AUDIENCE].members == before


def test_somebody_to_confirm_gets_one_mail_and_their_click_makes_them_subscribed(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    simulator.click_unsubscribe(AUDIENCE, C)
    asked = [consent(C, "in", by_confirmation=True)]
    assert statuses(destination.write_consent(asked) + destination.write_consent(asked)) == ["confirmed", "confirmed"]
    assert [mail.address for mail in simulator.mails] == [C]
    assert status_of(simulator, C) == "pending"
    assert simulator.confirm(AUDIENCE, C)
    assert status_of(simulator, C) == "subscribed"


def test_a_subscribed_member_is_not_asked_to_confirm(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    assert statuses(destination.write_consent([consent(A, "in", by_confirmation=True)])) == ["confirmed"]
    assert (status_of(simulator, A), simulator.mails) == ("subscribed", [])


@pytest.mark.fault("W05")
@pytest.mark.parametrize("verb", ["click_unsubscribe", "complain", "bounce"])
def test_a_no_of_the_persons_own_is_locked_by_the_vendor_and_never_deleted_to_be_added_anew(
    simulator: RestlessSimulator, destination: MailchimpDestination, verb: str
) -> None:
    getattr(simulator, verb)(AUDIENCE, C)
    before = status_of(simulator, C)
    (outcome,) = destination.write_consent([consent(C, "in")])
    assert outcome.status == "vendor_locked"
    assert "only the person" in outcome.message
    assert effects(simulator) == [(C, "in", before, before)]
    assert set(methods(simulator)) == {"GET", "PATCH"}


def test_somebody_deleted_between_the_look_and_the_write_stays_forgotten(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    simulator.schedule = [lambda: None, lambda: simulator.delete(AUDIENCE, subscriber_hash(B))]
    (outcome,) = destination.write_consent([consent(B, "in")])
    assert (outcome.status, "deleted" in outcome.message) == ("vendor_locked", True)
    assert subscriber_hash(B) not in simulator.audiences[AUDIENCE].members


@pytest.mark.parametrize("wanted", ["in", "out"])
def test_an_archived_member_is_left_in_the_archive(
    simulator: RestlessSimulator, destination: MailchimpDestination, wanted: Any
) -> None:
    assert destination.write_consent([consent(D, wanted)]) == [Outcome("not_held", "archived")]
    assert effects(simulator) == []
    assert subscriber_hash(D) in simulator.audiences[AUDIENCE].archived


def test_an_address_that_the_audience_does_not_hold_is_not_held_and_not_added(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    assert statuses(destination.write_consent([consent(NOBODY, "out"), consent(A, "out")])) == ["not_held", "confirmed"]
    assert subscriber_hash(NOBODY) not in simulator.audiences[AUDIENCE].members


def test_in_a_wrong_audience_nobody_is_taken_for_gone(address: str, clock: FakeClock) -> None:
    destination = destination_at(address, clock, audience="0000000000")
    with pytest.raises(ConfigError, match="`audience`"):
        destination.write_consent([consent(A, "out")])
    with pytest.raises(ConfigError, match="`audience`"):
        destination.fetch([subscriber_hash(A)])
    destination.close()


@pytest.mark.fault("W01")
def test_one_row_that_is_refused_does_not_hold_back_the_others(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    simulator.complain(AUDIENCE, C)
    invalid = json.dumps({"title": "Invalid Resource", "status": 400, "detail": A}).encode()
    path = f"/members/{subscriber_hash(A)}"
    simulator.script(Fault(match=path, after=1, status=400, body=invalid, headers={"Content-Type": "application/json"}))
    batch = [consent(C, "in"), consent(A, "out"), consent(NOBODY, "out"), consent(D, "out"), consent(B, "out")]
    outcomes = destination.write_consent(batch)
    assert statuses(outcomes) == ["vendor_locked", "rejected", "not_held", "not_held", "confirmed"]
    assert "Invalid Resource" in outcomes[1].message
    assert status_of(simulator, B) == "unsubscribed"


@pytest.mark.fault("W02")
def test_a_lost_answer_is_unknown_for_its_row_alone_and_had_one_effect(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    simulator.script(Fault(match=f"/members/{subscriber_hash(A)}", after=1, lose_reply=True))
    batch = [consent(A, "out"), consent(B, "out")]
    assert statuses(destination.write_consent(batch)) == ["unknown", "confirmed"]
    assert effects(simulator)[0] == (A, "out", "subscribed", "unsubscribed")
    assert statuses(destination.write_consent(batch)) == ["confirmed", "confirmed"]
    assert len(effects(simulator)) == 2


def test_a_vendor_that_is_down_from_the_start_makes_the_whole_batch_unknown(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    simulator.script(Fault(status=503, times=100))
    with pytest.raises(VendorDown):
        destination.write_consent([consent(A, "out"), consent(B, "out")])


def test_what_a_vendor_that_goes_down_was_never_sent_may_be_tried_again(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    simulator.script(Fault(after=2, status=503, times=100))
    batch = [consent(A, "out"), consent(B, "out"), consent(C, "in")]
    assert statuses(destination.write_consent(batch)) == ["confirmed", "retry", "retry"]
    assert [address for address, *_ in effects(simulator)] == [A]


def test_a_key_that_is_refused_stops_the_batch_before_anything_is_written(
    simulator: RestlessSimulator, address: str, clock: FakeClock
) -> None:
    destination = destination_at(address, clock, api_key="wrong")
    with pytest.raises(AuthError):
        destination.write_consent([consent(A, "out")])
    destination.close()
    assert [entry.status for entry in simulator.ledger] == [401]


@pytest.mark.parametrize("body", [b'{"status": "subscribed"}', b"[]", b"<html>"])
def test_an_answer_that_does_not_say_the_wanted_status_confirms_nothing(
    simulator: RestlessSimulator, destination: MailchimpDestination, body: bytes
) -> None:
    reply = Fault(match="/members/", after=1, status=200, body=body, headers={"Content-Type": "application/json"})
    simulator.script(reply)
    assert statuses(destination.write_consent([consent(A, "out")])) == ["unknown"]


def test_a_fetched_record_is_byte_for_byte_the_pulled_one(
    simulator: RestlessSimulator, destination: MailchimpDestination, open_source: Open
) -> None:
    simulator.load(AUDIENCE, crowd(3))
    simulator.click_unsubscribe(AUDIENCE, C)
    pulled = {record.id: record for page in open_source().pull(MEMBERS, None) for record in page.records}
    fetched = destination.fetch([*pulled, subscriber_hash(NOBODY)])
    assert [record.id for record in fetched] == list(pulled)
    for record in fetched:
        assert json.dumps(record.data) == json.dumps(pulled[record.id].data)
        assert record == pulled[record.id]
    assert {record.data["status"] for record in fetched if record.data["email_address"] == D} == {"archived"}


def test_a_member_without_an_id_is_never_a_record(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    simulator.script(Fault(status=200, times=9, body=b"{}", headers={"Content-Type": "application/json"}))
    with pytest.raises(BadPayload):
        destination.fetch([subscriber_hash(A)])
