"""The simulator says what Mailchimp says: shapes by the vendor's schema, and the traps of its API."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests

from connectors.kit.simulator import Fault, serve
from connectors.kit.testing import FakeClock
from connectors.mailchimp.audience import subscriber_hash
from connectors.mailchimp.simulator import API_KEY, MailchimpSimulator
from tests.connectors.mailchimp.caller import Caller, must_fit
from tests.connectors.mailchimp.estate import ALICE, AUDIENCE, BOB, CHARLIE, DORA, crowd

ALICE_ID = subscriber_hash("alice@example.com")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def caller(clock: FakeClock) -> Iterator[Caller]:
    simulator = MailchimpSimulator(now=clock.now)
    simulator.load(AUDIENCE, [ALICE, BOB, CHARLIE, DORA])
    with serve(simulator) as server:
        yield Caller(simulator, server.base_url)


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        (f"lists/{AUDIENCE}/members", "MemberCollection"),
        (f"lists/{AUDIENCE}/segments", "SegmentCollection"),
        (f"lists/{AUDIENCE}/segments/31001/members", "SegmentMemberCollection"),
        (f"lists/{AUDIENCE}", "List"),
        ("lists/unknown", "Problem"),
    ],
)
def test_a_reply_has_the_shape_of_the_vendors_own_schema(caller: Caller, path: str, schema: str) -> None:
    must_fit(caller.reply(path).json(), schema)


def test_ping_is_chimpy(caller: Caller) -> None:
    assert caller.ask("ping") == {"health_status": "Everything's Chimpy!"}


def test_empty_values_are_empty_text_and_not_null(caller: Caller) -> None:
    alice = caller.members()["members"][0]
    assert alice["timestamp_signup"] == ""
    assert alice["merge_fields"] == {
        "FNAME": "Alice", "LNAME": "Nguyen", "ADDRESS": "", "PHONE": "0412 345 678", "BIRTHDAY": ""
    }  # fmt: skip
    assert "unsubscribe_reason" not in alice


def test_a_page_has_ten_members_unless_told_and_a_thousand_at_most(caller: Caller) -> None:
    caller.simulator.load(AUDIENCE, crowd(1500))
    assert len(caller.members()["members"]) == 10
    page = caller.members("count=1000&offset=900")
    assert (len(page["members"]), page["total_items"]) == (603, 1503)
    assert caller.reply(f"lists/{AUDIENCE}/members", "count=1001").status_code == 400


def test_a_thousand_members_are_served_at_once(caller: Caller) -> None:
    caller.simulator.load(AUDIENCE, crowd(1000))
    reply = caller.reply(f"lists/{AUDIENCE}/members", "count=1000&sort_field=last_changed")
    assert len(reply.json()["members"]) == 1000
    assert reply.elapsed < timedelta(seconds=1)


def test_archived_members_are_only_listed_when_asked_for_and_hide_what_they_were(caller: Caller) -> None:
    assert {m["status"] for m in caller.members()["members"]} == {"subscribed", "transactional", "unsubscribed"}
    (dora,) = caller.members("status=archived")["members"]
    assert (dora["email_address"], dora["status"]) == ("dora@example.com", "archived")
    assert caller.members("status=unsubscribed")["total_items"] == 1


def test_since_leaves_its_own_second_out(caller: Caller) -> None:
    found = caller.members("since_last_changed=2026-01-02T00:00:00Z&sort_field=last_changed")["members"]
    assert [m["email_address"] for m in found] == ["charlie@example.com"]
    found = caller.members("since_last_changed=2026-01-01T23:59:59%2B00:00&before_last_changed=2026-01-03T00:00:00Z")
    assert [m["email_address"] for m in found["members"]] == ["bob@example.com"]


def test_a_plus_that_is_not_encoded_is_a_blank_and_refused(caller: Caller) -> None:
    assert caller.reply(f"lists/{AUDIENCE}/members", "since_last_changed=2026-01-02T00:00:00+00:00").status_code == 400


def test_members_are_sorted_in_either_direction(caller: Caller) -> None:
    up = [m["id"] for m in caller.members("sort_field=last_changed&sort_dir=ASC")["members"]]
    down = [m["id"] for m in caller.members("sort_field=last_changed&sort_dir=DESC")["members"]]
    assert up == down[::-1]
    assert caller.reply(f"lists/{AUDIENCE}/members", "sort_field=id").status_code == 400


def test_fields_and_exclude_fields_cut_a_reply_but_not_together(caller: Caller) -> None:
    some = caller.members("fields=members.id,members.merge_fields.FNAME,total_items&count=1")
    assert some == {"members": [{"id": ALICE_ID, "merge_fields": {"FNAME": "Alice"}}], "total_items": 3}
    assert "_links" in caller.members()["members"][0]
    without = caller.members("exclude_fields=_links,members._links")
    assert "_links" not in without
    assert "_links" not in without["members"][0]
    assert caller.reply(f"lists/{AUDIENCE}/members", "fields=id&exclude_fields=id").status_code == 400


def test_any_edit_moves_last_changed_in_whole_seconds_and_a_tag_does_not(caller: Caller, clock: FakeClock) -> None:
    clock.advance(timedelta(seconds=1.7))
    caller.simulator.edit(AUDIENCE, ALICE_ID, merge_fields={"LNAME": "Tran"})
    alice = caller.members("sort_field=last_changed&sort_dir=DESC")["members"][0]
    assert (alice["full_name"], alice["last_changed"]) == ("Alice Tran", "2026-06-01T09:00:01+00:00")
    clock.advance(timedelta(hours=1))
    caller.simulator.tag(AUDIENCE, ALICE_ID, "gold")
    alice = caller.members("sort_field=last_changed&sort_dir=DESC")["members"][0]
    assert ([tag["name"] for tag in alice["tags"]], alice["last_changed"]) == (
        ["vip", "gold"],
        "2026-06-01T09:00:01+00:00",
    )


def test_a_new_address_is_a_new_id_that_keeps_its_tags(caller: Caller) -> None:
    new = caller.simulator.edit(AUDIENCE, ALICE_ID, email_address="Alice@new.example.com")
    assert new == subscriber_hash("alice@new.example.com")
    assert {m["id"] for m in caller.ask(f"lists/{AUDIENCE}/segments/31001/members")["members"]} == {new}
    assert ALICE_ID not in {m["id"] for m in caller.members()["members"]}


def test_a_subscription_by_the_api_dates_the_opt_in_and_an_unsubscribe_keeps_that_date(
    caller: Caller, clock: FakeClock
) -> None:
    bob = caller.simulator.upsert(AUDIENCE, {"email_address": "bob@example.com", "status": "subscribed"})
    clock.advance(timedelta(days=1))
    caller.simulator.edit(AUDIENCE, bob, status="unsubscribed")
    told = next(m for m in caller.members()["members"] if m["id"] == bob)
    assert told["timestamp_opt"] == "2026-06-01T09:00:00+00:00"
    assert told["unsubscribe_reason"] == "N/A (Unsubscribed by an admin)"


def test_fifty_tags_are_shown_and_all_are_counted(caller: Caller) -> None:
    for number in range(60):
        caller.simulator.tag(AUDIENCE, ALICE_ID, f"tag {number}")
    alice = caller.members("count=1")["members"][0]
    assert (len(alice["tags"]), alice["tags_count"]) == (50, 61)


def test_a_segment_has_only_subscribed_members_unless_the_others_are_asked_for(caller: Caller) -> None:
    caller.simulator.load(
        AUDIENCE, segments=[{"id": 7, "name": "all", "members": list(caller.simulator.audiences[AUDIENCE].members)}]
    )
    path = f"lists/{AUDIENCE}/segments/7/members"
    assert caller.ask(path)["total_items"] == 1
    everybody = "include_cleaned=true&include_unsubscribed=true&include_transactional=true"
    assert caller.ask(path, everybody)["total_items"] == 3  # not Dora, who is archived
    told = {s["name"]: s["member_count"] for s in caller.ask(f"lists/{AUDIENCE}/segments", "type=static")["segments"]}
    assert told == {"vip": 1, "wine": 0, "all": 1}
    assert caller.ask(f"lists/{AUDIENCE}/segments", "type=saved")["segments"] == []


def test_somebody_deleted_for_good_is_in_no_listing(caller: Caller) -> None:
    caller.simulator.delete(AUDIENCE, ALICE_ID)
    assert ALICE_ID not in {m["id"] for m in caller.members()["members"]}
    assert caller.ask(f"lists/{AUDIENCE}/segments/31001/members")["members"] == []


def test_what_is_no_field_of_a_member_cannot_be_loaded(caller: Caller) -> None:
    with pytest.raises(ValueError, match="phone"):
        caller.simulator.upsert(AUDIENCE, {"email_address": "x@example.com", "phone": "1"})
    with pytest.raises(ValueError, match="archived"):
        caller.simulator.upsert(AUDIENCE, {"email_address": "x@example.com", "status": "archived"})


class Bearer(requests.auth.AuthBase):
    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {API_KEY}"
        return request


@pytest.mark.parametrize(
    ("auth", "status"),
    [(("anystring", API_KEY), 200), (Bearer(), 200), (("anystring", "wrong"), 401), ((API_KEY, ""), 401), (None, 401)],
    ids=["basic", "bearer", "wrong key", "key as user", "none"],
)
def test_the_key_is_taken_as_password_or_bearer(caller: Caller, auth: Any, status: int) -> None:
    reply = caller.reply("ping", auth=auth)
    assert reply.status_code == status
    if status == 401:
        assert reply.headers["Content-Type"].startswith("application/problem+json")
        assert reply.json()["title"] == "API Key Invalid"


def test_the_eleventh_connection_at_once_is_turned_away_without_retry_after(caller: Caller) -> None:
    caller.simulator.script(Fault(match="/3.0/ping", times=12, delay=0.3))
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda _: caller.reply("ping"), range(12)))
    refused = [reply for reply in replies if reply.status_code == 429]
    assert len(refused) == 2
    assert {reply.json()["title"] for reply in refused} == {"Too Many Requests"}
    assert "Retry-After" not in refused[0].headers
    assert sorted(entry.status for entry in caller.simulator.ledger) == [200] * 10 + [429] * 2


def test_the_ledger_tells_how_many_records_a_reply_carried(caller: Caller) -> None:
    caller.members("count=2")
    caller.members("fields=total_items")
    caller.ask(f"lists/{AUDIENCE}/segments/31001/members")
    assert [entry.records for entry in caller.simulator.ledger] == [{"members": 2}, {"members": 0}, {"tags": 1}]
