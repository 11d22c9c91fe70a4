"""How segments are written: single tags in and out of a user's list, which is never replaced."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.destination import Outcome
from connectors.kit.errors import RateLimited
from connectors.kit.simulator import Fault
from connectors.kit.testing import FakeClock
from connectors.zendesk.destination import ZendeskDestination
from connectors.zendesk.simulator import ZendeskSimulator
from tests.connectors.zendesk.estate import ALICE, BOB, CHARLIE, segment

JSON = {"Content-Type": "application/json"}


def statuses(outcomes: list[Outcome]) -> list[str]:
    return [outcome.status for outcome in outcomes]


def tags(simulator: ZendeskSimulator, user_id: int) -> list[str]:
    held: list[str] = simulator.account.users[user_id]["tags"]
    return held


def requests(simulator: ZendeskSimulator) -> list[tuple[str, str]]:
    return [(entry.method, entry.path.removeprefix("/api/v2/users/")) for entry in simulator.ledger]


def test_tags_come_and_go_and_foreign_tags_and_consent_stay(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    simulator.edit(ALICE, tags=["vip", "old_segment"])
    fields = dict(simulator.account.users[ALICE]["user_fields"])
    outcomes = destination.write_tags([segment(ALICE, "add", "Summer"), segment(ALICE, "remove", "old_segment")])
    assert statuses(outcomes) == ["confirmed", "confirmed"]
    assert tags(simulator, ALICE) == ["vip", "summer"]
    assert simulator.account.users[ALICE]["user_fields"] == fields


def test_a_users_changes_in_one_direction_go_in_one_request(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    changes = [
        segment(ALICE, "add", "a"),
        segment(BOB, "add", "a"),
        segment(ALICE, "add", "b"),
        segment(ALICE, "remove", "vip"),
    ]
    assert statuses(destination.write_tags(changes)) == ["confirmed"] * 4
    assert requests(simulator) == [
        ("PUT", f"{ALICE}/tags"),
        ("PUT", f"{BOB}/tags"),
        ("DELETE", f"{ALICE}/tags"),
    ]
    assert (tags(simulator, ALICE), tags(simulator, BOB)) == (["a", "b"], ["a"])


def test_a_user_who_is_gone_holds_no_tag_and_the_others_are_written(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    simulator.deactivate(BOB)
    outcomes = destination.write_tags([segment(BOB, "add", "a"), segment("x", "add", "a"), segment(ALICE, "add", "a")])
    assert statuses(outcomes) == ["not_held", "not_held", "confirmed"]


def test_a_tag_of_several_words_is_not_sent(destination: ZendeskDestination, simulator: ZendeskSimulator) -> None:
    assert statuses(destination.write_tags([segment(ALICE, "add", "big spender")])) == ["rejected"]
    assert simulator.ledger == []


def test_the_sixth_change_of_a_user_within_a_minute_is_to_be_asked_for_again(
    destination: ZendeskDestination, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    for number in range(5):
        assert statuses(destination.write_tags([segment(ALICE, "add", f"t{number}")])) == ["confirmed"]
    with pytest.raises(RateLimited):
        destination.write_tags([segment(ALICE, "add", "t5")])
    clock.sleep(60)
    assert statuses(destination.write_tags([segment(ALICE, "add", "t5")])) == ["confirmed"]
    assert statuses(destination.write_tags([segment(BOB, "add", "t")])) == ["confirmed"]


def test_a_list_of_tags_that_is_not_as_asked_confirms_nothing(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    simulator.script(Fault(match="/tags", status=200, headers=JSON, body=b'{"tags": ["vip"]}', times=2))
    outcomes = destination.write_tags([segment(ALICE, "add", "a"), segment(BOB, "remove", "vip")])
    assert statuses(outcomes) == ["rejected", "rejected"]


def test_an_answer_without_a_body_is_looked_up(destination: ZendeskDestination, simulator: ZendeskSimulator) -> None:
    simulator.edit(ALICE, tags=["vip"])
    simulator.script(Fault(match="/tags", status=204))
    assert statuses(destination.write_tags([segment(ALICE, "remove", "gone")])) == ["confirmed"]
    assert requests(simulator)[-1] == ("GET", f"{ALICE}/tags")


@pytest.mark.fault("W02")
@pytest.mark.parametrize(
    "fault",
    [
        Fault(match=f"/{BOB}/tags", lose_reply=True),
        Fault(match=f"/{BOB}/tags", status=200, headers=JSON, body=b"<p>Back soon"),
        Fault(match=f"/{BOB}/tags", status=200, headers=JSON, body=b'{"ok": true}'),
    ],
    ids=["lost", "a web page", "no list"],
)
def test_a_lost_answer_is_unknown_for_its_user_and_the_rest_was_not_sent(
    destination: ZendeskDestination, simulator: ZendeskSimulator, fault: Fault
) -> None:
    simulator.script(fault)
    changes = [segment(user, "add", "a") for user in (ALICE, BOB, CHARLIE)]
    assert statuses(destination.write_tags(changes)) == ["confirmed", "unknown", "retry"]
    assert tags(simulator, CHARLIE) == []


def test_patience_that_ends_before_anything_was_sent_is_raised(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    simulator.script(Fault(match="/tags", status=429, headers={"Retry-After": "900"}))
    with pytest.raises(RateLimited):
        destination.write_tags([segment(ALICE, "add", "a")])


def test_patience_that_ends_in_the_middle_leaves_the_rest_to_another_attempt(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    simulator.script(Fault(match=f"/{BOB}/tags", status=429, headers={"Retry-After": "900"}))
    changes = [segment(user, "add", "a") for user in (ALICE, BOB, CHARLIE)]
    assert statuses(destination.write_tags(changes)) == ["confirmed", "retry", "retry"]


def test_a_refused_tag_is_rejected_for_its_user_alone(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    simulator.script(Fault(match=f"/{ALICE}/tags", status=422, body=b"{}"))
    assert statuses(destination.write_tags([segment(ALICE, "add", "a"), segment(BOB, "add", "a")])) == [
        "rejected",
        "confirmed",
    ]


def test_the_ledger_tells_each_tag(destination: ZendeskDestination, simulator: ZendeskSimulator) -> None:
    destination.write_tags([segment(ALICE, "add", "a"), segment(ALICE, "remove", "vip")])
    told: list[dict[str, Any]] = [one for entry in simulator.ledger for one in (entry.effect or {})["tags"]]
    assert [(one["record"], one["address"], one["tag"], one["wanted"], one["applied"]) for one in told] == [
        (str(ALICE), "alice@example.com", "a", "add", True),
        (str(ALICE), "alice@example.com", "vip", "remove", True),
    ]
