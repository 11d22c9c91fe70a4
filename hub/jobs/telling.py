"""One call for one notice: what is said of it is put together now, and said to a subscriber or a help desk."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from connectors.kit.desk import Task
from connectors.kit.destination import Outcome
from connectors.kit.errors import BadPayload, ConnectorError, VendorDown
from hub.jobs.hook import Answer, body_of, send
from hub.settings.settings import Connection, Settings
from hub.stages.addresses import sendable_addresses
from hub.stages.notices import DESK, HOOK
from hub.store.engine import Store

CONSENT = "consent.changed"


def tell(store: Store, settings: Settings, row: RowMapping) -> Answer:
    """Say it once. Raises only what is a bug."""
    if row["target"].startswith(HOOK):
        return _to_subscriber(store, settings, row)
    return _to_desk(store, settings, row)


def _to_subscriber(store: Store, settings: Settings, row: RowMapping) -> Answer:
    subscriber = settings.hub.subscribers.get(row["target"].removeprefix(HOOK))
    if subscriber is None:
        return Answer("refused", "there is no such subscriber any more")
    data = _data(store, settings, row)
    body = body_of(row["kind"], row["happened_at"], data)
    return send(subscriber, row["event"], body, int(datetime.now(UTC).timestamp()), settings.hub.network.door)


def _data(store: Store, settings: Settings, row: RowMapping) -> dict[str, Any]:
    """What has happened, and of a contact the addresses that may be written to at this moment."""
    data: dict[str, Any] = dict(row["data"])
    if row["kind"] != CONSENT:
        with store.read() as db:
            addresses = sendable_addresses(db, settings, row["contact_id"], datetime.now(UTC))
        data["contact"] = {"id": row["contact_id"], "may_write_to": addresses}
    return data


def _to_desk(store: Store, settings: Settings, row: RowMapping) -> Answer:
    connection = settings.connections.get(row["target"].removeprefix(DESK))
    if connection is None or connection.connector.desk is None:
        return Answer("refused", "there is no such help desk any more")
    if connection.paused:
        return Answer("failed", "the connection is paused", in_trouble=True)
    task = Task(row["event"], row["data"]["title"], _text(store, settings, row), row["data"]["priority"])
    return _open(connection, task, again=row["attempts"] > 0)


def _open(connection: Connection, task: Task, again: bool) -> Answer:
    """Before another attempt the desk is asked whether an earlier one arrived: its answer may have been lost."""
    try:
        with closing(connection.connector.open_desk(connection.config)) as desk:
            if again and desk.find(task.key):
                return Answer("delivered", "found there: the answer to an earlier attempt was lost")
            return _answer(desk.open(task))
    except (VendorDown, BadPayload) as lost:
        return Answer("failed", f"not known whether it arrived: {lost}", in_trouble=True)
    except ConnectorError as error:
        return Answer("failed", str(error), in_trouble=True)


def _answer(outcome: Outcome) -> Answer:
    if outcome.status == "confirmed":
        return Answer("delivered")
    return Answer("refused" if outcome.status == "rejected" else "failed", outcome.message)


def _text(store: Store, settings: Settings, row: RowMapping) -> str:
    """What an agent reads: why, about whom, and whether that person may be written to."""
    with store.read() as db:
        addresses = sendable_addresses(db, settings, row["contact_id"], datetime.now(UTC))
    may = ", ".join(sorted(addresses)) or "on no channel"
    lines = (row["reason"], f"Contact: {row['contact_id']}", f"May be sent marketing: {may}")
    return "\n".join((*lines, f"Made by the rule {row['rule']} of contact hub."))
