"""What is measured on one kind of database: first loads, the shares of ours, a slow vendor, kills, and second runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Sequence

from benchmarks.sync.contenders import CONTENDERS, Contender, Stand, ours
from benchmarks.sync.race import Figures, Race, median

KILLED_AT = (0.25, 0.5, 0.75)
"""Of all records, served when the process is killed."""

CHANGED = 1_000
Kept = list[tuple[Contender, Stand]]


def by_name(name: str) -> Contender:
    return next(one for one in CONTENDERS if one.name == name)


def loads(race: Race, contenders: Sequence[Contender], page: int, runs: int) -> tuple[Figures, Kept]:
    """First loads, one contender after the other and then all again; and what the last ones who go on have left."""
    race.market.page(page)
    taken: dict[str, list[Figures]] = defaultdict(list)
    kept: Kept = []
    for number in range(runs):
        for contender in contenders:
            stand = race.stand(contender)
            taken[contender.name].append(race.run(contender, stand, race.market.records))
            if contender.goes_on and number == runs - 1:
                kept.append((contender, stand))
            else:
                race.over(stand)
    return {name: median(figures) for name, figures in taken.items()}, kept


def shares(race: Race, page: int) -> Figures:
    """The whole road once, with a clock at each stage."""
    race.market.page(page)
    contender = Contender("ours: shares", "", ours("shares"), {})
    stand = race.stand(contender)
    figures = race.run(contender, stand, race.market.records)
    told: Figures = json.loads((stand.folder / "out.json").read_text())
    race.over(stand)
    return {**figures, **told}


def slow(race: Race, page: int, milliseconds: int) -> Figures:
    """Landing with mapping from a vendor that takes its time, beside the bare loop, which waits for every page."""
    race.market.page(page)
    race.market.delay(milliseconds)
    found = {}
    for key, name in (("http", "bare: fetch and parse"), ("ours", "ours: landing + mapping")):
        contender = by_name(name)
        stand = race.stand(contender)
        found[key] = race.run(contender, stand, race.market.records)
        race.over(stand)
    race.market.delay(0)
    most = max(found["http"]["wall_seconds"], found["ours"]["cpu_seconds"])
    return {"milliseconds": milliseconds, **found, "ratio": found["ours"]["wall_seconds"] / most}


def kills(race: Race, page: int) -> list[Figures]:
    """Pulls killed at full speed, each run again to its end: how many records the vendor gave twice."""
    race.market.page(page)
    return [_killed(race, share) for share in KILLED_AT]


def _killed(race: Race, share: float) -> Figures:
    contender, records = by_name("ours: landing + mapping"), race.market.records
    stand = race.stand(contender)
    race.market.reset()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(contender.command(stand), start_new_session=True, stdout=quiet, stderr=quiet)
    while race.market.served()["records"] < share * records and process.poll() is None:
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    first = race.market.served()["records"]
    second = race.run(contender, stand, records - first)["records_read"]
    race.over(stand)
    return {"served_before": first, "served_after": second, "read_twice": first + second - records}


def second_runs(race: Race, kept: Kept, page: int, rounds: int) -> Figures:
    """Nothing new, which also brings everything to rest, and then CHANGED records: each a whole process."""
    race.market.page(page)
    idle = {contender.name: race.run(contender, stand, 0) for contender, stand in kept}
    taken: dict[str, list[Figures]] = defaultdict(list)
    changed = min(CHANGED, race.market.records)
    for _ in range(rounds):
        race.market.change(changed)
        for contender, stand in kept:
            taken[contender.name].append(race.run(contender, stand, changed))
    return {"changed": {name: median(figures) for name, figures in taken.items()}, "idle": idle, "records": changed}
