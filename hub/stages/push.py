"""The push stage: lane by lane over all destinations, so that opt-outs are everywhere before anything else moves."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from connectors.kit.errors import ConnectorError, RateLimited
from connectors.kit.redact import redact
from hub.crashpoints import crashpoint
from hub.settings.settings import Settings
from hub.stages import outbox
from hub.stages.courier import Courier
from hub.stages.freeze import Frozen, refuse_when_frozen
from hub.stages.guards import Waiting, stale_sources
from hub.stages.plan import GRANT, TAG, UNTAG, WITHDRAW, Operation
from hub.store.engine import Store
from hub.store.leases import AlreadyRunning, Held, LeaseLost, give_back, take
from hub.store.sql import chunks

EXIT_ALREADY_RUNNING = 73

log = logging.getLogger("hub.push")


@dataclass
class PushEnd:
    """How one destination's part of a push ended."""

    destination: str
    exit_code: int = 0
    message: str = ""
    retry_at: datetime | None = None
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By wanted (in, out, add, remove) and status."""

    def as_json(self) -> dict[str, Any]:
        return {
            "destination": self.destination,
            "exit_code": self.exit_code,
            "message": self.message,
            "deliveries": [
                {"wanted": wanted, "status": status, "count": count}
                for (wanted, status), count in sorted(self.counts.items())
            ],
        }


@dataclass
class PushResult:
    """How a push ended. `held_grants`: why grants had to wait, by destination."""

    ends: list[PushEnd] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    held_grants: dict[str, str] = field(default_factory=dict)

    def count(self, *wanted: str) -> int:
        """How many changes of these kinds the destinations took."""
        return sum(
            number
            for end in self.ends
            for (what, status), number in end.counts.items()
            if what in wanted and status in ("confirmed", "accepted")
        )


class Push:
    """One push of these operations. Takes each destination's lease; one that fails stops no other.

    `only`: the destinations whose earlier changes are looked after too; all when it is None.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        operations: Sequence[Operation],
        plan_id: str,
        asked_to_stop: Callable[[], bool] = lambda: False,
        only: Container[str] | None = None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._operations = operations
        self._plan_id = plan_id
        self._asked_to_stop = asked_to_stop
        self._only = only
        self._couriers: dict[str, Courier] = {}
        self._ends: dict[str, PushEnd] = {}
        self._held: dict[str, str] = {}

    def run(self) -> PushResult:
        started = datetime.now(UTC)
        with self._store.read() as db:
            names = {one.destination for one in self._operations}
            names |= set(outbox.with_work(db, self._settings.connections))
        try:
            for name in sorted(names & self._settings.connections.keys()):
                if self._only is None or name in self._only:
                    self._open(name)
            crashpoint("push.leased")
            self._everywhere(self._couriers, lambda courier: courier.recover())
            self._lane(WITHDRAW)
            self._lane(UNTAG)
            self._lane(TAG)
            self._grants()
        finally:
            self._close()
        return self._result(started)

    def _open(self, name: str) -> None:
        connection = self._settings.connections[name]
        end = self._ends[name] = PushEnd(name)
        if connection.connector.destination is None or connection.push.mode == "off":
            del self._ends[name]
            return
        try:
            held = self._store.write(lambda db: _take(db, name))
        except (AlreadyRunning, Frozen) as error:
            end.exit_code, end.message = error.exit_code, str(error)
            return
        destination = connection.connector.open_destination(connection.config)
        self._couriers[name] = Courier(self._store, self._settings, connection, destination, held, self._asked_to_stop)

    def _lane(self, lane: int, held: Container[tuple[str, str]] = ()) -> None:
        """Queue the lane's operations and send them; only then may the next lane begin anywhere.

        `held`: destinations and channels whose operations wait.
        """
        operations = [
            one
            for one in self._operations
            if one.lane == lane and one.destination in self._couriers and (one.destination, one.channel) not in held
        ]
        for some in chunks(operations):
            self._store.write(lambda db, some=some: outbox.enqueue(db, self._plan_id, some))  # type: ignore[misc]
            crashpoint("outbox.queued")
        self._everywhere(self._couriers, lambda courier: courier.empty(lane))

    def _grants(self) -> None:
        """A yes goes only where no opt-out waits, and while all who could have heard a no were heard."""
        wanted = {(one.destination, one.channel) for one in self._operations if one.lane == GRANT}
        held = set()
        for name, channel in sorted(wanted):
            with self._store.read() as db:
                stale = stale_sources(db, self._settings, [channel])
                waits = outbox.optouts_waiting(db, name)
            if waits or stale:
                reason = f"not read lately: {', '.join(stale)}" if stale else "opt-outs have not arrived there yet"
                self._held[name] = "; ".join(filter(None, (self._held.get(name), f"{channel}: {reason}")))
                held.add((name, channel))
        self._lane(GRANT, held)

    def _everywhere(self, names: Iterable[str], work: Callable[[Courier], None]) -> None:
        for name in sorted(names):
            courier = self._couriers[name]
            try:
                work(courier)
            except (ConnectorError, LeaseLost) as error:
                self._give_up(name, error)

    def _give_up(self, name: str, error: ConnectorError | LeaseLost) -> None:
        end = self._ends[name]
        end.exit_code = error.exit_code if isinstance(error, ConnectorError) else EXIT_ALREADY_RUNNING
        end.message = redact(str(error), self._settings.secrets)
        if isinstance(error, LeaseLost):
            log.warning("lease.lost", extra={"hub_fields": {"destination": name}})
        end.retry_at = error.retry_at if isinstance(error, RateLimited) else None
        self._shut(self._couriers.pop(name))

    def _shut(self, courier: Courier) -> None:
        with closing(courier.destination):
            self._store.write(lambda db: give_back(db, courier.held))

    def _close(self) -> None:
        for name in list(self._couriers):
            self._shut(self._couriers.pop(name))

    def _result(self, started: datetime) -> PushResult:
        with self._store.read() as db:
            for (destination, wanted, status), number in outbox.counts_since(db, started).items():
                if destination in self._ends:
                    self._ends[destination].counts[wanted, status] += number
        seconds = round((datetime.now(UTC) - started).total_seconds(), 3)
        for end in self._ends.values():
            told = {"destination": end.destination, "seconds": seconds, "exit_code": end.exit_code}
            log.info("push.ended", extra={"hub_fields": {**told, "changes": end.counts.total()}})
        return PushResult(list(self._ends.values()), held_grants=self._held)


def lease_of_push(destination: str) -> str:
    """The name of the lease under which changes leave for a destination, by whomever."""
    return f"push.{destination}"


def _take(db: Connection, name: str) -> Held:
    """Raises AlreadyRunning, or Frozen: also what was queued before a restore stays where it is."""
    refuse_when_frozen(db)
    return take(db, lease_of_push(name))
