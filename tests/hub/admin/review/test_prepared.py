"""The next question is read while the reviewer reads this one, and shown only as it stands and to whoever has it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from hub.admin.review import known, prepared
from hub.queries.review_pair import NoSuchPair
from tests.hub.admin.browsing import text_of
from tests.hub.admin.estate import Estate
from tests.hub.admin.review.crowd import pairs
from tests.hub.admin.review.desk import Desk


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that were read, each time that one was."""
    found: list[str] = []
    shown_item = prepared.shown_item

    def noting(*given: Any, **named: Any) -> Any:
        found.append(given[3])
        return shown_item(*given, **named)

    monkeypatch.setattr(prepared, "shown_item", noting)
    return found


def ahead_of(olive: Desk) -> list[str]:
    """The questions that the script has when all have come: one on the screen, three behind it."""
    items = [olive.take()]
    for _ in range(2):
        items += items_in(olive.news("/review/next", at=items[0], have=" ".join(items)).text)
    return items


def answer(olive: Desk, said: str, items: list[str]) -> Any:
    form = olive.form(items[0])
    return olive.news(f"/review/items/{items[0]}", at=items[0], answer=said, have=" ".join(items[1:]), **form)


def next_of(read: list[str], items: list[str]) -> str:
    """The first of the questions that were read and not given."""
    return next(item for item in read if item not in items)


def items_in(text: str) -> list[str]:
    return [one.partition('"')[0] for one in text.split('data-item="')[1:]]


def test_an_answer_brings_a_question_that_has_been_read_already(olive: Desk, read: list[str]) -> None:
    items = ahead_of(olive)
    coming = next_of(read, items)
    read.clear()
    reply = answer(olive, "apart", items)
    assert items_in(reply.text) == [coming]
    assert "@example.com" in text_of(reply.text)
    assert coming not in read
    assert answer(olive, "merge", [coming]).status_code == 200


def test_what_has_changed_since_it_was_read_is_read_anew(olive: Desk, pairs_hub: Estate, read: list[str]) -> None:
    items = ahead_of(olive)
    coming = next_of(read, items)
    desk, loyalty = pairs(12)
    pairs_hub.put([{**row, "name": f"{row['name']} Moved"} for row in desk], loyalty)
    assert "Moved" in text_of(answer(olive, "skip", items).text)
    assert read.count(coming) == 2


def test_it_is_in_clear_only_for_whoever_has_it_before_them(olive: Desk, peter: Desk, read: list[str]) -> None:
    items = ahead_of(olive)
    coming = next_of(read, items)
    assert "@example.com" not in peter.read(coming)
    assert "@example.com" not in olive.read(coming)
    assert items_in(answer(olive, "skip", items).text) == [coming]
    assert "@example.com" in olive.read(coming)
    assert "@example.com" not in peter.read(coming)


def test_a_known_pair_that_was_read_as_an_open_one_looks_like_any_other(
    olive: Desk, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    items = ahead_of(olive)
    coming = next_of(read, items)
    monkeypatch.setattr(known, "EVERY", 1)
    monkeypatch.setattr(known, "_candidates", lambda *_: [(coming, "apart")])
    read.clear()
    assert items_in(answer(olive, "skip", items).text) == [coming]
    assert coming in read


@pytest.mark.parametrize("trouble", [NoSuchPair("gone"), OperationalError("SELECT", {}, TimeoutError())])
def test_what_cannot_be_read_ahead_is_read_when_it_is_asked_for(
    olive: Desk, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def vanished(*_: Any, **__: Any) -> Any:
        raise trouble

    with monkeypatch.context() as patched:
        patched.setattr(prepared.claims, "coming", vanished)
        items = ahead_of(olive)
    assert len(items_in(answer(olive, "apart", items).text)) == 1
    assert olive.decided() != []
