"""Reconciliation: finds what no cursor shows, takes for gone what a whole pass has not seen, and asks when in doubt.

Alice and the numbered people buy at a shop that does not tell of everything.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.kit import errors
from hub.jobs.queue import RECONCILE
from hub.stages import freeze
from hub.stages.land import landed
from hub.stages.passes import passes, seen
from hub.stages.runs import runs
from hub.store.engine import Store
from hub.store.leases import leases
from hub.watch.reporter import Logged
from tests.hub.jobs.play import drain, performer, put_in, run_out, sweep
from tests.hub.jobs.vendor import NO_GUARD, WHOLE, Vendor, alive, reconcile, shop
from tests.hub.world import (
    PLACE,
    connection,
    contacts_of,
    derive,
    land_and_map,
    minute,
    person,
    rows,
    settings,
    stream,
    sync,
)


def in_the_queue(store: Store) -> dict[str, Any]:
    (row,) = [row for row in rows(store, runs) if row["kind"] == RECONCILE]
    return row


@pytest.mark.fault("H25")
def test_what_changed_without_a_cursor_move_is_found_and_landed_and_told(store: Store) -> None:
    vendor = Vendor().open_for(5)
    sync(store, shop(vendor.pull))
    vendor.change_silently("p2", name="Alice Adams", email="alice@example.com")
    (plain,) = sync(store, shop(vendor.pull))
    assert plain.buckets.applied == 0
    end = reconcile(store, vendor.pull)
    assert (end.status, end.drift, end.gone) == ("ok", {"changed": 1, "missed": 0, "gone": 0}, 0)
    assert end.as_json()["drift_found"] == end.drift
    assert "1 changed" in end.message
    assert {row["external_id"]: row["versions"] for row in rows(store, landed)}["p2"] == 2


@pytest.mark.fault("H25")
def test_a_record_that_came_with_an_old_time_is_found(store: Store) -> None:
    """Its id was the cursor, or it was imported with the times that it had elsewhere."""
    vendor = Vendor().open_for(4)
    sync(store, shop(vendor.pull))
    vendor.customers["old"] = person("old", at=minute(0), name="Bob Brown")
    sync(store, shop(vendor.pull))
    assert "old" not in alive(store)
    assert reconcile(store, vendor.pull).drift == {"changed": 0, "missed": 1, "gone": 0}
    assert "old" in alive(store)


def test_what_the_next_pull_would_have_told_is_no_drift(store: Store) -> None:
    vendor = Vendor().open_for(4)
    sync(store, shop(vendor.pull))
    vendor.change("p1", name="Alice Adams")
    vendor.change("new", name="Bob Brown")
    end = reconcile(store, vendor.pull)
    assert (end.drift, end.message) == ({"changed": 0, "missed": 0, "gone": 0}, "no drift found")
    assert end.buckets.applied == 2


@pytest.mark.fault("H26")
def test_what_a_whole_pass_did_not_list_is_gone_and_comes_back_when_it_is_listed_again(store: Store) -> None:
    vendor = Vendor().open_for(5)
    sync(store, shop(vendor.pull))
    p2 = vendor.customers["p2"]
    vendor.delete("p2", "p3")
    sync(store, shop(vendor.pull))
    assert alive(store) == {"p1", "p2", "p3", "p4", "p5"}
    end = reconcile(store, vendor.pull)
    assert (end.status, end.gone, end.drift) == ("ok", 2, {"changed": 0, "missed": 0, "gone": 2})
    derive(store)
    assert set(contacts_of(store)) == {"p1", "p4", "p5"}
    assert rows(store, seen) == []
    vendor.customers["p2"] = p2
    assert reconcile(store, vendor.pull).drift == {"changed": 1, "missed": 0, "gone": 0}
    derive(store)
    assert set(contacts_of(store)) == {"p1", "p2", "p4", "p5"}


def test_many_records_are_gone_a_chunk_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.stages.reconcile.CLEAR_CHUNK", 2)
    monkeypatch.setattr("hub.stages.passes.FORGET_CHUNK", 3)
    vendor = Vendor(page_size=5).open_for(9)
    sync(store, shop(vendor.pull))
    vendor.delete("p1", "p2", "p3", "p4", "p5")
    assert reconcile(store, vendor.pull).gone == 5
    assert (alive(store), rows(store, seen)) == ({"p6", "p7", "p8", "p9"}, [])


@pytest.mark.fault("H26")
@pytest.mark.parametrize("trouble", [errors.VendorDown("down"), errors.Truncated("only 10,000 are shown")], ids=str)
def test_a_pass_that_did_not_reach_the_end_deletes_nothing(store: Store, trouble: Exception) -> None:
    def fail(pages: int) -> None:
        if pages == 2 and vendor.asked[-1] is None:
            raise trouble

    vendor = Vendor().open_for(6)
    sync(store, shop(vendor.pull))
    vendor.delete("p1", "p6")
    vendor.between = fail
    end = reconcile(store, vendor.pull)
    assert (end.status, end.gone, end.drift) == ("failed", 0, None)
    assert len(alive(store)) == 6
    vendor.between = lambda _: None
    assert reconcile(store, vendor.pull).gone == 2
    assert sorted(row["status"] for row in rows(store, passes)) == ["abandoned", "done"]


@pytest.mark.fault("H26")
def test_a_worker_that_is_killed_half_way_costs_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its first half has seen is remembered: the second half takes none of it for gone."""
    monkeypatch.setattr("hub.stages.pull.GROUP_RECORDS", 2)

    def die(pages: int) -> None:
        if pages == 3 and vendor.asked[-1] is None:
            raise KeyboardInterrupt

    vendor = Vendor().open_for(8)
    found = settings(shop(vendor.pull))
    sync(store, shop(vendor.pull))
    vendor.delete("p4")
    vendor.between = die
    run_id = put_in(store, kind=RECONCILE)
    assert performer(store, found).perform(run_id).status == "queued"  # type: ignore[union-attr]
    with pytest.raises(KeyboardInterrupt):
        performer(store, found).perform(run_id)
    assert len(alive(store)) == 8
    assert {row["external_id"] for row in rows(store, seen)} >= {"p1", "p2"}
    run_out(store)
    assert sweep(store, found).lost == [run_id]
    vendor.between = lambda _: None
    drain(store, found)
    row = in_the_queue(store)
    assert (row["status"], row["attempt"], row["message"]) == (
        "ok",
        2,
        "drift found: 0 changed and 0 new without a word, 1 gone",
    )
    assert vendor.asked.count(None) == 2  # the first load and the pass: its second half went on where the first was
    assert alive(store) == {f"p{number}" for number in range(1, 9)} - {"p4"}


@pytest.mark.fault("P15")
def test_it_is_done_in_slices_between_which_others_have_their_turn(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.stages.pull.GROUP_RECORDS", 1)
    vendor = Vendor().open_for(9)
    found = settings(shop(vendor.pull))
    sync(store, shop(vendor.pull))
    vendor.delete("p3", "p9")
    put_in(store, kind=RECONCILE)
    ends = [end for end in drain(store, found, slice_seconds=0.0) if end.stream == "customers"]
    assert [end.status for end in ends[:-1]] == ["queued"] * (len(ends) - 1)
    assert len(ends) > 6
    assert (in_the_queue(store)["status"], len(alive(store)), rows(store, leases)) == ("ok", 7, [])


def test_asked_to_stop_it_waits_and_goes_on_from_there(store: Store) -> None:
    stop = threading.Event()
    vendor = Vendor().open_for(8)
    found = settings(shop(vendor.pull))
    sync(store, shop(vendor.pull))
    vendor.delete("p5")
    run_id = put_in(store, kind=RECONCILE)
    performer(store, found).perform(run_id)
    vendor.between = lambda _: stop.set()
    end = performer(store, found, asked_to_stop=stop.is_set).perform(run_id)
    assert end is not None
    assert (end.status, len(alive(store))) == ("queued", 8)
    vendor.between = lambda _: None
    drain(store, found)
    assert len(alive(store)) == 7


@pytest.mark.fault("H19")
def test_what_arrives_during_the_pass_is_not_gone_by_whatever_door_it_comes(store: Store) -> None:
    """A webhook brings one; another moves within the vendor's lists so that the pass never meets it."""

    def meanwhile(pages: int) -> None:
        if pages == 1 and vendor.asked[-1] is None:
            land_and_map(store, [person("hook", at=minute(1), name="Alice Adams")])
            land_and_map(store, [vendor.customers["p3"]])
            vendor.change("p5", name="Person 5", email="p5@example.com")
            vendor.hidden = {"p3", "p5"}

    vendor = Vendor().open_for(6)
    sync(store, shop(vendor.pull))
    vendor.between = meanwhile
    end = reconcile(store, vendor.pull)
    assert alive(store) == {"p1", "p2", "p3", "p4", "p5", "p6", "hook"}
    assert end.gone == 0


@pytest.mark.fault("H18")
def test_a_record_that_is_listed_in_an_older_version_is_there(store: Store) -> None:
    vendor = Vendor(page_size=3).open_for(4)
    sync(store, shop(vendor.pull))
    vendor.customers["p3"] = person("p3", at=minute(1), name="As it was once")
    end = reconcile(store, vendor.pull)
    assert (end.status, end.gone, len(alive(store))) == ("ok", 0, 4)


@pytest.mark.fault("H23")
def test_a_worker_whose_clock_is_slow_sees_as_well_as_others(store: Store) -> None:
    """Of two machines one is an hour behind; it takes in a webhook while the other reads."""

    def meanwhile(pages: int) -> None:
        if pages == 1 and vendor.asked[-1] is None:
            land_and_map(store, [vendor.customers["p3"]], datetime.now(UTC) - timedelta(hours=1))

    vendor = Vendor().open_for(4)
    sync(store, shop(vendor.pull))
    vendor.hidden, vendor.between = {"p3"}, meanwhile
    end = reconcile(store, vendor.pull)
    assert (end.status, end.gone, len(alive(store))) == ("ok", 0, 4)


def test_drift_is_logged_with_its_counts(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    vendor = Vendor().open_for(4)
    sync(store, shop(vendor.pull))
    vendor.delete("p1")
    vendor.change_silently("p2", name="Alice Adams")
    for said in (["drift.found"], []):
        caplog.clear()
        Logged().ended(reconcile(store, vendor.pull))
        assert [record.message for record in caplog.records if record.message == "drift.found"] == said


def test_where_a_vendor_forgets_absence_says_nothing(store: Store) -> None:
    vendor = Vendor().open_for(4)
    forgetful = shop(vendor.pull)
    (one,) = forgetful.streams
    forgetful = replace(forgetful, streams=(replace(one, stream=replace(one.stream, forgets=True)),))
    sync(store, forgetful)
    vendor.delete("p1")
    vendor.change_silently("p2", name="Alice Adams")
    (end,) = sync(store, forgetful, wish=WHOLE)
    assert (end.status, end.drift) == ("ok", {"changed": 1, "missed": 0, "gone": 0})
    assert len(alive(store)) == 4


def test_an_explicit_delete_is_immediate(store: Store) -> None:
    vendor = Vendor().open_for(3)
    sync(store, shop(vendor.pull))
    vendor.customers["p1"] = person("p1", at=minute(9), deleted=True)
    sync(store, shop(vendor.pull))
    assert alive(store) == {"p2", "p3"}


def test_a_snapshot_is_read_once_for_it_lists_everything_anyway(store: Store) -> None:
    vendor = Vendor().open_for(3)
    everyone = connection(vendor.pull, stream(snapshot=True, reconcile=NO_GUARD))
    sync(store, everyone)
    vendor.delete("p1")
    (end,) = sync(store, everyone, wish=WHOLE)
    assert (end.status, end.gone, len(vendor.asked)) == ("ok", 1, 2)


def test_it_counts_as_a_whole_read_after_a_restore(store: Store) -> None:
    vendor = Vendor().open_for(3)
    sync(store, shop(vendor.pull))
    since = store.write(lambda db: freeze.freeze(db, datetime.now(UTC)))
    found = settings(shop(vendor.pull))
    with store.read() as db:
        assert freeze.unread_since(db, found, since) == ["shop.customers"]
    reconcile(store, vendor.pull)
    with store.read() as db:
        assert freeze.unread_since(db, found, since) == []


def test_the_scheduled_run_is_one_row_in_the_queue_with_its_own_kind(store: Store) -> None:
    vendor = Vendor().open_for(3)
    sync(store, shop(vendor.pull))
    put_in(store, kind=RECONCILE)
    assert [end.stream for end in drain(store, settings(shop(vendor.pull)))][-1] == "derive"
    row = in_the_queue(store)
    assert (row["status"], row["stream"], row["fetched"]) == ("ok", PLACE.stream, row["applied"] + row["unchanged"])
    assert row["finished_at"] - row["started_at"] < timedelta(minutes=1)
