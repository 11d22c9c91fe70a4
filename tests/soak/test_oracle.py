"""The oracle is no yes-man: a small world in which all is well, and each thing that may go wrong in it is reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.soak import oracle
from tests.soak.diary import Act, Effect, Line, Word
from tests.soak.exported import Exported
from tests.soak.held import Event, Held, Record

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
ALICE, CHARLIE = "shop:customers:1", "newsletter:members:2"
ALICE_MAIL: Line = ("email", "alice@example.com")
CHARLIE_MAIL: Line = ("email", "charlie@example.com")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def held() -> Held:
    """Alice bought something at the shop; Charlie unsubscribed from the newsletter."""
    found = Held()
    found.records[ALICE] = Record("Alice Ash", ("alice@example.com",), (), {"email": "granted"})
    found.records[CHARLIE] = Record("Charlie Birch", ("charlie@example.com",), (), {"email": "withdrawn"})
    found.events["shop:orders:7"] = Event(ALICE, "PAID")
    return found


@pytest.fixture
def told(held: Held) -> Exported:
    """The hub knows just that."""
    return Exported(
        assigned=[(ALICE, "c_1"), (CHARLIE, "c_2")],
        golden={"c_1": ["alice@example.com"], "c_2": ["charlie@example.com"]},
        records=[(ALICE, "c_1", held.records[ALICE]), (CHARLIE, "c_2", held.records[CHARLIE])],
        events=[("shop:orders:7", "c_1", "PAID")],
        orders={"c_1": 1, "c_2": 0},
    )


def of_records(held: Held, told: Exported) -> list[str]:
    checks = (oracle.lost(held, told), oracle.outdated(held, told), oracle.stale(held, told))
    return [one for check in (*checks, oracle.doubled_records(told)) for one in check]


def test_where_all_is_well_nobody_complains(held: Held, told: Exported) -> None:
    assert of_records(held, told) == []


def test_a_lost_record_is_reported(held: Held, told: Exported) -> None:
    told.assigned.remove((CHARLIE, "c_2"))
    assert oracle.lost(held, told) == [f"lost: {CHARLIE} is at its vendor and in no contact"]


def test_a_record_that_was_deleted_at_the_vendor_and_stayed_is_reported(held: Held, told: Exported) -> None:
    del held.records[CHARLIE]
    assert oracle.lost(held, told) == [f"ghost: {CHARLIE} is in a contact and at no vendor"]


@pytest.mark.parametrize(
    "now",
    [
        {"name": "Alice Birch"},
        {"emails": ("new@example.com",)},
        {"phones": ("+61",)},
        {"consents": {"email": "withdrawn"}},
    ],
)
def test_a_record_in_an_old_version_is_reported(held: Held, told: Exported, now: dict[str, Any]) -> None:
    held.records[ALICE] = replace(held.records[ALICE], **now)
    (said,) = oracle.stale(held, told)
    assert said.startswith(f"stale: {ALICE}")


def test_a_contact_with_an_old_address_is_reported(held: Held, told: Exported) -> None:
    told.golden["c_1"].append("old@example.com")
    (said,) = oracle.outdated(held, told)
    assert said.startswith("stale: c_1")


def test_a_lost_order_is_reported(held: Held, told: Exported) -> None:
    told.events.clear()
    assert [said.split()[1] for said in oracle.stale(held, told)] == ["shop:orders:7"]


def test_an_order_in_an_old_version_or_at_the_wrong_person_is_reported(held: Held, told: Exported) -> None:
    for wrong in (("shop:orders:7", "c_1", "REFUNDED"), ("shop:orders:7", "c_2", "PAID")):
        told.events = [wrong]
        assert [said.split()[1] for said in oracle.stale(held, told)] == ["shop:orders:7"]


def test_an_order_of_somebody_whom_the_vendor_deleted_is_not_missed(held: Held, told: Exported) -> None:
    held.events["shop:orders:8"] = Event("shop:customers:9", "PAID")
    assert of_records(held, told) == []


def test_doubled_records_and_orders_are_reported(told: Exported) -> None:
    told.assigned.append((ALICE, "c_2"))
    told.events.append(("shop:orders:7", "c_2", "PAID"))
    told.orders["c_1"] = 2
    said = oracle.doubled_records(told)
    assert [one.split()[1] for one in said] == [ALICE, "shop:orders:7", "c_1", "c_2"]


def spoke(word: Word, seconds: float, line: Line = CHARLIE_MAIL, connection: str = "shop") -> Act:
    return Act(at(seconds), connection, word, line)


def wrote(
    wanted: str, seconds: float, before: str, after: str, line: Line = CHARLIE_MAIL, connection: str = "shop"
) -> Effect:
    told = {"record": "1", "channel": line[0], "address": line[1], "wanted": wanted, "before": before, "after": after}
    return Effect(at(seconds), connection, "consents", told)


def tagged(seconds: float, wanted: str = "add") -> Effect:
    return Effect(
        at(seconds), "shop", "tags", {"record": "1", "address": CHARLIE_MAIL[1], "tag": "VIP", "wanted": wanted}
    )


def pulled(began: float, ended: float, **other: str) -> dict[str, str]:
    row = {"connection": "newsletter", "stream": "members", "kind": "pull", "status": "ok"}
    return {**row, "started_at": at(began).isoformat(), "finished_at": at(ended).isoformat(), **other}


NO = [spoke("no", 0, connection="newsletter")]
SIGNED_UP = spoke("yes", 30, connection="newsletter")
"""By the form that asks nobody to confirm."""
READ = [pulled(10, 11)]


def test_one_write_for_each_word_is_well() -> None:
    acts = [*NO, spoke("yes", 40), spoke("no", 80)]
    effects = [wrote("out", 20, "yes", "no"), wrote("in", 60, "no", "yes"), wrote("out", 100, "yes", "no")]
    assert oracle.doubled_effects(effects, acts) == []


def test_a_repetition_after_a_lost_answer_that_changed_nothing_is_none() -> None:
    assert oracle.doubled_effects([wrote("out", 20, "yes", "no"), wrote("out", 21, "no", "no")], NO) == []


def test_a_write_that_changed_something_twice_for_one_word_is_reported() -> None:
    (said,) = oracle.doubled_effects([wrote("out", 20, "yes", "no"), wrote("out", 30, "yes", "no")], NO)
    assert said.startswith("doubled: shop was changed")


def test_a_write_back_and_forth_is_reported_each_time() -> None:
    effects = [wrote("out", 20, "yes", "no"), wrote("in", 30, "no", "yes"), wrote("out", 40, "yes", "no")]
    assert len(oracle.doubled_effects(effects, NO)) == 2


def test_a_write_that_was_on_its_way_when_somebody_spoke_is_well() -> None:
    """The no came before the grant was written, and before anybody could read it."""
    acts = [spoke("yes", -99), *NO]
    assert oracle.doubled_effects([wrote("in", 1, "never", "yes"), wrote("out", 20, "yes", "no")], acts) == []


def test_a_write_that_nobody_asked_for_is_reported() -> None:
    assert len(oracle.doubled_effects([wrote("in", 20, "never", "yes")], [])) == 1
    assert len(oracle.doubled_effects([wrote("in", 20, "never", "yes")], NO)) == 1


def test_what_somebody_else_said_is_no_cause() -> None:
    acts = [*NO, spoke("no", 25, line=ALICE_MAIL)]
    assert len(oracle.doubled_effects([wrote("out", 20, "yes", "no"), wrote("out", 30, "yes", "no")], acts)) == 1


def test_a_no_is_written_again_where_the_vendor_undid_it_by_a_form_that_asks_nobody() -> None:
    effects = [
        wrote("out", 20, "yes", "no", connection="newsletter"),
        wrote("out", 40, "yes", "no", connection="newsletter"),
    ]
    assert oracle.doubled_effects(effects, [*NO, SIGNED_UP]) == []
    assert len(oracle.doubled_effects(effects, NO)) == 1


def test_such_a_yes_stands_for_one_write_and_for_that_vendor_alone() -> None:
    thrice = [wrote("out", seconds, "yes", "no", connection="newsletter") for seconds in (20, 40, 60)]
    at_the_shop = [wrote("out", seconds, "yes", "no") for seconds in (20, 40)]
    assert len(oracle.doubled_effects(thrice, [*NO, SIGNED_UP])) == 1
    assert len(oracle.doubled_effects(at_the_shop, [*NO, SIGNED_UP])) == 1


def test_a_yes_at_a_form_that_is_believed_excuses_no_second_no() -> None:
    effects = [wrote("out", 20, "yes", "no"), wrote("out", 40, "yes", "no")]
    assert len(oracle.doubled_effects(effects, [*NO, spoke("yes", 30)])) == 1


def test_a_first_yes_at_a_form_that_asks_nobody_excuses_none_either() -> None:
    """Nobody had said no: it counts, and the no that follows is written once."""
    acts = [spoke("yes", -30, connection="newsletter"), *NO]
    effects = [
        wrote("out", 20, "yes", "no", connection="newsletter"),
        wrote("out", 40, "yes", "no", connection="newsletter"),
    ]
    assert len(oracle.doubled_effects(effects, acts)) == 1


def test_a_task_that_was_made_twice_is_reported() -> None:
    once, again, other = (Effect(at(one), "help", "ticket", {"external_id": key}) for one, key in enumerate("aab"))
    assert oracle.doubled_effects([once, other], []) == []
    assert len(oracle.doubled_effects([once, again, other], [])) == 1


def test_a_grant_to_an_opted_out_is_reported() -> None:
    (said,) = oracle.sent([wrote("in", 20, "no", "yes")], NO, READ)
    assert said.startswith("sent: shop was written a consent of ('email', 'charlie@example.com')")


def test_a_grant_that_the_vendor_did_not_take_is_reported_too() -> None:
    assert len(oracle.sent([wrote("in", 20, "no", "no")], NO, READ)) == 1


def test_a_segment_tag_of_an_opted_out_is_reported_and_its_removal_is_not() -> None:
    (said,) = oracle.sent([tagged(20), tagged(21, "remove")], NO, READ)
    assert "a tag of" in said


def test_a_grant_to_somebody_who_came_back_is_well() -> None:
    assert oracle.sent([wrote("in", 40, "no", "yes"), tagged(41)], [*NO, spoke("yes", 30)], READ) == []


def test_a_form_that_asks_nobody_to_confirm_brings_nobody_back() -> None:
    acts = [*NO, SIGNED_UP]
    assert len(oracle.sent([wrote("in", 40, "no", "yes"), tagged(41)], acts, READ)) == 2
    assert len(oracle.standing(acts, {CHARLIE_MAIL: ["newsletter"]}, {"shop": {"charlie@example.com"}})) == 2
    assert oracle.standing([*acts, spoke("yes", 60)], {CHARLIE_MAIL: ["newsletter"]}, {}) == []


def test_a_grant_before_anybody_could_read_the_no_is_well() -> None:
    assert oracle.sent([wrote("in", 10.5, "never", "yes")], NO, READ) == []


@pytest.mark.parametrize(
    "run",
    [
        pulled(-5, 1),
        pulled(10, 11, status="failed"),
        pulled(10, 11, stream="tags"),
        pulled(10, 11, connection="shop", stream="customers"),
        pulled(10, 11, kind="reconcile"),
    ],
)
def test_only_a_pull_that_began_after_the_no_and_went_well_has_surely_read_it(run: dict[str, str]) -> None:
    grant = wrote("in", 20, "never", "yes")
    assert oracle.sent([grant], NO, [run]) == []
    assert len(oracle.sent([grant], NO, [run, *READ])) == 1


def test_after_two_minutes_a_no_counts_whoever_read_it() -> None:
    assert oracle.sent([wrote("in", 119, "never", "yes")], NO, []) == []
    assert len(oracle.sent([wrote("in", 122, "never", "yes")], NO, [])) == 1


def test_a_vendor_that_still_sends_to_an_opted_out_is_reported() -> None:
    assert oracle.standing(NO, {CHARLIE_MAIL: []}, {"shop": {"alice@example.com"}}) == []
    (said,) = oracle.standing(NO, {CHARLIE_MAIL: ["shop"]}, {})
    assert said.startswith("sent: shop still sends")
    (said,) = oracle.standing(NO, {CHARLIE_MAIL: []}, {"shop": {"charlie@example.com"}})
    assert said.startswith("sent: shop still has")


def test_whoever_came_back_may_be_sent_to() -> None:
    assert oracle.standing([*NO, spoke("yes", 30)], {CHARLIE_MAIL: ["shop"]}, {"shop": {"charlie@example.com"}}) == []
