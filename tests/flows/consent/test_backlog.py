"""A vendor that takes five calls a second and has a backlog keeps no opt-out waiting, the others' or its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from hub.jobs.leftovers import queue_pushes
from hub.jobs.rounds import destinations_to_push, push_to
from hub.stages.order import derive
from hub.stages.outbox import queued
from tests.flows.consent.backlog import Backlog, backlog, queue_many, serving, until
from tests.flows.consent.life import Life
from tests.flows.statements import listening, scans
from tests.services import Redis

EVERYWHERE = (("texts", "sms"), ("help", "email"), ("help", "sms"))
SECONDS = 5
A_BATCH = 4
"""Changes that leave for the newsletter at once: what may be under way when a no is made."""

BIG = 20_000
FEW = 2_000
MANY = pytest.param(100_000, marks=[pytest.mark.slow])


def check(found: Backlog, url: str, seconds: float = SECONDS) -> None:
    """Charlie's no is everywhere in time, and at the limited vendor it is the next that leaves."""
    until(found.is_busy)
    found.says_no(url)
    until(lambda: all(found.arrived(*place) for place in EVERYWHERE), 30)
    until(lambda: found.arrived("newsletter", "email"), 30)
    known_at, queued_at = found.known_at(), found.queued_at()
    took = {place: (found.arrived(*place) - known_at).total_seconds() for place in EVERYWHERE}  # type: ignore[operator]
    there = found.arrived("newsletter", "email")
    assert there is not None
    assert queued_at is not None
    print([*took.items(), ("newsletter", (there - known_at).total_seconds())])
    assert max(took.values()) < seconds, took
    between = [one["address"] for at, one in found.writes("newsletter") if queued_at < at < there]
    assert len(between) <= A_BATCH, between


@pytest.mark.fault("W11")
@pytest.mark.parametrize("rows", [FEW, MANY])
def test_a_no_passes_a_backlog_at_a_slow_vendor_in_one_process(rows: int, tmp_path: Path) -> None:
    with backlog(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}", rows) as found, serving(found) as url:
        check(found, url)


@pytest.mark.slow
@pytest.mark.fault("W11")
@pytest.mark.parametrize("rows", [FEW, MANY])
@pytest.mark.parametrize(("workers", "seconds"), [(2, SECONDS), (1, 2 * SECONDS)])
def test_a_no_passes_a_backlog_at_a_slow_vendor_with_workers(
    rows: int, workers: int, seconds: float, tmp_path: Path, postgres_url: str, redis_server: Redis
) -> None:
    """One worker alone does the pushes one after the other, and the limited vendor's batch under way before them."""
    others = ["scheduler", *["worker"] * workers]
    with backlog(tmp_path, postgres_url, rows, redis_server.url) as found, serving(found, *others) as url:
        check(found, url, seconds)


def test_no_statement_on_the_way_of_a_no_reads_the_backlog(life_anywhere: Life) -> None:
    life = life_anywhere
    store, settings = life.hub.store, life.hub.settings
    charlie = life.town.welcome("Charlie", 158)
    life.sync()
    life.sync()
    store.write(lambda db: queue_many(db, BIG, life.town.newsletter.now()))
    if not store.is_sqlite:
        with store.writer.connect() as db:
            db.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    life.later(days=1)
    life.town.shop.unsubscribe(charlie.customer, "email")
    life.later(minutes=10)
    life.hub.round(push=False)
    with listening() as heard:
        derive(store, settings)
        assert {"newsletter", "help"} <= set(destinations_to_push(store, settings))
        push_to(store, settings, "help", lambda: False)
        push_to(store, settings, "newsletter", lambda: True)
        queue_pushes(store, settings, life.town.newsletter.now())
    waiting = [row["address"] for row in life.hub.deliveries("newsletter") if row["plan"] != "of-yesterday"]
    assert charlie.email in waiting
    with store.writer.connect() as db:
        read = {shape: scans(db, *one) & {"delivery", "consent_gap"} for shape, one in heard.found.items()}
        db.rollback()
    assert {shape: tables for shape, tables in read.items() if tables} == {}
    with store.read() as db:
        assert charlie.email in [row["address"] for row in queued(db, "newsletter", 0, A_BATCH)][: A_BATCH // 2]
