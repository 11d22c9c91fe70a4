"""The simulator's writes: what Mailchimp lets a tool do to a member, how it refuses, what the ledger then says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.kit.simulator import serve
from connectors.kit.testing import FakeClock
from connectors.mailchimp.audience import BY_ADMIN, subscriber_hash
from connectors.mailchimp.simulator import MailchimpSimulator
from tests.connectors.mailchimp.caller import Caller, must_fit
from tests.connectors.mailchimp.estate import ALICE, AUDIENCE, BOB, CHARLIE, DORA

A, B, C, D = (person["email_address"] for person in (ALICE, BOB, CHARLIE, DORA))
EVE = "Eve@Example.com"
COMPLIANCE, FORGOTTEN = "Member In Compliance State", "Forgotten Email Not Subscribed"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def caller(clock: FakeClock) -> Iterator[Caller]:
    simulator = MailchimpSimulator(now=clock.now)
    simulator.load(AUDIENCE, [ALICE, BOB, CHARLIE, DORA])
    with serve(simulator) as server:
        yield Caller(simulator, server.base_url)


def path(email: str) -> str:
    return f"/members/{subscriber_hash(email)}"


def held(caller: Caller, email: str) -> Any:
    return caller.simulator.audiences[AUDIENCE].members.get(subscriber_hash(email))


def refusal(caller: Caller, method: str, email: str, body: Any) -> str:
    reply = caller.write(method, path(email), body)
    assert reply.status_code == 400
    assert reply.headers["Content-Type"].startswith("application/problem+json")
    must_fit(reply.json(), "Problem")
    return str(reply.json()["title"])


def last_effect(caller: Caller) -> tuple[str, str, str, str]:
    effect = caller.effects()[-1]
    return effect["address"], effect["wanted"], effect["before"], effect["after"]


@pytest.mark.parametrize(
    ("method", "below", "body", "schema"),
    [
        ("GET", path(A), None, "Member"),
        ("PATCH", path(A), {"status": "unsubscribed"}, "Member"),
        ("PUT", path(A), {"email_address": A, "status_if_new": "pending"}, "Member"),
        ("POST", "/members", {"email_address": EVE, "status": "subscribed"}, "Member"),
        ("POST", "", {"members": [{"email_address": EVE, "status": "subscribed"}, {}]}, "BatchListMembersResult"),
        ("GET", f"{path(A)}/tags", None, "MemberTags"),
    ],
)
def test_an_answer_has_the_shape_of_the_vendors_own_schema(
    caller: Caller, method: str, below: str, body: Any, schema: str
) -> None:
    reply = caller.write(method, below, body)
    assert reply.status_code == 200, reply.text
    must_fit(reply.json(), schema)


def test_a_member_is_found_by_address_too(caller: Caller) -> None:
    assert caller.write("GET", "/members/ALICE@example.com").json()["id"] == subscriber_hash(A)


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize("verb", ["click_unsubscribe", "complain", "bounce"])
def test_after_an_act_of_the_person_no_tool_subscribes_them(caller: Caller, method: str, verb: str) -> None:
    getattr(caller.simulator, verb)(AUDIENCE, A)
    before = held(caller, A)
    assert refusal(caller, method, A, {"email_address": A, "status": "subscribed"}) == COMPLIANCE
    assert held(caller, A) == before
    assert last_effect(caller) == (A, "in", before["status"], before["status"])


def test_nor_does_the_way_over_pending_or_over_an_unsubscribe_of_the_tools_own(caller: Caller) -> None:
    caller.simulator.click_unsubscribe(AUDIENCE, A)
    for step in ("unsubscribed", "pending"):
        assert caller.write("PATCH", path(A), {"status": step}).status_code == 200
        assert refusal(caller, "PATCH", A, {"status": "subscribed"}) == COMPLIANCE


def test_an_unsubscribe_by_a_tool_is_undone_by_a_tool_and_dated_as_an_opt_in(caller: Caller, clock: FakeClock) -> None:
    caller.write("PATCH", path(A), {"status": "unsubscribed"})
    assert held(caller, A)["unsubscribe_reason"] == BY_ADMIN
    clock.advance(timedelta(days=1))
    again = caller.write("PATCH", path(A), {"status": "subscribed"}).json()
    assert (again["status"], again["timestamp_opt"]) == ("subscribed", "2026-06-02T09:00:00+00:00")
    assert "unsubscribe_reason" not in again
    assert last_effect(caller) == (A, "in", "unsubscribed", "subscribed")


def test_any_edit_moves_last_changed_and_leaves_the_status(caller: Caller) -> None:
    body = {"merge_fields": {"LNAME": "Tran"}, "tags": ["gold"], "nonsense": 1}
    edited = caller.write("PATCH", path(A), body).json()
    assert (edited["full_name"], edited["last_changed"]) == ("Alice Tran", "2026-06-01T09:00:00+00:00")
    assert [tag["name"] for tag in edited["tags"]] == ["vip"]  # tags in a body are passed over
    assert last_effect(caller) == (A, "", "subscribed", "subscribed")


def test_pending_sends_a_mail_each_time(caller: Caller) -> None:
    for _ in range(2):
        caller.write("PATCH", path(B), {"status": "pending"})
    assert [(mail.list_id, mail.address) for mail in caller.simulator.mails] == [(AUDIENCE, B)] * 2
    assert last_effect(caller) == (B, "in", "pending", "pending")


def test_status_if_new_makes_a_member_and_changes_none(caller: Caller) -> None:
    assert caller.write("PUT", path(C), {"email_address": C, "status_if_new": "subscribed"}).status_code == 200
    assert last_effect(caller) == (C, "", "unsubscribed", "unsubscribed")
    made = caller.write("PUT", path(EVE), {"email_address": EVE, "status_if_new": "subscribed"}).json()
    assert (made["status"], made["timestamp_opt"]) == ("subscribed", "2026-06-01T09:00:00+00:00")
    assert last_effect(caller) == (EVE.lower(), "in", "", "subscribed")


def test_a_status_brings_an_archived_member_back_even_one_who_had_left(caller: Caller) -> None:
    caller.simulator.click_unsubscribe(AUDIENCE, D)
    assert caller.write("GET", path(D)).json()["status"] == "archived"
    assert caller.write("PATCH", path(D), {"vip": True}).json()["status"] == "archived"
    assert caller.write("PATCH", path(D), {"status": "subscribed"}).json()["status"] == "subscribed"
    assert last_effect(caller) == (D, "in", "unsubscribed", "subscribed")


def test_delete_archives_once_and_the_real_status_stays(caller: Caller) -> None:
    assert caller.write("DELETE", path(A)).status_code == 204
    assert last_effect(caller) == (A, "", "subscribed", "subscribed")
    assert caller.write("DELETE", path(A)).status_code == 405
    assert A not in {member["email_address"] for member in caller.members()["members"]}


def test_somebody_deleted_for_good_is_gone_and_no_tool_brings_them_back(caller: Caller) -> None:
    assert caller.write("POST", f"{path(A)}/actions/delete-permanent").status_code == 204
    assert last_effect(caller) == (A, "", "subscribed", "")
    assert caller.write("GET", path(A)).status_code == 404
    for method in ("PUT", "PATCH"):
        assert refusal(caller, method, A, {"email_address": A, "status": "subscribed"}) == FORGOTTEN
    reply = caller.write("POST", "/members", {"email_address": A, "status": "subscribed"})
    assert (reply.status_code, reply.json()["title"]) == (400, FORGOTTEN)
    assert last_effect(caller) == (A, "in", "", "")
    assert caller.simulator.fill_form(AUDIENCE, A)


def test_a_member_that_is_there_cannot_be_added_again(caller: Caller) -> None:
    reply = caller.write("POST", "/members", {"email_address": C, "status": "subscribed"})
    assert (reply.status_code, reply.json()["title"]) == (400, "Member Exists")
    assert last_effect(caller) == (C, "in", "unsubscribed", "unsubscribed")


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_write_to_nobody_is_a_404_with_an_effect_of_nothing(caller: Caller, method: str) -> None:
    assert caller.write(method, path(EVE), {"status": "unsubscribed"}).status_code == 404
    (effect,) = caller.effects()
    assert (effect["record"], effect["before"], effect["after"]) == (subscriber_hash(EVE), "", "")


def test_a_new_address_takes_the_old_ones_yes_along_and_the_ledger_says_it_of_both(caller: Caller) -> None:
    assert caller.write("PATCH", path(A), {"email_address": EVE}).json()["id"] == subscriber_hash(EVE)
    told = {effect["address"]: (effect["before"], effect["after"]) for effect in caller.effects()}
    assert told == {A: ("subscribed", ""), EVE.lower(): ("", "subscribed")}
    assert refusal(caller, "PATCH", EVE, {"email_address": B}) == "Member Exists"
    assert held(caller, B)["status"] == "transactional"


@pytest.mark.parametrize(
    ("method", "below", "body"),
    [
        ("PATCH", path(A), {"status": "archived"}),
        ("PATCH", path(A), {"status": "transactional"}),
        ("PATCH", path(A), {"merge_fields": "FNAME"}),
        ("PATCH", path(A), []),
        ("POST", "/members", {"email_address": "no address", "status": "subscribed"}),
        ("POST", "/members", {"email_address": EVE}),
        ("POST", "", {"members": "alice"}),
        ("POST", "", {"members": [{}] * 501}),
    ],
)
def test_what_is_no_valid_write_is_refused_and_changes_nothing(
    caller: Caller, method: str, below: str, body: Any
) -> None:
    before = dict(caller.simulator.audiences[AUDIENCE].members)
    assert caller.write(method, below, body).status_code == 400
    assert caller.simulator.audiences[AUDIENCE].members == before


@pytest.mark.fault("W01")
def test_the_bulk_call_tells_its_refusals_inside_of_a_200_and_makes_who_is_missing(caller: Caller) -> None:
    caller.simulator.click_unsubscribe(AUDIENCE, C)
    rows = [{"email_address": address, "status": "subscribed"} for address in (A, B, C, EVE)]
    first = caller.write("POST", "", {"members": rows}).json()
    assert [error["error_code"] for error in first["errors"]] == ["ERROR_CONTACT_EXISTS"] * 3
    assert (first["total_created"], first["total_updated"], first["error_count"]) == (1, 0, 3)
    then = caller.write("POST", "", {"members": rows, "update_existing": True}).json()
    assert [member["email_address"] for member in then["updated_members"]] == [A, B, EVE]
    (error,) = then["errors"]
    assert (error["email_address"], error["error_code"]) == (C, "ERROR_GENERIC")
    assert "compliance state" in error["error"]
    assert held(caller, C)["status"] == "unsubscribed"
    assert len(caller.effects()) == 8


def tag_names(caller: Caller, email: str) -> list[str]:
    return [tag["name"] for tag in caller.write("GET", f"{path(email)}/tags").json()["tags"]]


def test_tags_are_set_and_removed_without_moving_last_changed(caller: Caller) -> None:
    body = {"tags": [{"name": "gold", "status": "active"}, {"name": "wine", "status": "inactive"}]}
    assert caller.write("POST", f"{path(B)}/tags", body).status_code == 204
    assert tag_names(caller, B) == ["vip", "gold"]
    assert held(caller, B)["last_changed"] == BOB["last_changed"]
    told = [(effect["tag"], effect["wanted"], effect["applied"]) for effect in caller.effects("tags")]
    assert told == [("gold", "add", True), ("wine", "remove", True)]


@pytest.mark.parametrize(
    "body",
    [
        ["gold"],
        {"tags": ["gold"]},
        {"tags": [{"name": "gold"}]},
        {"tags": [{"name": "gold", "status": "active"}, {"name": "", "status": "active"}]},
        {"tags": [{"name": "gold", "status": "on"}]},
        {"tag": "gold"},
    ],
    ids=str,
)
def test_a_malformed_tag_body_is_answered_like_a_good_one_and_changes_nothing(caller: Caller, body: Any) -> None:
    assert caller.write("POST", f"{path(A)}/tags", body).status_code == 204
    assert tag_names(caller, A) == ["vip"]
    assert caller.effects("tags") == []


def test_tags_of_nobody_are_a_404(caller: Caller) -> None:
    for method in ("GET", "POST"):
        assert caller.write(method, f"{path(EVE)}/tags", {"tags": []}).status_code == 404
