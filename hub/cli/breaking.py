"""What the demo lets a visitor break: a vendor that turns every call away, and a worker that dies in the middle."""

from __future__ import annotations

import logging
import threading

from connectors.kit.simulator import Fault
from hub.admin.breaks import Break, Breaks
from hub.cli.hub import Hub
from hub.demo.vendors import Vendors
from hub.jobs.by_hand import run_now
from hub.jobs.embedded import Embedded
from hub.jobs.ends import Reporter, RunEnd
from hub.stages.runs import Buckets

STORM = Fault(times=6, status=429, headers={"Retry-After": "4"})
"""The first run gives up after five calls and is put off; the next one gets through: half a minute in all."""

WHO = "break something"

log = logging.getLogger("hub.cli.breaking")


class Killed(BaseException):
    """The worker is gone, as if its machine had been: it ends nothing, gives nothing back and tells nobody."""


class Mortal:
    """A reporter that hears what another one hears; once it is told to, it ends the worker after the next page."""

    def __init__(self, heard: Reporter) -> None:
        self._heard = heard
        self._dies = threading.Event()

    def kill(self) -> None:
        self._dies.set()

    def started(self, connection: str, stream: str) -> None:
        self._heard.started(connection, stream)

    def moved(self, connection: str, stream: str, buckets: Buckets, total: int | None) -> None:
        self._heard.moved(connection, stream, buckets, total)
        if self._dies.is_set():
            self._dies.clear()
            raise Killed

    def ended(self, end: RunEnd) -> None:
        self._heard.ended(end)


def breaks_of(hub: Hub, vendors: Vendors, mortal: Mortal) -> Breaks:
    """The buttons of Home in the demo; each also begins the run at which one sees it."""

    def begin(connection: str, stream: str, full: bool) -> None:
        hub.store.write(lambda db: run_now(db, hub.settings, connection, stream, WHO, full))

    def storm() -> None:
        vendors.newsletter.script(STORM)
        begin("newsletter", "members", full=False)

    def kill() -> None:
        mortal.kill()
        begin("shop", "customers", full=True)

    return (
        Break(
            "storm",
            "A storm of 429s at the newsletter",
            "The newsletter turns every call away for a while. Its run waits as long as it is asked to, is put off, "
            "and goes on by itself within a minute; nobody else's run fails.",
            storm,
        ),
        Break(
            "worker",
            "Kill the worker",
            "The worker dies in the middle of reading the shop, with its lease in its hand. Another one begins at "
            "once; the lease runs out within a minute, and the run is taken up where it was. Its page counts the dead.",
            kill,
        ),
    )


def work(hub: Hub, mortal: Mortal, stopping: threading.Event) -> None:
    """Run due streams until `stopping`, with another worker for each that dies."""
    while not stopping.is_set():
        try:
            Embedded(hub.store, hub.settings, mortal, stopping).run()
        except Killed:
            log.warning("the worker was killed; another one begins")
