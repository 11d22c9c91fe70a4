"""The runner: how each run ends, what it says, what it leaves behind, and that nothing is lost or read twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection as Db
from sqlalchemy import update

from connectors.kit import errors
from connectors.kit.base import Cursor, Page, Record, Reject, Stream
from hub.jobs.inline import Runner
from hub.queries.digest import digest
from hub.stages import pull as pull_stage
from hub.stages import runs as run_rows
from hub.stages.land import landed
from hub.stages.map import marks
from hub.stages.pull import Wish
from hub.stages.runs import cursor_of, runs, state_of
from hub.store.clock import database_now
from hub.store.engine import Store
from hub.store.leases import leases, take
from tests.hub.world import (
    ALICE,
    BOB,
    CHARLIE,
    ORDERS_PLACE,
    PLACE,
    Pulling,
    Silent,
    always,
    connection,
    derive,
    minute,
    page,
    partition,
    person,
    rows,
    settings,
    stream,
    sync,
)

SECRET = "shpat_c4nary"
PEOPLE = [person(f"p{number}", at=minute(number), name=f"Person {number}") for number in range(1, 8)]


def failing(error: Exception, *before: Page) -> Pulling:
    def pull(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        yield from before
        raise error

    return pull


def recording(asked: list[Cursor | None], *pages: Page) -> Pulling:
    def pull(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        asked.append(cursor)
        return iter(pages)

    return pull


def cursor(store: Store) -> Cursor | None:
    with store.read() as db:
        return cursor_of(db, PLACE)


def ids(store: Store) -> list[str]:
    return sorted(row["external_id"] for row in rows(store, landed))


ENDS = [
    (errors.AuthError("the token was refused"), "failed", 77),
    (errors.ConfigError("there is no such list"), "failed", 78),
    (errors.VendorDown("502 five times"), "failed", 69),
    (errors.BadPayload("a page of HTML"), "failed", 65),
    (errors.Refused("404"), "failed", 65),
    (errors.Truncated("only 10,000 are shown"), "failed", 65),
    (errors.PagingLoop("the same page again"), "failed", 65),
    (errors.RateLimited("come back later", minute(7)), "paused", 75),
]


@pytest.mark.parametrize(("error", "status", "exit_code"), ENDS, ids=[type(one[0]).__name__ for one in ENDS])
def test_each_error_has_its_end(store: Store, error: Exception, status: str, exit_code: int) -> None:
    (end,) = sync(store, connection(failing(error, page([ALICE]))))
    assert (end.status, end.exit_code, end.message) == (status, exit_code, str(error))
    assert end.buckets.applied == 1
    (row,) = rows(store, runs)
    assert (row["status"], row["exit_code"], row["applied"], row["message"]) == (status, exit_code, 1, str(error))
    assert row["retry_at"] == (minute(7) if status == "paused" else None)
    assert rows(store, leases) == []


def test_a_good_run_is_told_and_written_down(sqlite_store: Store) -> None:
    vendor = connection(always(page([ALICE, BOB]), page([CHARLIE])))
    silent = Silent()
    (end,) = Runner(sqlite_store, settings(vendor), silent).run_all([vendor], Wish())
    document = end.as_json()
    said = {"connection": "shop", "stream": "customers", "status": "ok", "fetched": 3, "applied": 3, "exit_code": 0}
    assert said.items() <= document.items()
    assert silent.heard == ["started shop.customers", "moved shop.customers 3", "ended shop.customers ok"]
    (row,) = rows(sqlite_store, runs)
    assert (row["status"], row["fetched"], row["finished_at"] is not None) == ("ok", 3, True)


def test_secrets_are_taken_out_of_messages(store: Store) -> None:
    said = errors.VendorDown(f"no answer from https://x.test/?token={SECRET}\x00")
    (end,) = sync(store, connection(failing(said)), secrets=(SECRET,))
    assert SECRET not in end.message
    (row,) = rows(store, runs)
    assert SECRET not in str(row)
    assert "no answer" in row["message"]


def test_the_text_of_a_bug_is_never_shown(store: Store) -> None:
    (end,) = sync(store, connection(failing(ValueError("alice@example.com is odd"))))
    assert (end.status, end.exit_code) == ("failed", 65)
    assert "alice" not in end.message
    assert end.message.startswith("ValueError in pull (test_runner.py:")
    assert "alice" not in str(rows(store, runs))


def test_one_stream_that_fails_stops_no_other(store: Store) -> None:
    def pull(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        if one.name == "customers":
            raise errors.VendorDown("down")
        return iter([page([Record("1", {"number": "1", "name": "Guest"})])])

    ends = sync(store, connection(pull, stream("customers"), stream("orders")))
    assert [(end.stream, end.status) for end in ends] == [("customers", "failed"), ("orders", "ok")]


def test_what_came_before_the_trouble_is_kept_and_the_next_run_goes_on(store: Store) -> None:
    """Or a vendor that gives up after the same few pages each time would never be read to its end."""
    asked: list[Cursor | None] = []
    sync(store, connection(failing(errors.VendorDown("down"), page(PEOPLE[:2]), page(PEOPLE[2:4]))))
    assert ids(store) == ["p1", "p2", "p3", "p4"]
    sync(store, connection(recording(asked, page(PEOPLE[4:]))))
    assert asked == [Cursor(position=minute(4))]


@pytest.mark.fault("H20")
@pytest.mark.parametrize("dies_after", range(5))
def test_a_run_that_dies_anywhere_among_equal_times_loses_nothing(sqlite_store: Store, dies_after: int) -> None:
    """The vendor's clock has whole minutes, four records share one, and a page holds two."""
    everyone = [replace(one, changed_at=minute(2 if 1 <= at <= 4 else at)) for at, one in enumerate(PEOPLE)]

    def vendor(after: int | None) -> Pulling:
        def pull(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
            start = cursor.position if cursor and cursor.position else minute(0)
            found = [record for record in everyone if record.changed_at and record.changed_at >= start]
            for number, at in enumerate(range(0, len(found), 2)):
                if number == after:
                    raise errors.VendorDown("died")
                yield page(found[at : at + 2])

        return pull

    sync(sqlite_store, connection(vendor(dies_after)))
    (end,) = sync(sqlite_store, connection(vendor(None)))
    assert end.status == "ok"
    assert ids(sqlite_store) == sorted(one.id for one in everyone)
    assert all(row["versions"] == 1 for row in rows(sqlite_store, landed))


def test_every_row_is_in_one_bucket(store: Store) -> None:
    poison: Any = Record("poison", [])  # type: ignore[arg-type]
    first = page([PEOPLE[0], PEOPLE[1], PEOPLE[1], poison], rejects=[Reject("?", "no id")])
    late = replace(PEOPLE[1], changed_at=minute(0), data={"id": "p2", "name": "Older"})
    (end,) = sync(store, connection(always(first, page([late]))), hold={"share": "100%"})
    told = end.buckets
    assert (told.fetched, told.applied, told.unchanged, told.superseded, told.quarantined) == (6, 2, 1, 1, 2)
    assert told.add_up()


def test_a_run_whose_rows_do_not_add_up_is_red(sqlite_store: Store) -> None:
    class Miscounted(Page):
        @property
        def fetched(self) -> int:
            return 7

    (end,) = sync(sqlite_store, connection(always(Miscounted((ALICE,), Cursor()))))
    assert (end.status, end.exit_code) == ("failed", 65)
    assert "do not add up" in end.message


@pytest.mark.fault("D01")
@pytest.mark.parametrize(("hold", "status"), [({"rows": 3, "share": "100%"}, "ok"), ({"rows": 2}, "held"),
                                              ({"rows": 100, "share": "1%"}, "held")])  # fmt: skip
def test_a_run_over_its_budget_of_bad_rows_is_held(sqlite_store: Store, hold: Any, status: str) -> None:
    bad = [Reject(f"row {number}", "no id") for number in range(3)]
    (end,) = sync(sqlite_store, connection(always(page(PEOPLE, rejects=bad))), hold=hold)
    assert (end.status, end.exit_code) == (status, 1 if status == "held" else 0)
    assert ("3 of 10 rows" in end.message) == (status == "held")


def test_a_limit_stops_after_a_whole_page_and_the_next_run_goes_on(store: Store) -> None:
    asked: list[Cursor | None] = []
    pages = [page(PEOPLE[at : at + 2]) for at in range(0, 6, 2)]
    (end,) = sync(store, connection(recording(asked, *pages)), wish=Wish(limit=3))
    assert (end.buckets.fetched, end.status, ids(store)) == (4, "ok", ["p1", "p2", "p3", "p4"])
    assert cursor(store) == Cursor(position=minute(4))


def test_since_reads_from_then_and_moves_no_cursor(store: Store) -> None:
    asked: list[Cursor | None] = []
    sync(store, connection(always(page(PEOPLE[:5]))))
    sync(store, connection(recording(asked, page(PEOPLE))), wish=Wish(since=minute(3)))
    assert asked == [Cursor(position=minute(3))]
    assert len(ids(store)) == 7
    assert cursor(store) == Cursor(position=minute(5))


def test_a_dry_run_writes_nothing_but_that_it_ran(store: Store) -> None:
    sync(store, connection(always(page(PEOPLE[:2]))))
    derive(store)
    with store.read() as db:
        before = digest(db)
    asked: list[Cursor | None] = []
    bad = page([*PEOPLE[1:], replace(PEOPLE[0], data={"id": "p1", "name": "Other"})], rejects=[Reject("?", "no id")])
    (end,) = sync(store, connection(recording(asked, bad)), wish=Wish(dry_run=True), hold={"share": "100%"})
    assert (end.status, end.message) == ("ok", "dry run: nothing was kept")
    assert (end.buckets.applied, end.buckets.unchanged, end.buckets.quarantined) == (6, 1, 1)
    with store.read() as db:
        assert digest(db) == before
    assert rows(store, marks) == []
    assert cursor(store) == Cursor(position=minute(2))
    assert rows(store, runs)[-1]["fetched"] == 8


def test_a_dry_run_keeps_its_lease(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def pull(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        yield page([ALICE])

    def look(*_: Any) -> None:
        with store.read() as db:
            seen.extend(row.until > database_now(db) + timedelta(seconds=30) for row in db.execute(leases.select()))

    def nearly_run_out(self: Any, group: Any, cursor: Any) -> None:
        store.write(lambda db: db.execute(update(leases).values(until=database_now(db) + timedelta(seconds=1))))
        commit(self, group, cursor)
        look()

    commit = pull_stage.Pull._commit
    monkeypatch.setattr(pull_stage.Pull, "_commit", nearly_run_out)
    sync(store, connection(pull), wish=Wish(dry_run=True))
    assert seen == [True]


@pytest.mark.fault("P13")
def test_reading_everything_again_never_moves_the_cursor_back(store: Store) -> None:
    asked: list[Cursor | None] = []
    sync(store, connection(always(page(PEOPLE))))
    again = [page(PEOPLE[:2]), page(PEOPLE[2:4])]
    sync(store, connection(failing(errors.VendorDown("half way"), *again)), wish=Wish(full=True))
    assert cursor(store) == Cursor(position=minute(7))
    sync(store, connection(recording(asked, *again)), wish=Wish(full=True))
    assert asked == [None]
    assert cursor(store) == Cursor(position=minute(7))


@pytest.mark.fault("P13")
@pytest.mark.parametrize("bad", [Cursor(), Cursor(position=minute(1)), Cursor(seen={"drop.csv": 1})])
def test_an_empty_or_older_cursor_is_not_saved_over_a_good_one(sqlite_store: Store, bad: Cursor) -> None:
    sync(sqlite_store, connection(always(page(PEOPLE[:5]))))
    sync(sqlite_store, connection(always(Page(tuple(PEOPLE[5:]), bad))))
    assert cursor(sqlite_store) == Cursor(position=minute(5))


@pytest.mark.fault("P14")
def test_records_and_cursor_are_saved_together_or_not_at_all(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(run_rows, "save_cursor", crash)
        (end,) = sync(store, connection(always(page(PEOPLE))))
    assert (end.status, end.exit_code) == ("failed", 65)
    assert (ids(store), rows(store, marks), cursor(store)) == ([], [], None)
    (end,) = sync(store, connection(always(page(PEOPLE))))
    assert (end.buckets.applied, cursor(store)) == (7, Cursor(position=minute(7)))


@pytest.mark.fault("H26")
@pytest.mark.fault("D14")
def test_only_a_snapshot_read_to_its_end_notes_who_is_gone(store: Store) -> None:
    customers = stream("customers", snapshot=True)
    sync(store, connection(always(page([ALICE, BOB])), customers))
    for wish in (Wish(limit=1), Wish(since=minute(1)), Wish(dry_run=True)):
        sync(store, connection(always(page([ALICE]), page([CHARLIE])), customers), wish=wish)
    sync(store, connection(failing(errors.VendorDown("down"), page([ALICE])), customers))
    derive(store)
    assert {"bob"} <= {one for group in partition(store) for one in group}
    (end,) = sync(store, connection(always(page([ALICE])), customers))
    assert end.gone >= 1
    derive(store)
    assert partition(store) == {frozenset({"alice"})}


def test_asked_to_stop_it_stops_between_pages_and_starts_no_other_stream(store: Store) -> None:
    stop: list[bool] = []

    def pull(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        yield page(PEOPLE[:2])
        stop.append(True)
        yield page(PEOPLE[2:4])
        yield page(PEOPLE[4:])

    vendor = connection(pull, stream("customers"), stream("orders"))
    ends = Runner(store, settings(vendor), Silent(), lambda: bool(stop)).run_all([vendor], Wish())
    assert [(end.stream, end.status, end.exit_code) for end in ends] == [("customers", "cancelled", 75)]
    with store.read() as db:
        assert state_of(db, PLACE)["last_ok_at"] is None
        assert state_of(db, ORDERS_PLACE) == {}


@pytest.mark.fault("P06")
def test_while_one_runs_another_is_told_so(store: Store) -> None:
    told: list[Any] = []

    def pull(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        told.extend(sync(store, connection(always(page([ALICE])))))
        yield page([ALICE])

    (end,) = sync(store, connection(pull))
    (second,) = told
    assert (second.status, second.exit_code, second.run_id) == ("running", 73, None)
    assert f"already running: shop.customers (run {end.run_id}, " in second.message
    assert "heartbeat" in second.message
    assert (end.status, end.buckets.applied) == ("ok", 1)


@pytest.mark.fault("P06")
def test_a_run_that_lost_its_lease_writes_nothing_more(store: Store) -> None:
    def pull(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        store.write(_run_out)
        store.write(lambda db: take(db, "shop.customers"))
        yield page([ALICE])

    (end,) = sync(store, connection(pull))
    assert (end.status, end.exit_code) == ("lost", 73)
    assert (ids(store), cursor(store)) == ([], None)
    assert len(rows(store, leases)) == 1


def test_the_run_of_a_dead_worker_is_marked_lost_by_the_next(store: Store) -> None:
    sync(store, connection(always(page([ALICE]))))
    store.write(lambda db: db.execute(update(runs).values(status="running", finished_at=None)))
    store.write(lambda db: take(db, "shop.customers", run_id=1))
    store.write(_run_out)
    sync(store, connection(always(page([ALICE]))))
    first, second = sorted(rows(store, runs), key=lambda row: row["id"])
    assert (first["status"], second["status"]) == ("lost", "ok")
    assert "the next run goes on" in first["message"]


def _run_out(db: Db) -> None:
    db.execute(update(leases).values(until=database_now(db) - timedelta(seconds=1)))
