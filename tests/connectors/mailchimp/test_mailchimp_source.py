"""Pulling from a simulated Mailchimp over sockets: both passes, ties, changes on the way, tags."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.kit.base import Cursor
from connectors.kit.errors import AuthError, ConfigError
from connectors.kit.simulator import Fault, serve
from connectors.kit.testing import FakeClock
from connectors.mailchimp.audience import subscriber_hash
from connectors.mailchimp.source import MEMBERS, TAGS
from tests.connectors.mailchimp.conftest import Open
from tests.connectors.mailchimp.estate import (
    ALICE,
    AUDIENCE,
    BOB,
    CHARLIE,
    DORA,
    Landing,
    RestlessSimulator,
    crowd,
    source_at,
    truth,
)

HOUR = timedelta(hours=1)


def test_a_full_pull_brings_members_as_mailchimp_sent_them_archived_ones_too(
    simulator: RestlessSimulator, open_source: Open
) -> None:
    simulator.load(AUDIENCE, [ALICE, BOB, CHARLIE, DORA])
    records = {r.id: r for page in open_source().pull(MEMBERS, None) for r in page.records}
    said = {r.data["email_address"]: r.data["status"] for r in records.values()}
    assert said == {
        "alice@example.com": "subscribed",
        "bob@example.com": "transactional",
        "charlie@example.com": "unsubscribed",
        "dora@example.com": "archived",
    }
    alice = records[subscriber_hash("alice@example.com")]
    assert alice.data == simulator.audiences[AUDIENCE].members[alice.id]
    assert alice.changed_at is not None
    assert alice.changed_at.isoformat() == ALICE["last_changed"]


def test_a_pull_says_how_many_members_it_will_bring(simulator: RestlessSimulator, open_source: Open) -> None:
    simulator.load(AUDIENCE, [*crowd(9), DORA])
    totals = [page.total for page in open_source().pull(MEMBERS, None)]
    assert totals == [9, 9, 9, 10]


def test_an_old_archived_member_comes_although_newer_members_were_landed_before_the_kill(
    simulator: RestlessSimulator, open_source: Open
) -> None:
    simulator.load(AUDIENCE, [*crowd(9), DORA])
    landing = Landing()
    killed = landing.land(islice(open_source().pull(MEMBERS, None), 3))
    assert subscriber_hash(DORA["email_address"]) not in landing.held
    landing.land(open_source().pull(MEMBERS, killed.cursor))
    assert landing.held == truth(simulator)


def test_a_member_archived_between_the_passes_is_still_met(
    simulator: RestlessSimulator, open_source: Open, clock: FakeClock
) -> None:
    simulator.load(AUDIENCE, [ALICE, CHARLIE])
    simulator.schedule = [lambda: None, lambda: simulator.archive(AUDIENCE, subscriber_hash(ALICE["email_address"]))]
    landing = Landing()
    landing.land(open_source().pull(MEMBERS, None))
    assert landing.held == truth(simulator)


def test_a_member_that_comes_back_from_the_archive_between_the_passes_is_there_after_the_next_pull(
    simulator: RestlessSimulator, open_source: Open, clock: FakeClock
) -> None:
    simulator.load(AUDIENCE, [ALICE, DORA])
    simulator.schedule = [lambda: None, lambda: simulator.upsert(AUDIENCE, {"email_address": DORA["email_address"]})]
    landing = Landing()
    last = landing.land(open_source().pull(MEMBERS, None))
    clock.advance(HOUR)
    landing.land(open_source().pull(MEMBERS, last.cursor))
    assert landing.held == truth(simulator)


def test_an_edit_between_the_passes_is_not_passed_over_for_a_later_change_in_the_archive(
    simulator: RestlessSimulator, open_source: Open, clock: FakeClock
) -> None:
    simulator.load(AUDIENCE, [ALICE, BOB])

    def while_the_archive_is_awaited() -> None:
        simulator.edit(AUDIENCE, subscriber_hash(ALICE["email_address"]), status="unsubscribed")
        clock.advance(HOUR)
        simulator.archive(AUDIENCE, subscriber_hash(BOB["email_address"]))
        clock.advance(HOUR)

    simulator.schedule = [lambda: None, while_the_archive_is_awaited]
    landing = Landing()
    last = landing.land(open_source().pull(MEMBERS, None))
    assert landing.held != truth(simulator)
    landing.land(open_source().pull(MEMBERS, last.cursor))
    assert landing.held == truth(simulator)


def test_a_quiet_audience_is_not_read_again(simulator: RestlessSimulator, open_source: Open, clock: FakeClock) -> None:
    simulator.load(AUDIENCE, [{**member, "archived": i < 30} for i, member in enumerate(crowd(60))])
    first = list(open_source().pull(MEMBERS, None))
    clock.advance(HOUR)
    again = [r for page in open_source().pull(MEMBERS, first[-1].cursor) for r in page.records]
    assert len(again) == 2  # the last member, and the one a lookback of a minute before


@pytest.mark.fault("H20")
@pytest.mark.parametrize("archived", [False, True])
def test_thirty_members_of_one_second_come_in_pages_of_four(
    simulator: RestlessSimulator, open_source: Open, archived: bool
) -> None:
    members = [{**member, "archived": archived} for member in crowd(30, seconds_apart=0)]
    simulator.load(AUDIENCE, [*members, *crowd(35)[30:]])
    pages = list(open_source().pull(MEMBERS, None))
    assert sorted(r.id for page in pages for r in page.records) == sorted(truth(simulator))
    for done in range(1, len(pages)):
        resumed = open_source().pull(MEMBERS, pages[done - 1].cursor)
        assert {r.id for page in [*pages[:done], *resumed] for r in page.records} == set(truth(simulator))


@pytest.mark.fault("H21")
def test_a_change_of_this_very_second_does_not_move_the_cursor(
    simulator: RestlessSimulator, open_source: Open, clock: FakeClock
) -> None:
    simulator.load(AUDIENCE, [ALICE])
    before = list(open_source().pull(MEMBERS, None))[-1].cursor
    simulator.upsert(AUDIENCE, BOB | {"last_changed": clock.now().isoformat()})
    pages = list(open_source().pull(MEMBERS, before))
    assert subscriber_hash(BOB["email_address"]) in {r.id for page in pages for r in page.records}
    assert pages[-1].cursor == before


@pytest.mark.fault("H24")
def test_a_member_changed_in_2099_is_landed_and_does_not_freeze_the_stream(
    simulator: RestlessSimulator, open_source: Open
) -> None:
    simulator.load(AUDIENCE, [ALICE, BOB | {"last_changed": "2099-01-01T00:00:00+00:00"}])
    pages = list(open_source().pull(MEMBERS, None))
    assert sum(page.fetched for page in pages) == 2
    position = pages[-1].cursor.position
    assert position is not None
    assert position.isoformat() == ALICE["last_changed"]


ACTS = st.sampled_from(["edit", "unsubscribe", "archive", "come back", "join", "leave for good", "change address"])


def act(simulator: RestlessSimulator, clock: FakeClock, audience: str, what: str, whom: int, seconds: int) -> None:
    """One thing that happens at the vendor, some seconds after the one before."""
    clock.advance(timedelta(seconds=seconds))
    held = simulator.audiences[audience]
    if what == "join":
        simulator.upsert(audience, {"email_address": f"joined{whom}@example.com", "status": "subscribed"})
        return
    if not held.members:
        return
    member = sorted(held.members)[whom % len(held.members)]
    verbs: dict[str, Any] = {
        "edit": lambda: simulator.edit(audience, member, vip=True),
        "unsubscribe": lambda: simulator.edit(audience, member, status="unsubscribed"),
        "archive": lambda: simulator.archive(audience, member),
        "come back": lambda: simulator.upsert(
            audience, {"email_address": held.members[member]["email_address"], "status": "pending"}
        ),
        "leave for good": lambda: simulator.delete(audience, member),
        "change address": lambda: simulator.edit(audience, member, email_address=f"moved{whom}@example.com"),
    }
    verbs[what]()


@pytest.mark.fault("H19")
def test_whatever_happens_while_two_pulls_run_and_wherever_the_first_is_killed_nothing_is_missing() -> None:
    clock = FakeClock()
    simulator = RestlessSimulator(now=clock.now)
    with serve(simulator) as server:

        @settings(max_examples=150, deadline=None)
        @given(
            apart=st.sampled_from([0, 0.3, 1, 30]),
            archived=st.integers(0, 15),
            acts=st.lists(st.tuples(ACTS, st.integers(0, 20), st.sampled_from([0, 0, 1, 5, 30, 120])), max_size=30),
            at_once=st.integers(1, 4),
            killed_after=st.integers(1, 12),
        )
        def holds(
            apart: float, archived: int, acts: list[tuple[str, int, int]], at_once: int, killed_after: int
        ) -> None:
            audience = f"a{len(simulator.audiences)}"
            start = clock.now() - timedelta(seconds=int(apart * 15))
            members = crowd(15, seconds_apart=apart, start=start)
            simulator.load(audience, [m | {"archived": i < archived} for i, m in enumerate(members)])
            simulator.schedule = [
                lambda a=acts[i : i + at_once]: [act(simulator, clock, audience, *one) for one in a]
                for i in range(0, len(acts), at_once)
            ]
            landing = Landing()
            cursor: Cursor | None = None
            for most in (killed_after, None):
                source = source_at(server.base_url, clock, page_size=3, audience=audience)
                cursor = landing.land(islice(source.pull(MEMBERS, cursor), most)).cursor
                source.close()
            simulator.schedule = []
            clock.advance(timedelta(seconds=5))
            source = source_at(server.base_url, clock, page_size=3, audience=audience)
            landing.land(source.pull(MEMBERS, cursor))
            source.close()
            now = truth(simulator, audience)
            assert {member: landing.held.get(member) for member in now} == now

        holds()


def test_tags_are_told_for_every_member_whatever_the_status(simulator: RestlessSimulator, open_source: Open) -> None:
    simulator.load(AUDIENCE, [ALICE, BOB, CHARLIE | {"tags": ["wine"]}])
    pages = list(open_source().pull(TAGS, None))
    told = {(r.data["tag"]["name"], r.data["member"]["email_address"]) for page in pages for r in page.records}
    assert told == {
        ("vip", "alice@example.com"),
        ("vip", "bob@example.com"),
        ("wine", "bob@example.com"),
        ("wine", "charlie@example.com"),
    }
    one = pages[0].records[0]
    assert one.id == f"{one.data['tag']['id']}:{one.data['member']['id']}"
    assert set(one.data["tag"]) == {"id", "name"}
    assert set(one.data["member"]) == {"id", "email_address"}


def test_tags_are_a_whole_snapshot_each_time_whatever_the_cursor(
    simulator: RestlessSimulator, open_source: Open
) -> None:
    simulator.load(AUDIENCE, [ALICE, BOB])
    first = list(open_source().pull(TAGS, None))
    assert first[-1].cursor == Cursor(seen={"complete": True})
    again = list(open_source().pull(TAGS, first[-1].cursor))
    assert [page.records for page in again] == [page.records for page in first]


def test_an_audience_without_tags_has_an_empty_snapshot(simulator: RestlessSimulator, open_source: Open) -> None:
    simulator.load(AUDIENCE, [CHARLIE])
    (page,) = open_source().pull(TAGS, None)
    assert page.records == ()
    assert page.cursor.seen == {"complete": True}


def test_a_tag_deleted_while_the_tags_are_read_is_left_out(simulator: RestlessSimulator, open_source: Open) -> None:
    simulator.load(AUDIENCE, [ALICE, BOB])
    segments = simulator.audiences[AUDIENCE].segments
    simulator.schedule = [lambda: None, lambda: segments.pop(next(iter(segments)))]
    pages = list(open_source().pull(TAGS, None))
    assert {r.data["tag"]["name"] for page in pages for r in page.records} == {"wine"}


def test_members_untagged_while_a_tag_is_read_do_not_hide_the_others(
    simulator: RestlessSimulator, open_source: Open
) -> None:
    simulator.load(AUDIENCE, [{**member, "tags": ["vip"]} for member in crowd(10)])
    first, *rest = (subscriber_hash(member["email_address"]) for member in crowd(10))
    simulator.schedule = [lambda: None, lambda: None, lambda: simulator.untag(AUDIENCE, first, "vip")]
    ids = {r.data["member"]["id"] for page in open_source().pull(TAGS, None) for r in page.records}
    assert ids >= set(rest)


@pytest.mark.fault("H03")
def test_a_storm_of_429_is_waited_out_within_bounds(
    simulator: RestlessSimulator, open_source: Open, clock: FakeClock
) -> None:
    simulator.load(AUDIENCE, crowd(9))
    simulator.script(Fault(match="/members", after=1, times=4, status=429))
    pages = list(open_source().pull(MEMBERS, None))
    assert sum(page.fetched for page in pages) == 9
    assert len(clock.slept) == 4


def test_an_unknown_audience_names_the_setting(open_source: Open) -> None:
    source = open_source(audience="0000000000")
    with pytest.raises(ConfigError, match="`audience`"):
        list(source.pull(MEMBERS, None))
    assert [(f.subject, f.ok) for f in source.check()] == [("sample", False)]


def test_a_wrong_key_stops_at_the_first_request(simulator: RestlessSimulator, open_source: Open) -> None:
    with pytest.raises(AuthError):
        list(open_source(api_key="not-the-key").pull(MEMBERS, None))
    assert [entry.status for entry in simulator.ledger] == [401]


def test_check_names_the_audience_and_sees_a_clock_that_is_wrong(
    simulator: RestlessSimulator, open_source: Open
) -> None:
    simulator.load(AUDIENCE, [ALICE, CHARLIE])
    good = list(open_source().check())
    assert [(f.subject, f.ok) for f in good] == [("reach", True), ("auth", True), ("sample", True), ("clock", True)]
    assert good[2].message == "audience Newsletter: 1 subscribed members"
    simulator.clock_offset = timedelta(minutes=15)
    assert [f.subject for f in open_source().check() if not f.ok] == ["clock"]


@pytest.mark.parametrize(("asks", "says"), [(True, "set `double_optin: true`"), (False, "set it to false")])
def test_check_says_which_of_the_two_to_correct_when_the_audience_and_the_setting_differ(
    simulator: RestlessSimulator, open_source: Open, asks: bool, says: str
) -> None:
    simulator.load(AUDIENCE, [ALICE], double_optin=asks)
    assert [f for f in open_source(double_optin=asks).check() if not f.ok] == []
    (finding,) = (f for f in open_source(double_optin=not asks).check() if not f.ok)
    assert finding.subject == "sample"
    assert says in finding.message
