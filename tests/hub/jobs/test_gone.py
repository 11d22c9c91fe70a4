"""What is gone: over the guard, or when the source cannot be believed, a person is asked and answers for just that."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.base import Reject
from hub.jobs.gone import GoneMoved, NothingWaits, approve, deny, waiting_gone
from hub.settings.models import Hold
from hub.settings.reconcile import GoneGuard
from hub.settings.settings import Reconcile
from hub.stages.passes import seen, set_pass
from hub.stages.runs import runs
from hub.store.engine import Store
from hub.store.leases import AlreadyRunning, take
from hub.watch.figures import Asking, figures
from tests.hub.jobs.vendor import NO_GUARD, WHOLE, Vendor, alive, reconcile, shop
from tests.hub.world import Pulling, always, contacts_of, page, rows, settings, sync

GUARDS = [
    (Reconcile(guard=GoneGuard(rows=2, share="100%")), ["p1", "p2", "p3"]),
    (Reconcile(guard=GoneGuard(rows=1000, share="10%")), ["p1", "p2"]),
    (Reconcile(), ["p1"]),
]


@pytest.mark.fault("H26")
@pytest.mark.parametrize(("guard", "deleted"), GUARDS, ids=["rows", "share", "standard"])
def test_over_the_guard_nothing_is_deleted_and_a_person_is_asked(
    store: Store, guard: Reconcile, deleted: list[str]
) -> None:
    vendor = Vendor().open_for(10)
    sync(store, shop(vendor.pull))
    vendor.delete(*deleted)
    vendor.change_silently("p7", name="Alice Adams")
    end = reconcile(store, vendor.pull, guard)
    assert (end.status, end.exit_code, end.gone, len(alive(store))) == ("held", 1, 0, 10)
    assert end.drift == {"changed": 1, "missed": 0, "gone": len(deleted)}
    asked = waiting_gone(store, settings(shop(vendor.pull, guard)), end.run_id or 0)
    assert asked is not None
    assert asked["first"] == deleted
    assert f"hub runs {end.run_id} --approve {asked['plan']}" in end.message
    assert "more than the guard allows" in end.message


@pytest.mark.fault("H26")
@pytest.mark.parametrize("answer", [always(), always(page([]))], ids=["nothing", "an empty page"])
def test_a_source_that_lists_nothing_at_all_is_never_believed(store: Store, answer: Pulling) -> None:
    vendor = Vendor().open_for(3)
    sync(store, shop(vendor.pull))
    end = reconcile(store, answer, NO_GUARD)
    assert (end.status, end.exit_code, len(alive(store))) == ("held", 1, 3)
    assert "the source listed none of them" in end.message


def test_rows_that_nobody_knows_may_be_what_seems_gone(store: Store) -> None:
    vendor = Vendor().open_for(3)
    sync(store, shop(vendor.pull))
    left = [vendor.customers["p1"], vendor.customers["p2"]]
    broken = always(page(left, rejects=[Reject("{}", "the record has no id")]))
    (end,) = sync(store, shop(broken), wish=WHOLE, hold=Hold(rows=100, share="100%"))
    assert (end.status, end.exit_code) == ("held", 1)
    assert "may be some of them" in end.message
    assert len(alive(store)) == 3


def held_run(store: Store, vendor: Vendor, *deleted: str) -> tuple[Any, int, str]:
    """A run that asks whether these may be deleted: the settings, its number, the name of what it shows."""
    found = settings(shop(vendor.pull, Reconcile()))
    sync(store, shop(vendor.pull))
    vendor.delete(*deleted)
    run_id = reconcile(store, vendor.pull, Reconcile()).run_id or 0
    asked = waiting_gone(store, found, run_id)
    assert asked is not None
    return found, run_id, asked["plan"]


@pytest.mark.fault("H26")
def test_a_persons_yes_deletes_exactly_what_was_shown(store: Store) -> None:
    vendor = Vendor().open_for(4)
    found, run_id, plan = held_run(store, vendor, "p1", "p2")
    with pytest.raises(GoneMoved, match="now 2 are gone"):
        approve(store, found, run_id, "000000000000", "olive")
    assert approve(store, found, run_id, plan, "olive") == 2
    assert (alive(store), set(contacts_of(store)), rows(store, seen)) == ({"p3", "p4"}, {"p3", "p4"}, [])
    with pytest.raises(NothingWaits):
        approve(store, found, run_id, plan, "olive")
    assert "olive said yes: 2 records are gone" in {row["message"] for row in rows(store, runs)}


def test_who_came_back_since_is_not_deleted_by_that_yes(store: Store) -> None:
    vendor = Vendor().open_for(4)
    found, run_id, plan = held_run(store, vendor, "p1", "p2")
    vendor.change("p1", name="Alice Adams")
    sync(store, shop(vendor.pull))
    with pytest.raises(GoneMoved, match="now 1 are gone") as moved:
        approve(store, found, run_id, plan, "olive")
    assert len(alive(store)) == 4
    again = str(moved.value).split("--approve ")[1].split()[0]
    assert approve(store, found, run_id, again, "olive") == 1
    assert alive(store) == {"p1", "p3", "p4"}


def test_a_yes_whose_worker_died_between_tombstones_is_finished_by_saying_it_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.stages.reconcile.CLEAR_CHUNK", 1)
    vendor = Vendor().open_for(4)
    found, run_id, plan = held_run(store, vendor, "p1", "p2")
    with monkeypatch.context() as patched:
        patched.setattr("hub.jobs.gone.set_pass", _dies_at_the_end(found))
        with pytest.raises(RuntimeError):
            approve(store, found, run_id, plan, "olive")
    assert approve(store, found, run_id, plan, "olive") == 2
    assert alive(store) == {"p3", "p4"}


def _dies_at_the_end(_: Any) -> Any:
    def died(db: Any, run_id: int, **values: Any) -> None:
        if values.get("status") == "done":
            raise RuntimeError("the power went")
        set_pass(db, run_id, **values)

    return died


def test_who_watches_is_told_while_it_asks(store: Store) -> None:
    found, run_id, plan = held_run(store, Vendor().open_for(4), "p1", "p2")
    with store.read() as db:
        assert figures(db, found).gone == (Asking(run_id, "shop.customers", 2, 4),)
    approve(store, found, run_id, plan, "olive")
    with store.read() as db:
        assert figures(db, found).gone == ()


def test_a_persons_no_keeps_them_and_the_next_pass_asks_again(store: Store) -> None:
    vendor = Vendor().open_for(4)
    found, run_id, plan = held_run(store, vendor, "p1")
    deny(store, found, run_id, "olive")
    assert (len(alive(store)), waiting_gone(store, found, run_id)) == (4, None)
    with pytest.raises(NothingWaits):
        approve(store, found, run_id, plan, "olive")
    assert reconcile(store, vendor.pull, Reconcile()).status == "held"


def test_a_later_pass_takes_the_place_of_one_that_asks(store: Store) -> None:
    vendor = Vendor().open_for(4)
    found, run_id, plan = held_run(store, vendor, "p1")
    later = reconcile(store, vendor.pull, Reconcile())
    with pytest.raises(NothingWaits, match="a later reconciliation has taken its place"):
        approve(store, found, run_id, plan, "olive")
    assert waiting_gone(store, found, later.run_id or 0) is not None


def test_while_the_stream_is_read_nothing_is_approved(store: Store) -> None:
    found, run_id, plan = held_run(store, Vendor().open_for(4), "p1")
    store.write(lambda db: take(db, "shop.customers"))
    with pytest.raises(AlreadyRunning):
        approve(store, found, run_id, plan, "olive")
    assert len(alive(store)) == 4
