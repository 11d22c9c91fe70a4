"""What the doctor looks at in the work: leases, queued runs, opt-outs, streams, and alerts that did not arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Connection, func, select

from hub.queries.consent import overdue
from hub.settings.settings import Settings
from hub.stages.freeze import frozen_since
from hub.stages.runs import runs
from hub.store.clock import database_now
from hub.store.leases import stale
from hub.watch.figures import Figures, figures
from hub.watch.finding import ATTENTION, CREDENTIALS, Finding
from hub.watch.rules import troubles
from hub.watch.tables import alert_messages

QUEUED_TOO_LONG = timedelta(minutes=10)
DAY = timedelta(days=1)
MOST_NAMED = 5


def work_findings(db: Connection, settings: Settings) -> Iterator[Finding]:
    """Of a database whose schema is current."""
    found = figures(db, settings)
    yield _leases(db)
    yield _queue(db)
    yield _overdue(db, settings)
    yield from _troubles(found, settings)
    yield _worker(found)
    yield _alerts(db, settings)
    if frozen_since(db) is not None:
        fix = "hub doctor --after-restore tells what is missing before it can be approved"
        yield Finding("pushes", "frozen since a restore: nothing leaves, opt-outs neither", ATTENTION, fix)


def _leases(db: Connection) -> Finding:
    late = [row.name for row in stale(db)]
    if not late:
        return Finding("leases", "every holder is alive")
    named = ", ".join(late[:MOST_NAMED])
    fix = "they pass to the next who asks; if they stay, no worker runs: hub up, or restart the workers"
    return Finding("leases", f"{len(late)} of holders that died or hang: {named}", ATTENTION, fix)


def _queue(db: Connection) -> Finding:
    before = database_now(db) - QUEUED_TOO_LONG
    old = (runs.c.status == "queued") & (runs.c.queued_at < before)
    number = db.execute(select(func.count()).select_from(runs).where(old)).scalar_one()
    if not number:
        return Finding("queue", "no run waits for longer than 10 min")
    return Finding(
        "queue", f"{number} runs wait for longer than 10 min", ATTENTION, "start a worker: hub worker, hub up"
    )


def _overdue(db: Connection, settings: Settings) -> Finding:
    late = overdue(db, settings, database_now(db))
    if not late:
        return Finding("opt-outs", "none is overdue")
    places = ", ".join(sorted({one["destination"] for one in late}))
    return Finding("opt-outs", f"{len(late)} are overdue at {places}", ATTENTION, "hub consent overdue names them")


def _troubles(found: Figures, settings: Settings) -> Iterator[Finding]:
    wrong = troubles(found, None, settings.hub.alerts)
    for one in wrong:
        code = CREDENTIALS if one.rule == "attention" else ATTENTION
        yield Finding(f"{one.rule} {one.subject}", one.message, code, one.fix)
    if not wrong:
        yield Finding("streams", f"{len(found.coming)} as they should be")


def _worker(found: Figures) -> Finding:
    """Not an error by itself: who syncs by hand has no worker, and late streams are told of above."""
    if found.worker_seen_at is None:
        return Finding("worker", "none was ever seen")
    return Finding("worker", f"last seen {(found.now - found.worker_seen_at).total_seconds():.0f} s ago")


def _alerts(db: Connection, settings: Settings) -> Finding:
    alerts = settings.hub.alerts
    if alerts.email is None and alerts.webhook is None and alerts.slack is None:
        return Finding("alerts", "nobody is told: alerts: in hub.yaml has no channel")
    bad = alert_messages.c.status.in_(("waiting", "failed")) & (alert_messages.c.problem != "")
    lately = alert_messages.c.happened_at > database_now(db) - DAY
    number = db.execute(select(func.count()).select_from(alert_messages).where(bad, lately)).scalar_one()
    if number:
        return Finding("alerts", f"{number} messages did not arrive", ATTENTION, "hub alerts test says why")
    return Finding("alerts", "every message arrived")
