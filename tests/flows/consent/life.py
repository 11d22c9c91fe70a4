"""Time that a test moves, and hubs that live in it in this process: what every journey of consent stands on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import time_machine
from sqlalchemy import select

from connectors.kit.clock import SYSTEM
from hub.jobs.rounds import RoundResult, current_plan, sync_round
from hub.queries.digest import digest
from hub.queries.find import find
from hub.record import Statement, grant, lift, object_
from hub.settings.load import load
from hub.settings.settings import Settings
from hub.stages.consent import states
from hub.stages.plan import Operation, Plan
from hub.stages.pull import Wish
from hub.stages.sights import deliveries
from hub.store.engine import Store
from tests.flows.consent.town import SECRETS, Town, configure, open_town
from tests.hub.world import opened

DAWN = datetime(2026, 3, 4, 9, tzinfo=UTC)
OLIVE = "Olive Operator"
LAG = timedelta(minutes=10)
"""What passes before a sync: longer than any vendor holds back, and than clocks may differ."""

NOTHING: Mapping[str, str] = {}
NEIGHBOURS = 12
"""Enough people whom nobody writes to that a handful of changes stays within the guards."""


class Time:
    """The present of everybody in this process. It ticks, and sleeping costs nothing but its time."""

    def __init__(self, traveller: Any) -> None:
        self._traveller = traveller

    def pass_by(self, span: timedelta) -> None:
        self._traveller.shift(span)

    def sleep(self, seconds: float) -> None:
        self._traveller.shift(max(0.0, seconds))


@contextmanager
def ticking(start: datetime = DAWN, tick: bool = True) -> Iterator[Time]:
    """From here on everybody in this process lives by this clock; without `tick` it only moves when told to."""
    with time_machine.travel(start, tick=tick) as traveller:
        clock = Time(traveller)
        with patch.object(SYSTEM, "sleep", clock.sleep), patch.object(SYSTEM, "monotonic", time.time):
            yield clock


@dataclass
class HubHere:
    """One hub: its database and its settings."""

    store: Store
    settings: Settings

    def round(self, **how: Any) -> RoundResult:
        return sync_round(self.store, self.settings, **how)

    def plan(self) -> Plan:
        return current_plan(self.store, self.settings)

    def rows(self, source: Any) -> list[dict[str, Any]]:
        with self.store.read() as db:
            return [dict(row) for row in db.execute(select(source)).mappings()]

    def deliveries(self, *destinations: str) -> list[dict[str, Any]]:
        """All deliveries to these, in the order in which they were queued."""
        rows = sorted(self.rows(deliveries), key=lambda row: row["id"])
        return [row for row in rows if not destinations or row["destination"] in destinations]

    def state(self, channel: str, address: str) -> dict[str, Any]:
        """What is kept of an address for marketing; {} where nothing is."""
        found = [row for row in self.rows(states) if (row["channel"], row["address"]) == (channel, address)]
        return found[0] if found else {}

    def reason(self, channel: str, address: str) -> str:
        return str(self.state(channel, address).get("reason", ""))

    def digest(self) -> dict[str, dict[str, str]]:
        with self.store.read() as db:
            return digest(db)

    def write_down_a_yes(self, address: str) -> None:
        """Somebody signed a paper form just now."""
        said = Statement(OLIVE, datetime.now(UTC), method="agent", evidence="paper form 12")
        self.store.write(lambda db: grant(db, ("email", address), said))

    def write_down_an_objection(self, address: str) -> None:
        """Somebody wants no marketing at all, whatever the address."""
        self.store.write(lambda db: object_(db, find(db, address, None).contact_id, Statement(OLIVE)))

    def lift(self, channel: str, address: str) -> None:
        """End the one stop that holds this address."""
        (stop,) = self.state(channel, address)["decided_by"]
        said = Statement(OLIVE, reason="spoke with them")
        self.store.write(lambda db: lift(db, [(channel, address)], stop, said, named=True))


@dataclass
class Life:
    """A town, its time, and the hub that serves it."""

    town: Town
    time: Time
    hub: HubHere
    stack: ExitStack = field(default_factory=ExitStack)

    def later(self, **span: float) -> None:
        self.time.pass_by(timedelta(**span))

    def sync(self, full: bool = False) -> RoundResult:
        """A round, ten minutes after whatever happened; a failing pull fails the test."""
        self.time.pass_by(LAG)
        result = self.hub.round(wish=Wish(full=full))
        assert [end.as_json() for end in result.ends if end.status != "ok"] == []
        return result

    def configure(self, **changed: str) -> None:
        """Read the configuration again with other files."""
        configure(self.town.root, self.town.urls, **changed)
        self.hub.settings = settings_of(self.town.root, str(self.hub.settings.database_url))

    def another_hub(self, root: Path, database: str, changed: Mapping[str, str]) -> HubHere:
        """One more hub on the same vendors."""
        configure(root, self.town.urls, **changed)
        settings = settings_of(root, database)
        return HubHere(self.stack.enter_context(opened(database)), settings)


def settings_of(root: Path, database: str) -> Settings:
    with patch.dict(os.environ, {**SECRETS, "HUB_DATABASE": database}):
        return load(root / "config")


@contextmanager
def alive(root: Path, database: str, tick: bool = True, changed: Mapping[str, str] = NOTHING) -> Iterator[Life]:
    """A town with its vendors running, and a hub; `changed` replaces configuration files as `configure` has it."""
    with ExitStack() as stack:
        clock = stack.enter_context(ticking(tick=tick))
        town = stack.enter_context(open_town(root))
        town.neighbours(NEIGHBOURS)
        configure(root, town.urls, **changed)
        store = stack.enter_context(opened(database))
        yield Life(town, clock, HubHere(store, settings_of(root, database)), stack)


def sketch(operations: tuple[Operation, ...]) -> list[tuple[str, str, str, str]]:
    """Operations as (destination, address, field, wanted)."""
    return [(one.destination, one.address, one.field, one.wanted) for one in operations]


def told(row: Mapping[str, Any] | Operation) -> tuple[str, str, str, str]:
    """A delivery's destination, address, field and wanted."""
    told = dict(row) if isinstance(row, Mapping) else asdict(row)
    return told["destination"], told["address"], told["field"], told["wanted"]
