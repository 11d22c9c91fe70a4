"""Deciding, putting off and undoing, by plain forms; one answer counts once, and only for what was shown."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.audit import entries
from tests.hub.admin.browsing import post, text_of, waiting_runs
from tests.hub.admin.estate import Estate
from tests.hub.admin.review.crowd import pairs
from tests.hub.admin.review.desk import Desk


def test_an_answer_decides_and_leads_to_the_next_question(olive: Desk) -> None:
    before = olive.open_pairs()
    first = olive.take()
    second = olive.arrived(olive.answer(first, "merge", note="the same voice"))
    third = olive.arrived(olive.answer(second, "apart"))
    assert len({first, second, third}) == 3
    assert olive.decided() == [("merge", True), ("apart", True)]
    assert olive.open_pairs() == before - {first, second}
    assert "Question 3 of 12" in olive.read(third)
    assert "2 answers" in olive.read(third)
    with olive.store.read() as db:
        acts = [(row.actor, row.action) for row in db.execute(select(entries).order_by(entries.c.id))]
    assert acts[-2:] == [("reviewer", "decision.merge"), ("reviewer", "decision.apart")]
    assert waiting_runs(olive.store) == ["derive"]


def test_any_number_of_answers_is_undone_newest_first(olive: Desk) -> None:
    items, everything = [olive.take()], olive.open_pairs()
    for said in ("merge", "skip", "apart"):
        items.append(olive.arrived(olive.answer(items[-1], said)))
    for at in (2, 1, 0):
        assert olive.arrived(olive.undo()) == items[at]
    assert olive.decided() == [("merge", False), ("apart", False)]
    assert olive.open_pairs() == everything
    assert olive.arrived(olive.undo()) == ""
    assert olive.arrived(olive.answer(items[0], "apart")) in items
    assert olive.decided()[-1] == ("apart", True)


def test_the_last_hour_counts_what_stands_and_what_was_undone_and_not_what_was_put_off(olive: Desk) -> None:
    item = olive.take()
    for said in ("apart", "skip", "apart", "apart"):
        item = olive.arrived(olive.answer(item, said))
    item = olive.arrived(olive.undo())
    told = olive.read(item)
    assert "last hour: 2 answers" in told
    assert "undone 1" in told


def test_every_decision_can_be_undone_by_its_number(olive: Desk, peter: Desk) -> None:
    item = olive.take()
    olive.answer(item, "merge")
    history = peter.client.get("/review/history").text
    assert "one person" in text_of(history)
    assert peter.arrived(post(peter.client, "/review/undo/1")) == item
    assert olive.decided() == [("merge", False)]
    assert item in olive.open_pairs()
    assert post(peter.client, "/review/undo/1").status_code == 409
    assert post(peter.client, "/review/undo/99").status_code == 409
    assert olive.arrived(olive.undo()) == ""


def test_what_was_put_off_comes_when_nothing_else_is_left(olive: Desk) -> None:
    first = olive.take()
    item = olive.arrived(olive.answer(first, "skip"))
    while item != first:
        item = olive.arrived(olive.answer(item, "apart"))
    assert olive.open_pairs() == {first}
    assert olive.arrived(olive.answer(first, "merge")) == ""
    olive.undo()
    olive.answer(first, "merge")
    told = text_of(olive.client.get("/review").text)
    assert "Queue clear. 12 decided this week (1 merged, 11 kept apart), 1 undone. Next run " in told


def test_an_answer_that_is_sent_twice_counts_once(olive: Desk) -> None:
    item = olive.take()
    form = olive.form(item)
    assert olive.answer(item, "merge", form).status_code == 303
    assert olive.answer(item, "merge", form).status_code == 303
    assert olive.decided() == [("merge", True)]


@pytest.mark.fault("A20")
def test_a_pair_that_has_moved_since_it_was_shown_is_shown_anew_with_what_moved(olive: Desk, pairs_hub: Estate) -> None:
    item = olive.take()
    form = olive.form(item)
    desk, loyalty = pairs(12)
    for row in desk:
        row["name"] = f"{row['name']}-Smith"
    pairs_hub.put(desk, loyalty)
    reply = olive.answer(item, "merge", form)
    told = text_of(reply.text)
    assert reply.status_code == 409
    assert "It has changed since you opened it. Nothing was decided" in told
    assert "Name: was" in told
    assert "-Smith" in told.partition("Name: was")[2]
    assert olive.decided() == []
    assert olive.answer(item, "merge").status_code == 303
    assert olive.decided() == [("merge", True)]


@pytest.mark.fault("A20")
def test_a_pair_that_somebody_decided_meanwhile_is_not_decided_again(olive: Desk, peter: Desk) -> None:
    item = olive.take()
    form = olive.form(item)
    assert olive.answer(item, "merge").status_code == 303
    reply = peter.answer(item, "apart", form | {"ticket": "a" * 32})
    assert reply.status_code == 409
    assert "It was answered meanwhile. Nothing was decided." in text_of(reply.text)
    assert olive.decided() == [("merge", True)]


def test_an_answer_that_is_none_is_refused(olive: Desk) -> None:
    item = olive.take()
    assert olive.answer(item, "good").status_code == 409
    assert olive.answer(item, "explode").status_code == 409
    assert olive.answer(item, "merge", {"ticket": "", "shown": ""}).status_code == 400
    for path in ("/review/items/x", "/review/items/v99999999999999999999", "/review/items/0-0", "/review/items/v1"):
        assert olive.client.get(path).status_code == 404
    assert olive.decided() == []
