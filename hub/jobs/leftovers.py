"""What lies in the outbox with nobody at it: its time to be tried again has come, or whoever was at it is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping

from hub.jobs.ends import NEEDS_ATTENTION
from hub.jobs.queue import PUSH, is_under_way, last_ended, push_place, queue_soon
from hub.settings.settings import Settings
from hub.stages.freeze import frozen_since
from hub.stages.outbox import is_left_over, optouts_waiting
from hub.stages.push import lease_of_push
from hub.store.engine import Store
from hub.store.leases import held_by_anybody

REST = timedelta(seconds=20)
"""After a push of a destination, before the next one that only looks after what was left there."""

REST_AFTER_FAILURE = timedelta(minutes=2)
REST_AFTER_CANCELLING = timedelta(minutes=15)
"""After a person stopped a push, time to pause the connection or to correct what was wrong. No opt-out waits for it."""


def queue_pushes(store: Store, settings: Settings, now: datetime) -> list[int]:
    """Queue a push run for each destination where something lies that could go; the runs that are new."""
    with store.read() as db:
        names = [] if frozen_since(db) else list(_left(db, settings, now))
    installation, told = settings.hub.installation, "something was left in the outbox"
    queued = [
        store.write(lambda db, name=name: queue_soon(db, push_place(installation, name), PUSH, told))  # type: ignore[misc]
        for name in names
    ]
    return [run_id for run_id in queued if run_id is not None]


def _left(db: Db, settings: Settings, now: datetime) -> Iterator[str]:
    for name, connection in settings.connections.items():
        if connection.paused or connection.push.mode == "off" or not is_left_over(db, name, now):
            continue
        place = push_place(settings.hub.installation, name)
        if is_under_way(db, place, PUSH) or held_by_anybody(db, lease_of_push(name)):
            continue
        last = last_ended(db, place, PUSH)
        if last is None or not (_needs_somebody(last) or now - last["finished_at"] < _rest(db, name, last)):
            yield name


def _needs_somebody(last: RowMapping) -> bool:
    """Whether a person has to act first, or the run goes on by itself when its vendor wants it."""
    return last["exit_code"] in NEEDS_ATTENTION or last["status"] == "paused"


def _rest(db: Db, destination: str, last: RowMapping) -> timedelta:
    if last["status"] == "cancelled" and last["cancelled_by"] and not optouts_waiting(db, destination):
        return REST_AFTER_CANCELLING
    return REST_AFTER_FAILURE if last["exit_code"] else REST
