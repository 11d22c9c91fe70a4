"""Decisions that the records no longer bear out: asked again, with what has changed; and contacts kept up to date."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import func, select

from hub.admin.review import deriving
from hub.stages.map import marks
from tests.hub.admin.browsing import text_of
from tests.hub.admin.estate import Estate
from tests.hub.admin.review.crowd import pairs
from tests.hub.admin.review.desk import Desk


def test_a_decision_is_asked_again_when_the_records_speak_against_it(olive: Desk, pairs_hub: Estate) -> None:
    first = olive.take()
    second = olive.arrived(olive.answer(first, "merge"))
    olive.answer(second, "apart")
    left, right = first.split("-")
    desk, loyalty = pairs(12)
    moved = {"name": "Zoe Zimmermann", "phone": "0498 000 001"}
    pairs_hub.put(desk, [row | moved if int(right) == at + 13 else row for at, row in enumerate(loyalty)])
    page = text_of(olive.client.get("/review?kind=reopened").text)
    assert "no longer what a person decided about" in page
    told = olive.read(f"{left}-{right}")
    assert "What has changed since it was decided:" in told
    assert "phone: same → different" in told
    assert "It was decision 1 ." in told
    assert "The two are one contact already." in told
    assert "X split B off" in told
    olive.query = "?kind=reopened"
    assert olive.take() == first
    assert olive.answer(first, "apart").status_code == 303
    assert olive.decided()[-1] == ("split", True)
    assert first not in olive.open_pairs()


def test_an_answer_stands_when_what_follows_from_it_fails_and_the_next_makes_it_good(
    olive: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("alice@example.com")

    first = olive.take()
    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING, "hub.admin"):
        patched.setattr(deriving, "derive", broken)
        second = olive.arrived(olive.answer(first, "merge"))
    assert olive.decided() == [("merge", True)]
    assert waiting(olive) > 0
    assert first in olive.open_pairs()
    assert second != first
    assert "RuntimeError" in caplog.text
    assert "alice" not in caplog.text
    olive.answer(second, "apart")
    assert waiting(olive) == 0
    assert {first, second}.isdisjoint(olive.open_pairs())


def waiting(desk: Desk) -> int:
    with desk.store.read() as db:
        return db.execute(select(func.count()).select_from(marks)).scalar_one()
