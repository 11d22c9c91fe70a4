"""Alerts: what changed since the last look becomes a message, once, whoever looks; then what waits is sent.

Law: a message is written in the transaction that changes the state, so that it is neither lost nor made twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from hub.settings.settings import Settings
from hub.stages import notes
from hub.store.engine import Store
from hub.store.sql import upsert
from hub.watch.anchor import Anchor
from hub.watch.channels import configured
from hub.watch.clean import Cleaner
from hub.watch.figures import figures
from hub.watch.log import fields
from hub.watch.post import send_waiting
from hub.watch.room import room_for
from hub.watch.rules import Trouble, troubles
from hub.watch.tables import FIRING, OK, alert_messages, alert_states

log = logging.getLogger("hub.watch")

LOOK_SECONDS = 30.0
GOODBYE_SECONDS = 3.0
NOTE = "alerts_looked_at"
KEPT = timedelta(days=90)


def watch_once(store: Store, settings: Settings, now: datetime) -> int:
    """Look at everything, note what changed, send what waits; how many alerts began or ended.

    Raises nothing for what cannot be sent, and only what the store raises. May be called by any number of schedulers.
    """
    with store.read() as db:
        found, standing = figures(db, settings), _standing(db)
    wrong = troubles(found, room_for(settings.database_url), settings.hub.alerts)
    cleaner = Cleaner(settings.secrets)
    clean = [Trouble(one.rule, one.subject, cleaner(one.message), cleaner(one.fix)) for one in wrong]
    changed: list[Change] = []
    if {(one.rule, one.subject) for one in clean} != standing:
        changed = store.write(lambda db: _note(db, clean, configured(settings.hub.alerts), now))
    for rule, subject, state in changed:
        level = logging.WARNING if state == FIRING else logging.INFO
        log.log(level, f"alert.{state}", extra=fields(rule=rule, subject=subject))
    send_waiting(store, settings, now)
    return len(changed)


@contextmanager
def watching(
    store: Store, settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[None]:
    """Look every 30 seconds in a thread, for the length of a block: a slow mail server delays no run.

    Every hour the audit's anchor goes to the log.
    """
    over = Event()
    thread = Thread(target=_look_until, args=(over, store, settings, now), name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(GOODBYE_SECONDS)


def _look_until(over: Event, store: Store, settings: Settings, now: Callable[[], datetime]) -> None:
    anchor = Anchor()
    while not over.wait(LOOK_SECONDS):
        try:
            watch_once(store, settings, now())
            anchor.speak_when_due(store, now())
        except DBAPIError:
            log.exception("watch.failed", extra=fields())


Change = tuple[str, str, str]
"""Rule, subject and the new state."""


def _standing(db: Connection) -> set[tuple[str, str]]:
    firing = select(alert_states.c.rule, alert_states.c.subject).where(alert_states.c.state == FIRING)
    return {(row.rule, row.subject) for row in db.execute(firing)}


def _note(db: Connection, wrong: Iterable[Trouble], channels: Iterable[str], now: datetime) -> list[Change]:
    notes.put(db, NOTE, now.isoformat())  # whoever else looks waits here, and then finds what we have noted
    standing = _standing(db)
    current = {(one.rule, one.subject): one for one in wrong}
    begun = [one for key, one in current.items() if key not in standing]
    ended = sorted(standing - current.keys())
    upsert(db, alert_states, [_state(one, now) for one in begun])
    for one in begun:
        _tell(db, channels, (one.rule, one.subject, FIRING), one.message, one.fix, now)
    for rule, subject in ended:
        _recover(db, channels, rule, subject, now)
    db.execute(delete(alert_messages).where(alert_messages.c.happened_at < now - KEPT))
    return [(one.rule, one.subject, FIRING) for one in begun] + [(*key, OK) for key in ended]


def _state(one: Trouble, now: datetime) -> dict[str, object]:
    told = {"message": one.message, "fix": one.fix}
    return {"rule": one.rule, "subject": one.subject, "state": FIRING, "since": now, **told}


def _recover(db: Connection, channels: Iterable[str], rule: str, subject: str, now: datetime) -> None:
    """The end is told where the beginning was: what never left is dropped instead."""
    own = (alert_states.c.rule == rule) & (alert_states.c.subject == subject)
    was = db.execute(select(alert_states.c.message, alert_states.c.since).where(own)).one()
    db.execute(update(alert_states).where(own).values(state=OK, since=now))
    unsent = (
        (alert_messages.c.rule == rule)
        & (alert_messages.c.subject == subject)
        & (alert_messages.c.status == "waiting")
        & (alert_messages.c.attempts == 0)
    )
    drop = update(alert_messages).where(unsent).values(status="dropped").returning(alert_messages.c.channel)
    silent = set(db.execute(drop).scalars())
    told = f"over, after {_minutes(was.since, now)}: {was.message}"
    _tell(db, [one for one in channels if one not in silent], (rule, subject, OK), told, "", now)


def _minutes(since: datetime, now: datetime) -> str:
    return f"{max(0, int((now - since).total_seconds())) // 60} min"


def _tell(db: Connection, channels: Iterable[str], change: Change, message: str, fix: str, now: datetime) -> None:
    rule, subject, state = change
    rows = [
        {
            "channel": channel,
            "rule": rule,
            "subject": subject,
            "state": state,
            "message": message,
            "fix": fix,
            "happened_at": now,
            "status": "waiting",
            "attempts": 0,
            "next_try_at": now,
            "problem": "",
        }
        for channel in channels
    ]
    if rows:
        db.execute(insert(alert_messages), rows)
