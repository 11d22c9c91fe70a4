"""Two reviewers never have the same pair before them, and nobody holds one for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from hub.admin.review.claims import Reviewer, claims, hold
from hub.store.clock import database_now
from tests.hub.admin.browsing import post, text_of
from tests.hub.admin.estate import Estate
from tests.hub.admin.review.desk import Desk


def run_out(desk: Desk) -> None:
    """Six minutes without a sign of life."""
    desk.store.write(lambda db: db.execute(update(claims).values(until=database_now(db) - timedelta(minutes=1))))


@pytest.mark.fault("A20")
def test_two_reviewers_never_get_the_same_pair(olive: Desk, peter: Desk) -> None:
    hers, his = [olive.take()], [peter.take()]
    for _ in range(4):
        hers.append(olive.arrived(olive.answer(hers[-1], "merge")))
        his.append(peter.arrived(peter.answer(his[-1], "apart")))
    assert not {*hers} & {*his}
    assert len({*hers, *his}) == 10


@pytest.mark.fault("A20")
def test_a_pair_that_another_has_is_not_decided(olive: Desk, peter: Desk) -> None:
    item = olive.take()
    reply = peter.answer(item, "merge")
    assert reply.status_code == 409
    assert "Somebody else has this question" in text_of(reply.text)
    assert peter.decided() == []
    assert "reviewer" in text_of(peter.client.get("/review").text).partition("before")[2]


@pytest.mark.fault("A20")
def test_a_claim_that_has_run_out_is_free_and_a_sign_of_life_keeps_it(olive: Desk, peter: Desk) -> None:
    item = olive.take()
    run_out(olive)
    assert peter.take() == item
    assert olive.answer(item, "merge").status_code == 409
    before = until(peter)
    assert peter.news("/review/alive", at=item).status_code == 204
    assert until(peter) > before


def until(desk: Desk) -> Any:
    with desk.store.read() as db:
        return db.execute(select(claims.c.until)).scalar_one()


def test_reading_takes_nothing(olive: Desk, peter: Desk) -> None:
    for path in ("/review", f"/review/items/{next(iter(olive.open_pairs()))}", "/review/history"):
        assert olive.client.get(path).status_code == 200
    with olive.store.read() as db:
        assert db.execute(select(claims.c.item)).first() is None


def test_the_script_gets_as_many_questions_as_it_has_room_for(olive: Desk) -> None:
    item = olive.take()
    have = [item]
    for comes in (2, 1, 0):
        news = olive.news("/review/next", at=item, have=" ".join(have))
        ahead = [one.partition('"')[0] for one in news.text.split('data-item="')[1:]]
        assert len(ahead) == comes
        have += ahead
    assert len({*have}) == 4


@pytest.mark.fault("A07")
def test_values_are_in_clear_only_for_the_pair_that_the_reviewer_has_before_them(olive: Desk, peter: Desk) -> None:
    item = olive.take()
    assert "@example.com" in olive.read(item)
    hidden = peter.read(item)
    assert "@example.com" not in hidden
    assert "desk" in hidden
    assert "Take this question Values are hidden until you do." in hidden
    run_out(olive)
    assert "@example.com" not in olive.read(item)


@pytest.mark.fault("A07")
def test_only_an_open_question_that_nobody_has_can_be_taken(olive: Desk, peter: Desk) -> None:
    first, second = olive.take(), sorted(olive.open_pairs())[0]
    assert first != second
    assert "@example.com" not in peter.read(second)
    assert post(peter.client, f"/review/items/{second}/take").status_code == 303
    assert "@example.com" in peter.read(second)
    one, other = first.split("-")[0], second.split("-")[1]
    for item in (first, f"{one}-{other}", "v1"):
        assert post(peter.client, f"/review/items/{item}/take").status_code == 409
    assert "@example.com" not in peter.client.get(f"/review/items/{one}-{other}").text


@pytest.mark.fault("A20")
def test_those_who_ask_at_the_same_moment_get_different_questions(pairs_hub: Estate) -> None:
    def ask(session: int) -> list[str]:
        who = Reviewer("olive", f"session {session}")
        return pairs_hub.store.write(lambda db: hold(db, who, set(), 3))

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(ask, range(4)))
    assert [len(some) for some in found] == [3] * 4
    assert len({item for some in found for item in some}) == 12


def test_what_a_session_holds_is_let_go_when_the_queue_is_narrowed_to_something_else(olive: Desk, peter: Desk) -> None:
    first = olive.take()
    olive.query = "?kind=conflict"
    assert olive.take() == ""
    assert peter.take() == first
