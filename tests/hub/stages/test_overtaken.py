"""What is read while we write: a version from before our write is left to the next read, everything else lands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from connectors.kit.base import Record
from hub.jobs.ends import RunEnd
from hub.jobs.inline import Runner
from hub.stages.evidence import Rules
from hub.stages.land import arrivals, landed
from hub.stages.observe import take_in
from hub.stages.overtaken import overtaken
from hub.stages.passes import seen
from hub.stages.pull import Wish
from hub.stages.reconcile import begin_pass
from hub.stages.sights import LONGEST_CALL, deliveries
from hub.store.engine import Store
from tests.hub.stages.consent_world import MAPS, configured, customer, shop
from tests.hub.world import PLACE, Silent, minute, rows, stream

SECOND = timedelta(seconds=1)
SENT, ANSWERED = minute(10), minute(10) + 3 * SECOND
CHARLIE = "charlie@example.com"
STILL_NO = customer("7", minute(9), email=CHARLIE, said="no")


def wrote(store: Store, **changed: Any) -> None:
    """Our yes to Charlie, who stood at no: sent and answered, not read back yet."""
    row = {
        **dict.fromkeys(("plan", "scope", "reason", "decided_by", "message", "job"), ""),
        "correlation": "ours",
        "destination": "shop",
        "lane": 3,
        "kind": "consent",
        "stream": "customers",
        "record": "7",
        "channel": "email",
        "address": CHARLIE,
        "field": "email",
        "wanted": "in",
        "was": "withdrawn",
        "status": "confirmed",
        "consent_at": minute(1),
        "created_at": minute(9),
        "sent_at": SENT,
        "answered_at": ANSWERED,
        "acknowledged_at": None,
        **changed,
    }
    store.write(lambda db: db.execute(insert(deliveries), row))


def left(store: Store, asked_at: datetime, record: Any = STILL_NO, now: datetime = ANSWERED, new: bool = True) -> bool:
    """Whether this record is left to the next read."""
    arriving, _ = arrivals([record])
    mapped = {one.content_hash: MAPS["customers"](one.record.data) for one in arriving if new}
    with store.read() as db:
        return overtaken(db, "shop", arriving, mapped, asked_at, now) == {"7"}


@pytest.mark.fault("W03")
@pytest.mark.parametrize("seconds", [-60, 0, 2.9])
def test_what_was_asked_for_before_our_answer_and_shows_the_value_from_before_is_left(
    store: Store, seconds: float
) -> None:
    wrote(store)
    assert left(store, SENT + seconds * SECOND)


@pytest.mark.fault("W03")
def test_what_was_asked_for_after_our_answer_lands_whatever_it_shows(store: Store) -> None:
    wrote(store)
    assert not left(store, ANSWERED)
    assert not left(store, ANSWERED + SECOND)


def test_what_shows_our_value_or_a_third_one_lands(store: Store) -> None:
    wrote(store)
    for said in ("yes", "spam", "never"):
        assert not left(store, SENT, customer("7", minute(10), email=CHARLIE, said=said))


def test_a_no_of_another_address_lands(store: Store) -> None:
    wrote(store)
    assert not left(store, SENT, customer("7", minute(10), email="charlie.birch@example.com", said="no"))


def test_a_no_with_a_time_after_our_write_is_a_new_one_and_lands(store: Store) -> None:
    wrote(store)
    assert not left(store, SENT, customer("7", minute(10), email=CHARLIE, said="no", said_at=SENT + SECOND))


def test_what_nobody_has_changed_is_no_later_sight_of_it(store: Store) -> None:
    wrote(store)
    assert left(store, SENT, new=False)
    assert not left(store, ANSWERED, new=False)


def test_a_write_without_an_answer_is_under_way_for_as_long_as_a_call_may_take(store: Store) -> None:
    wrote(store, status="sent", answered_at=None)
    assert left(store, SENT + SECOND, now=SENT + LONGEST_CALL)
    assert not left(store, SENT + SECOND, now=SENT + LONGEST_CALL + SECOND)


def test_a_write_that_the_vendor_applies_later_is_under_way_too(store: Store) -> None:
    wrote(store, status="accepted", answered_at=None)
    assert left(store, SENT + SECOND)


def test_a_write_whose_answer_was_lost_is_over(store: Store) -> None:
    """What is read afterwards is all that will ever be known of it."""
    wrote(store, status="unknown", answered_at=None)
    assert left(store, SENT - SECOND)
    assert not left(store, SENT + SECOND)


@pytest.mark.parametrize(
    "other",
    [
        {"acknowledged_at": minute(11)},
        {"destination": "newsletter"},
        {"record": "8"},
        {"kind": "tag"},
        {"status": "superseded"},
        {"status": "queued", "sent_at": None, "answered_at": None},
        {"was": "granted"},
    ],
)
def test_any_other_delivery_leaves_nothing(store: Store, other: dict[str, Any]) -> None:
    wrote(store, **other)
    assert not left(store, SENT)


def test_a_tombstone_lands(store: Store) -> None:
    wrote(store)
    assert not left(store, SENT, Record("7", {"id": "7"}, minute(10), deleted=True))


def read_beside(store: Store, asked_at: datetime | None) -> int:
    """Read Charlie's record again as a webhook asks for it; how many records are landed now."""
    mapper = stream("customers", MAPS["customers"])
    store.write(lambda db: take_in(db, PLACE, mapper, Rules(), [STILL_NO], asked_at))
    return len(rows(store, landed))


@pytest.mark.fault("W03")
def test_a_single_record_that_is_read_again_beside_a_push_is_judged_likewise(store: Store) -> None:
    wrote(store)
    assert read_beside(store, SENT) == 0
    assert read_beside(store, ANSWERED + SECOND) == 1


def test_the_push_itself_lands_what_it_reads(store: Store) -> None:
    wrote(store)
    assert read_beside(store, None) == 1


@pytest.mark.fault("W03")
def test_a_pull_counts_what_it_leaves_as_overtaken_and_a_whole_read_has_seen_it(store: Store) -> None:
    """While it is pulled, our write has no answer yet."""
    now = datetime.now(UTC)
    wrote(store, status="sent", sent_at=now, answered_at=None)
    store.write(lambda db: begin_pass(db, PLACE, 1, now))
    alice = customer("8", minute(9), email="alice@example.com", said="no")
    (end,) = pulled(store, STILL_NO, alice)
    assert (end.status, end.buckets.fetched, end.buckets.applied, end.buckets.superseded) == ("ok", 2, 1, 1)
    assert [row["external_id"] for row in rows(store, landed)] == ["8"]
    assert sorted(row["external_id"] for row in rows(store, seen)) == ["7", "8"]


def pulled(store: Store, *records: Record) -> list[RunEnd]:
    found = shop(records)
    found = replace(found, capabilities=replace(found.capabilities, stream="customers"))
    return Runner(store, configured(found), Silent()).run_all([found], Wish())
