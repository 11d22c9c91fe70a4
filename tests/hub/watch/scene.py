"""A shop that is read and a newsletter that is written to, and short ways to put rows where the watch looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, update

from connectors.kit.base import Reject
from hub.settings.models import PushSettings
from hub.settings.network import Network
from hub.settings.settings import Connection, Settings
from hub.settings.watch_models import Alerts, Metrics
from hub.stages.gaps import gaps
from hub.stages.ledger import events
from hub.stages.outbox import attempts
from hub.stages.runs import runs, states
from hub.stages.sights import deliveries
from hub.store.columns import Moment
from hub.store.engine import Store
from tests.hub.settings.fakes import FakeDestination
from tests.hub.world import ALICE, BOB, always, connection, page, settings, stream, sync

CANARY = "charlie@example.com"
SECRET = "whsec_Y2FuYXJ5LXNlY3JldC1vZi10aGUtd2ViaG9v"  # canary-secret-of-the-webhoo


def shop(*rejects: Reject) -> Connection:
    """A shop with Alice and Bob, due every 15 minutes."""
    return connection(always(page([ALICE, BOB], rejects=rejects)), stream(every=timedelta(minutes=15)))


def newsletter() -> Connection:
    """A destination; nothing is read from it here."""
    made = connection(always(), stream(), name="newsletter")
    return replace(made, connector=replace(made.connector, destination=FakeDestination), push=PushSettings(mode="auto"))


def scene(alerts: Any = None, metrics: Any = None, *more: Connection) -> Settings:
    """The settings of both. `alerts` and `metrics` are as in hub.yaml."""
    own: dict[str, Any] = {
        "alerts": Alerts.model_validate(alerts or {}),
        "metrics": Metrics.model_validate(metrics or {}),
        "network": Network(allow=("127.0.0.1",)),
    }
    made = settings(shop(), newsletter(), *more, secrets=(SECRET,), **own)
    return replace(made, database_url="postgresql://db.test/hub")  # so that no test depends on this machine's disk


def pulled(store: Store) -> None:
    """The shop was read just now."""
    assert [end.status for end in sync(store, shop())] == ["ok"]


def put(store: Store, into: Table, **values: Any) -> None:
    """Insert a row; what is not told is empty, false or nothing."""
    store.write(lambda db: db.execute(insert(into), {**_blank(into), **values}))


def _blank(into: Table) -> dict[str, Any]:
    """A value for every column that must have one."""
    own = [column for column in into.columns if not column.nullable and column.name != "id"]
    return {column.name: _empty(column.type) for column in own}


def _empty(kind: Any) -> Any:
    if isinstance(kind, type(Moment)):
        return datetime.now(UTC)
    return {int: 0, bool: False}.get(kind.python_type, "")


def unsent_optout(store: Store, minutes: float, destination: str = "newsletter", withheld: str = "") -> None:
    """Charlie's no of so many minutes ago has not arrived."""
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    name = f"no-{destination}-{minutes}"
    said = {"channel": "email", "address": CANARY}
    act = {"action": "withdraw", "method": "link", "precision": "second", "purpose": "marketing", "brand": "*"}
    put(store, events, id=name, observed_at=at, occurred_at=at, source="shop", record="3", **said, **act)
    wanted = "" if withheld else "out"
    row = {"destination": destination, "record": f"r{minutes}", "wanted": wanted, "withheld": withheld}
    put(store, gaps, decided_by=name, reason="withdrawn", shown="in", at=at - timedelta(days=400), **said, **row)


def delivery(store: Store, status: str, number: int = 1, **values: Any) -> None:
    """A change for Charlie at the newsletter that stands like this, after one attempt with the same outcome."""
    row = {"correlation": f"c{number}", "destination": "newsletter", "record": "charlie", "field": "email", "lane": 0}
    told = {"id": number, "channel": "email", "address": CANARY, "wanted": "out", "status": status, "attempts": 1}
    put(store, deliveries, **{**row, **told, **values})
    put(store, attempts, delivery_id=number, number=1, outcome="" if status == "sent" else status)


def ended(store: Store, status: str, exit_code: int = 0, ago: float = 0, **values: Any) -> None:
    """One more run of the shop, ended so many minutes ago."""
    at = datetime.now(UTC) - timedelta(minutes=ago)
    row = {
        "connection": "shop",
        "stream": "customers",
        "kind": "pull",
        "attempt": 1,
        "started_at": at,
        "finished_at": at,
    }
    put(store, runs, **{**row, "status": status, "exit_code": exit_code, **values})


def last_ok(store: Store, ago: float) -> None:
    """The shop's last good run ended so many minutes ago."""
    at = datetime.now(UTC) - timedelta(minutes=ago)
    store.write(lambda db: db.execute(update(states).values(last_ok_at=at)))
