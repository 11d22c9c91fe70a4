"""Tags written to a simulated Mailchimp: set one by one, read back, foreign tags left alone."""

from __future__ import annotations

import pytest

from connectors.kit.destination import Outcome
from connectors.kit.simulator import Fault
from connectors.mailchimp.audience import subscriber_hash
from connectors.mailchimp.destination import MailchimpDestination
from tests.connectors.mailchimp.estate import ALICE, AUDIENCE, BOB, CHARLIE, RestlessSimulator, tagging

A, B, C = (person["email_address"] for person in (ALICE, BOB, CHARLIE))
NOBODY = "nobody@example.com"
NO_CONTENT = Fault(match="/tags", status=204)


@pytest.fixture(autouse=True)
def _members(simulator: RestlessSimulator) -> None:
    simulator.load(AUDIENCE, [ALICE, BOB, CHARLIE])


def tags_of(simulator: RestlessSimulator, email: str) -> list[str]:
    return [tag["name"] for tag in simulator.audiences[AUDIENCE].tags_of(subscriber_hash(email))]


def statuses(outcomes: list[Outcome]) -> list[str]:
    return [outcome.status for outcome in outcomes]


def test_tags_come_and_go_and_those_of_others_stay(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    changes = [tagging(B, "gold", "add"), tagging(A, "gold", "add"), tagging(B, "wine", "remove")]
    assert destination.write_tags(changes) == [Outcome("confirmed")] * 3
    assert (tags_of(simulator, A), tags_of(simulator, B)) == (["vip", "gold"], ["vip", "gold"])
    assert [entry.method for entry in simulator.ledger] == ["POST", "GET", "POST", "GET"]
    told = [e for entry in simulator.ledger if entry.effect for e in entry.effect["tags"]]
    assert [(e["address"], e["tag"], e["wanted"], e["applied"]) for e in told] == [
        (B, "gold", "add", True),
        (B, "wine", "remove", True),
        (A, "gold", "add", True),
    ]


def test_a_204_that_did_nothing_is_caught_by_reading_back(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    simulator.script(NO_CONTENT)
    outcomes = destination.write_tags([tagging(A, "gold", "add"), tagging(A, "vip", "add")])
    assert statuses(outcomes) == ["rejected", "confirmed"]
    assert tags_of(simulator, A) == ["vip"]


def test_a_tag_without_a_name_is_a_malformed_body_that_the_vendor_answers_with_204(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    outcomes = destination.write_tags([tagging(A, "gold", "add"), tagging(A, "", "add")])
    assert statuses(outcomes) == ["rejected", "rejected"]
    assert [entry.status for entry in simulator.ledger] == [204, 200]


def test_all_pages_of_a_members_tags_are_read_back(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    for number in range(1005):
        simulator.audiences[AUDIENCE].add_segment(f"tag {number}", [subscriber_hash(C)])
    assert statuses(destination.write_tags([tagging(C, "last of all", "add")])) == ["confirmed"]
    assert [entry.query.get("offset") for entry in simulator.ledger] == [None, "0", "1000"]


@pytest.mark.fault("W01")
def test_a_member_that_is_not_held_does_not_hold_back_the_others(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    outcomes = destination.write_tags([tagging(NOBODY, "gold", "add"), tagging(A, "gold", "add")])
    assert statuses(outcomes) == ["not_held", "confirmed"]


@pytest.mark.fault("W02")
def test_a_lost_answer_is_settled_by_reading_back(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    simulator.script(Fault(match="/tags", lose_reply=True), Fault(match="/tags", after=1, drop=True))
    changes = [tagging(A, "gold", "add"), tagging(B, "gold", "add")]
    assert statuses(destination.write_tags(changes)) == ["confirmed", "unknown"]
    assert (tags_of(simulator, A), tags_of(simulator, B)) == (["vip", "gold"], ["vip", "wine"])


def test_after_a_vendor_that_went_away_nothing_more_is_sent(
    simulator: RestlessSimulator, destination: MailchimpDestination
) -> None:
    simulator.script(Fault(match="/tags", after=1, times=100, status=503))
    changes = [tagging(A, "gold", "add"), tagging(B, "gold", "add")]
    assert statuses(destination.write_tags(changes)) == ["unknown", "retry"]
    assert tags_of(simulator, B) == ["vip", "wine"]
