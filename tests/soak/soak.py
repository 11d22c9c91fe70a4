"""One soak from the first process to the verdict: fill, start, let live and strike, let rest, ask the oracle."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.cli.output import EXIT_BAD_DATA
from tests.flows.consent.town import SECRETS
from tests.flows.terminal import Hub
from tests.soak import oracle
from tests.soak.asking import Asking
from tests.soak.background import Background
from tests.soak.crew import Crew, crew
from tests.soak.diary import Act, Effect, acts_of, effects_of
from tests.soak.exported import Exported, exported_by, looked_into
from tests.soak.held import Held, held_by
from tests.soak.hiccups import Hiccups
from tests.soak.memory import Memory
from tests.soak.mischief import MOST_SECONDS, Mischief, plan
from tests.soak.people import People
from tests.soak.servers import own_postgres, own_redis
from tests.soak.watch import Watch
from tests.soak.world import World, open_world

PEOPLE = 300
TICK_SECONDS = 0.5

MOST_WARMING = 240.0
MOST_RESTING = 300.0
"""Seconds until everything must be known: first after the start, then after the last change."""

WARM = 5.0
"""Seconds during which nothing may be written before people begin to live."""

QUIET = 20.0
"""Seconds at rest during which nothing may be written any more."""


@dataclass
class Told:
    """What the oracle is given in the end. `late`: the processes that had to be killed, for they did not stop."""

    held: Held
    exported: Exported
    acts: list[Act]
    effects: list[Effect]
    rested: bool
    resting_seconds: float
    late: list[str]


@dataclass
class Soak:
    """Everything that runs, while it runs."""

    seed: int
    minutes: float
    root: Path
    world: World
    crew: Crew
    watch: Watch
    people: People
    hiccups: Hiccups
    mischief: Mischief
    memory: Memory = field(default_factory=Memory)

    def warm_up(self) -> None:
        """Wait until the hub knows everybody of the filled world, and writes no more of it. Raises TimeoutError.

        Who moved to another address between the hub's read and its write would take the old one's yes along, as if they
        had moved a moment later. For what is said in the soak `people.READ` keeps them from it, for the first yes this.
        """
        until = time.monotonic() + MOST_WARMING
        complaints, wrote = self.not_yet(), -1
        while complaints or wrote != len(self.effects()):
            if time.monotonic() > until:
                raise TimeoutError(f"not warm in {MOST_WARMING:.0f} s: {complaints[:5] or 'the hub still writes'}")
            wrote = len(self.effects())
            self.pass_by(WARM)
            complaints = self.not_yet()

    def live(self) -> None:
        """Let people live, vendors hiccup and blows fall for the soak's minutes."""
        going = [
            Background("people", self.people.live),
            Background("hiccups", self.hiccups.live),
            Background("mischief", self.mischief.live),
        ]
        until = time.monotonic() + self.minutes * 60
        while time.monotonic() < until or not going[-1].is_over:
            for one in going:
                one.check()
            self.pass_by(TICK_SECONDS)
        for one in going:
            one.stop()
        self.world.town.clear_faults()

    def rest(self) -> Told:
        """Wait until the hub knows all and writes no more, if that comes; stop it, and look into every contact."""
        began, wrote = time.monotonic(), -1
        quiet_since, rested = began, False
        while not rested and time.monotonic() - began < MOST_RESTING:
            self.pass_by(2)
            now_wrote = len(self.effects())
            if self.not_yet() or now_wrote != wrote:
                quiet_since, wrote = time.monotonic(), now_wrote
            rested = time.monotonic() - quiet_since > QUIET
        late = self.crew.end()
        return self.told(rested, quiet_since - began, late)

    def not_yet(self) -> oracle.Complaints:
        """What the quick exports still lack."""
        held = held_by(self.world.town)
        told = exported_by(self.watch.asking)
        return (
            ["the database does not answer"] if told is None else oracle.lost(held, told) + oracle.outdated(held, told)
        )

    def told(self, rested: bool, resting_seconds: float, late: list[str]) -> Told:
        """All that the oracle judges: what is at the vendors, and every contact in full."""
        asking = self.watch.asking
        exported = exported_by(asking)
        if exported is None:
            raise TimeoutError("the database does not answer, though nobody strikes it any more")
        looked_into(asking, exported, exported.golden)
        self.watch.look()
        town = self.world.town
        acts = [act for simulator in town.simulators.values() for act in acts_of(simulator.ledger)]
        return Told(held_by(town), exported, acts, self.effects(), rested, resting_seconds, late)

    def effects(self) -> list[Effect]:
        return [one for name, at in self.world.town.simulators.items() for one in effects_of(name, list(at.ledger))]

    def pass_by(self, seconds: float) -> None:
        """Look after the processes, and at them and their runs, for so long."""
        until = time.monotonic() + seconds
        while True:
            self.crew.tick()
            self.memory.sample(time.monotonic(), self.crew.lasting())
            self.watch.look()
            if time.monotonic() >= until:
                return
            time.sleep(min(TICK_SECONDS, max(0.0, until - time.monotonic())))

    def checks(self, told: Told) -> dict[str, oracle.Complaints]:
        """Every check by its name, with what is wrong."""
        acts, effects, sending = told.acts, told.effects, {}
        for line in {act.line for act in acts}:
            sending[line] = self.world.town.sending_to(*line)
        unrested = [] if told.rested else [f"not at rest {MOST_RESTING:.0f} s after the last change"]
        return {
            "nothing lost": oracle.lost(told.held, told.exported)
            + oracle.outdated(told.held, told.exported)
            + oracle.stale(told.held, told.exported)
            + unrested,
            "nothing doubled": oracle.doubled_records(told.exported) + oracle.doubled_effects(effects, acts),
            "no opted-out sent": oracle.sent(effects, acts, self.watch.all_rows())
            + oracle.standing(acts, sending, told.held.tagged),
            "lost work noticed": self._unnoticed(),
            "no run met a bug": [
                f"bug: run {row['id']} {row['connection']}.{row['stream']}: {row['message']}"
                for row in self.watch.all_rows()
                if row["exit_code"] == EXIT_BAD_DATA
            ],
            "stopped when asked": [f"killed after SIGTERM: {name}" for name in told.late],
            "memory flat": [f"grew: {one.as_json()}" for one in self.memory.verdicts() if not one.is_flat],
        }

    def _unnoticed(self) -> oracle.Complaints:
        late = [f"late: {blow.as_json()}" for blow in self.watch.blows if blow.seconds > MOST_SECONDS]
        dealt = [blow.kind for blow in self.watch.blows if not blow.missed]
        wanted = [one.kind for one in self.mischief.planned]
        missing = [kind for kind in sorted(set(wanted)) if dealt.count(kind) < wanted.count(kind)]
        return late + [f"not struck as planned: {kind}" for kind in missing]

    def figures(self, told: Told) -> dict[str, Any]:
        """What happened, in numbers."""
        statuses = [row["status"] for row in self.watch.all_rows()]
        changed = [one for one in told.effects if one.kind == "consents" and one.told["before"] != one.told["after"]]
        return {
            "seed": self.seed,
            "minutes": self.minutes,
            "people": len(self.world.people),
            "mutations": sum(self.people.done.values()),
            "mutations_by_kind": dict(sorted(self.people.done.items())),
            "hiccups": self.hiccups.done,
            "records": len(told.held.records),
            "events": len(told.held.events),
            "contacts": len(told.exported.golden),
            "noes": sum(act.word == "no" for act in told.acts),
            "effects": len(told.effects),
            "consents_changed": len(changed),
            "tasks": sum(one.kind == "ticket" for one in told.effects),
            "requests": sum(len(one.ledger) for one in self.world.town.simulators.values()),
            "runs": len(statuses),
            "runs_by_status": {status: statuses.count(status) for status in sorted(set(statuses))},
            "runs_failed": [row for row in self.watch.all_rows() if row["status"] in ("failed", "lost", "held")],
            "attempts_lost": sum(row["attempt"] - 1 for row in self.watch.all_rows()),
            "restarts": {member.name: member.started - 1 for member in self.crew.members},
            "blows": [blow.as_json() for blow in self.watch.blows],
            "noticed_after_at_most": max((blow.seconds for blow in self.watch.blows), default=0.0),
            "resting_seconds": round(told.resting_seconds, 1),
            "memory": [verdict.as_json() for verdict in self.memory.verdicts()],
            "load": [round(one, 2) for one in os.getloadavg()],
        }


@contextmanager
def running(root: Path, seed: int, minutes: float) -> Iterator[Soak]:
    """A soak whose processes run, below a folder that is emptied first; raises UnavailableError."""
    shutil.rmtree(root, ignore_errors=True)
    (root / "redis").mkdir(parents=True)
    with ExitStack() as stack:
        postgres = stack.enter_context(own_postgres())
        redis = stack.enter_context(own_redis(root / "redis"))
        world = stack.enter_context(open_world(root, PEOPLE, random.Random(f"{seed}:world")))
        hub = Hub(root / "config", postgres.url, {**SECRETS, "HUB_REDIS": redis.url})
        asking = Asking(hub)
        asking.runs()  # which makes the tables
        watch = Watch(asking)
        processes = stack.enter_context(crew(hub.config, hub.environment, root / "logs"))
        dice = random.Random(f"{seed}:blows")
        blows = Mischief(plan(seed, minutes), dice, world.town, redis, postgres, processes, watch)
        people = People(world, random.Random(f"{seed}:people"))
        hiccups = Hiccups(world.town, random.Random(f"{seed}:hiccups"))
        yield Soak(seed, minutes, root, world, processes, watch, people, hiccups, blows)
