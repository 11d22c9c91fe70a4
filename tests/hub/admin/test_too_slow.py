"""A question that keeps the database busy is stopped, the page says so, and the next page is there at once."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.access.roles import Role
from hub.admin import contacts, following
from hub.admin.api import contacts as api_contacts
from hub.admin.app import create_app
from hub.queries.find import find
from hub.store import waiting
from hub.store.engine import Store
from hub.store.waiting import took_too_long
from tests.hub.admin.api.calling import EVERYTHING, Program, problem, token_for
from tests.hub.admin.browsing import post, signed_in_as, text_of
from tests.hub.admin.estate import Estate

LIMIT = 0.2
FOR_EVER = 10**12
A_WHILE = 2_000_000
"""Rows that take longer than the limit to count, on any machine, and not long."""

COUNTING = text(
    "WITH RECURSIVE counted(at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM counted WHERE at < :most)"
    " SELECT count(*) FROM counted"
)


@pytest.fixture(autouse=True)
def short_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "STATEMENT_SECONDS", LIMIT)


def count(db: Connection, *_: Any) -> list[dict[str, Any]]:
    db.execute(COUNTING, {"most": FOR_EVER}).all()
    return []


@pytest.fixture
def operator(either_hub: Estate, clock: FakeClock) -> TestClient:
    return signed_in_as(
        create_app(either_hub.store, either_hub.settings, clock.now), either_hub.store, clock, Role.OPERATOR
    )


@pytest.mark.fault("A19")
def test_a_page_that_takes_too_long_is_stopped_and_says_so(
    operator: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun = time.monotonic()
    with monkeypatch.context() as slow, caplog.at_level(logging.WARNING, logger="hub.admin"):
        slow.setattr(contacts, "look_up", count)
        answer = operator.get("/contacts?q=alice")
    assert time.monotonic() - begun < 20 * LIMIT
    assert answer.status_code == 503
    assert "took longer than 0.2 seconds" in text_of(answer.text)
    assert "alice" not in caplog.text
    assert "longer than" in caplog.text
    assert "Nguyen" in operator.get("/contacts").text


@pytest.mark.fault("A19")
def test_a_program_is_told_by_a_problem(either_hub: Estate, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(either_hub.store, either_hub.settings, clock.now)
    desk = Program(app, token_for(either_hub.store, clock, "desk", EVERYTHING))
    monkeypatch.setattr(api_contacts, "look_up", count)
    problem(desk.post("/contacts/search", {"text": "alice"}), 503, "too-slow")


@pytest.mark.fault("A19")
def test_a_statement_of_each_its_own_time(either_hub: Estate) -> None:
    """What is limited is one statement, not a page of many."""
    with either_hub.store.for_pages.read() as db:
        until = time.monotonic() + 2 * LIMIT
        while time.monotonic() < until:
            assert db.execute(COUNTING, {"most": 1_000}).scalar_one() == 1_000


@pytest.mark.fault("A19")
def test_what_follows_from_a_decision_may_take_its_time(
    either_hub: Estate, operator: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []

    def slowly(store: Store, *_: Any, **__: Any) -> None:
        with store.read() as db:
            counted.append(db.execute(COUNTING, {"most": A_WHILE}).scalar_one())

    monkeypatch.setattr(following, "derive", slowly)
    with either_hub.store.read() as db:
        alice, bob = (find(db, f"{name}@example.com", "AU").contact_id for name in ("alice", "bob"))
    assert post(operator, f"/contacts/{alice}/merge", other=bob, reason="one mailbox").status_code == 303
    assert counted == [A_WHILE]


@pytest.mark.fault("A19")
def test_what_is_no_page_may_take_its_time(either_hub: Estate) -> None:
    with either_hub.store.for_pages.read() as db, pytest.raises(OperationalError) as stopped:
        db.execute(COUNTING, {"most": A_WHILE}).all()
    assert took_too_long(stopped.value)
    with either_hub.store.read() as db:
        assert db.execute(COUNTING, {"most": A_WHILE}).scalar_one() == A_WHILE
