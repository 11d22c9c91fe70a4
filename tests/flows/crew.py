"""`hub worker` with intervals that a test can wait for: tests.flows.crew FOLDER SWEEP_SECONDS SLICE_SECONDS.

With `HUB_TEST_STARTS` its clock begins at that time; with `HUB_TEST_DIED`, the name of a file that is made then, only
the first process of the crew that comes to a crash point dies there.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

import time_machine

from hub import crashpoints
from hub.cli.progress import Lines
from hub.cli.up import stop_on_signals
from hub.jobs import horse
from hub.jobs.crew import Crew
from hub.jobs.doorbell import RedisBell
from hub.jobs.horse import Harness
from hub.jobs.sweeper import Sweeper
from hub.settings.load import load
from hub.store.engine import open_store


def main(folder: str, sweep_seconds: str, slice_seconds: str) -> None:
    horse.MONITOR_SECONDS = 1
    faulthandler.register(signal.SIGUSR1)  # inherited by the children: tests.flows.service asks them where they are
    settings = load(Path(folder))
    assert settings.hub.redis is not None
    url = settings.hub.redis.get_secret_value()
    store = open_store(settings.database_url)
    stopping = stop_on_signals("Stopping at the next page.")
    sweeper = Sweeper(store, settings, RedisBell(url), float(sweep_seconds))
    with Lines() as reporter:
        Crew(Harness(settings, url, reporter, float(slice_seconds)), sweeper, stopping.is_set).run()
    store.close()


def die_once(mark: str) -> None:
    """Let nobody die at a crash point any more when the file is there."""
    die = crashpoints.countdown.end

    def end() -> None:
        try:
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        die()

    crashpoints.countdown.end = end


if __name__ == "__main__":
    starts, died = os.environ.get("HUB_TEST_STARTS"), os.environ.get("HUB_TEST_DIED")
    if died:
        die_once(died)
    with time_machine.travel(datetime.fromisoformat(starts), tick=True) if starts else nullcontext():
        main(*sys.argv[1:])
