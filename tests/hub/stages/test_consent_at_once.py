"""Several who look at one address at the same moment, on PostgreSQL: pushes, the consent stage, and who brings a no."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, delete, text

from hub.settings.settings import Settings
from hub.stages import consent
from hub.stages.consent import look_at, states
from hub.stages.ledger import Line, consent_marks, mark
from hub.store.engine import Store
from tests.flows.service import until
from tests.hub.stages.consent_world import customer, hear
from tests.hub.world import opened, rows

ALICE: Line = ("email", "alice@example.com")
YES_AT = datetime(2026, 1, 1, tzinfo=UTC)
BLOCKED = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    with opened(postgres_url) as found:
        yield found


@pytest.fixture
def settings(store: Store) -> Settings:
    return hear(store, customer("1", YES_AT, name="Alice", email=ALICE[1], said="yes", said_at=YES_AT))


@pytest.fixture
def other() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as found:
        yield found


def waits_or_is_done(store: Store, work: Future[Any]) -> bool:
    """Whether the other transaction has come to a lock, or to its end."""
    with store.read() as db:
        return work.done() or db.execute(BLOCKED).first() is not None


@pytest.mark.fault("P06")
def test_two_who_look_at_one_address_do_so_one_after_the_other(
    store: Store, settings: Settings, other: ThreadPoolExecutor
) -> None:
    store.write(lambda db: db.execute(delete(states)))
    with store.writer.begin() as db:
        first = look_at(db, settings, [ALICE])
        second = other.submit(store.write, lambda db: look_at(db, settings, [ALICE]))
        until(lambda: waits_or_is_done(store, second), 20)
    assert second.result(20) == first
    assert [row["reason"] for row in rows(store, states)] == ["granted"]


@pytest.mark.fault("P06")
def test_a_mark_that_is_made_while_an_address_is_looked_at_is_there_after_it(
    store: Store, settings: Settings, other: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lands a no marks its address: that mark must not go with what was read before the no."""
    answers, marked = consent.answers, []

    def interrupted(db: Connection, settings: Settings, evidence: Any, now: datetime) -> Mapping[Line, Any]:
        found = answers(db, settings, evidence, now)
        marked.append(other.submit(store.write, lambda db: mark(db, [ALICE])))
        until(lambda: waits_or_is_done(store, marked[0]), 20)
        return found

    monkeypatch.setattr(consent, "answers", interrupted)
    store.write(lambda db: look_at(db, settings, [ALICE]))
    marked[0].result(20)
    assert [(row["channel"], row["address"]) for row in rows(store, consent_marks)] == [ALICE]
