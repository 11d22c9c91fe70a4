"""What may leave without a person: opt-outs, the rest within the guards; nothing after a restore."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from hub.settings.settings import Connection as Configured
from hub.settings.settings import Settings
from hub.stages import freeze
from hub.stages.holdings import people
from hub.stages.outbox import has_pushed
from hub.stages.plan import WITHDRAW, Operation, Plan
from hub.stages.runs import states

TELLING = frozenset({"person", "message"})
"""The kinds of records that tell of consent."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Operations of one destination that a person must approve, and why."""

    destination: str
    operations: int
    reason: str
    message: str


def let_through(db: Connection, settings: Settings, plan: Plan) -> tuple[list[Operation], list[Waiting]]:
    """The operations that may go by themselves, and what waits."""
    if freeze.frozen_since(db) is not None:
        return [], _all_frozen(plan)
    going: list[Operation] = []
    waiting: list[Waiting] = []
    for name in sorted({one.destination for one in plan.operations}):
        connection = settings.connections[name]
        own = [one for one in plan.operations if one.destination == name]
        if connection.push.mode != "auto":
            waiting.append(Waiting(name, len(own), "mode", "push.mode is plan: hub push --plan sends it"))
            continue
        optional = [one for one in own if one.lane != WITHDRAW]
        held = _held(db, connection, optional)
        if held is not None:
            waiting.append(held)
        going += [one for one in own if one.lane == WITHDRAW or held is None]
    return going, waiting


def _all_frozen(plan: Plan) -> list[Waiting]:
    numbers = Counter(one.destination for one in plan.operations)
    return [Waiting(name, number, "frozen", freeze.WHY) for name, number in sorted(numbers.items())]


def _held(db: Connection, connection: Configured, optional: Sequence[Operation]) -> Waiting | None:
    if not optional:
        return None
    name, guard = connection.name, connection.push.guard
    number = len({(one.record, one.address if not one.record else "") for one in optional})
    if connection.push.first == "approve" and not has_pushed(db, name):
        told = f"the first {len(optional)} grants and segment changes wait for a person: hub plan, then hub push --plan"
        return Waiting(name, len(optional), "first", told)
    records = _records(db, connection)
    if number > guard.rows or number > guard.changes * records:
        told = (
            f"changes to {number} of {records} records are more than the guard allows "
            f"({guard.rows} rows, {guard.changes:.0%}): hub plan shows them, hub push --plan sends them"
        )
        return Waiting(name, len(optional), "guard", told)
    return None


def _records(db: Connection, connection: Configured) -> int:
    query = select(func.count()).select_from(people).where(people.c.connection == connection.name)
    stream = connection.capabilities.stream
    return db.execute(query.where(people.c.stream == stream) if stream else query).scalar_one()


def stale_sources(db: Connection, settings: Settings, channels: Iterable[str]) -> tuple[str, ...]:
    """The connections that can withdraw on these channels and were not read lately: no grant goes without them."""
    oldest = datetime.now(UTC) - settings.consent.max_age
    wanted = set(channels)
    stale = []
    for connection in settings.connections.values():
        if not wanted.intersection(connection.capabilities.consent):
            continue
        own = select(states.c.stream, states.c.last_ok_at).where(states.c.connection == connection.name)
        read = {row.stream: row.last_ok_at for row in db.execute(own)}
        times = [
            read.get(stream.name) for stream in connection.streams if stream.stream.record in ("person", "message")
        ]
        if not times or any(at is None or at < oldest for at in times):
            stale.append(connection.name)
    return tuple(stale)
