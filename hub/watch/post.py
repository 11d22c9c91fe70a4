"""Sends the messages that wait: claimed first, in order, retried with patience, and never more than so many an hour."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, func, select, update

from hub.settings.settings import Settings
from hub.store.engine import Store
from hub.watch.channels import Message, Undelivered, configured, deliver
from hub.watch.clean import Cleaner
from hub.watch.log import fields
from hub.watch.tables import alert_messages

log = logging.getLogger("hub.watch")

HOUR = timedelta(hours=1)
BACKOFF = timedelta(minutes=1)
LONGEST_BACKOFF = HOUR
GIVE_UP_AFTER = timedelta(days=1)


def send_waiting(store: Store, settings: Settings, now: datetime) -> int:
    """Send what is due; how many arrived. A channel that fails rests, and what follows on it waits its turn."""
    return sum(_send(store, settings, channel, now) for channel in configured(settings.hub.alerts))


def _send(store: Store, settings: Settings, channel: str, now: datetime) -> int:
    with store.read() as db:
        waiting = _waiting(db, channel, now, settings.hub.alerts.per_hour)
    sent = 0
    for row in waiting:
        if not store.write(lambda db, row=row: _claim(db, row, now)):  # type: ignore[misc]
            return sent  # somebody else is at it
        try:
            deliver(settings.hub.alerts, channel, _message(row), settings.hub.network.door)
        except Undelivered as reason:
            problem = Cleaner(settings.secrets)(str(reason))
            store.write(lambda db, row=row, problem=problem: _failed(db, row, problem, now))  # type: ignore[misc]
            log.warning("alert.undelivered", extra=fields(channel=channel, problem=problem))
            return sent
        store.write(lambda db, row=row: _arrived(db, row, now))  # type: ignore[misc]
        sent += 1
    return sent


def _waiting(db: Connection, channel: str, now: datetime, per_hour: int) -> list[RowMapping]:
    """The oldest messages of a channel, as many as may still leave this hour; none while the first must rest."""
    own = alert_messages.c.channel == channel
    lately = select(func.count()).where(own, alert_messages.c.status == "sent", alert_messages.c.sent_at > now - HOUR)
    room = max(0, per_hour - db.execute(lately).scalar_one())
    query = select(alert_messages).where(own, alert_messages.c.status == "waiting").order_by(alert_messages.c.id)
    rows = list(db.execute(query.limit(room)).mappings())
    return rows if rows and rows[0]["next_try_at"] <= now else []


def _claim(db: Connection, row: RowMapping, now: datetime) -> bool:
    """Whether it is ours to send. The claim lasts until the next try, so that a sender that died holds up nothing."""
    number = row["attempts"] + 1
    later = now + min(BACKOFF * 2 ** (number - 1), LONGEST_BACKOFF)
    still = (alert_messages.c.status == "waiting") & (alert_messages.c.attempts == row["attempts"])
    claimed = update(alert_messages).where(alert_messages.c.id == row["id"], still)
    return db.execute(claimed.values(attempts=number, next_try_at=later)).rowcount == 1


def _arrived(db: Connection, row: RowMapping, now: datetime) -> None:
    _set(db, row, status="sent", sent_at=now, problem="")


def _failed(db: Connection, row: RowMapping, problem: str, now: datetime) -> None:
    given_up = row["happened_at"] + GIVE_UP_AFTER < now
    _set(db, row, problem=problem, status="failed" if given_up else "waiting")


def _set(db: Connection, row: RowMapping, **values: object) -> None:
    db.execute(update(alert_messages).where(alert_messages.c.id == row["id"]).values(**values))


def _message(row: RowMapping) -> Message:
    return Message(row["rule"], row["subject"], row["state"], row["message"], row["fix"], row["happened_at"])
