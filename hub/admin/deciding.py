"""What a person decides on a page: followed through as far as a page waits."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Connection

from hub.admin.site import Site
from hub.jobs.queue import queue_derive
from hub.stages.order import derive

PATIENCE_SECONDS = 5.0
"""How long a page waits until all that a decision changes is derived anew; whoever derives next goes on."""


class _Enough(Exception):
    """The page has waited long enough."""


def decide(site: Site, work: Callable[[Connection], int]) -> int:
    """Do what gives a decision's number, in one transaction, and derive what it marks. Raises what `work` raises.

    A run is queued with it: what the page has derived itself is pushed at the end of that, an opt-out first.
    """

    def decided(db: Connection) -> int:
        number = work(db)
        queue_derive(db, site.settings.hub.installation, "somebody decided")
        return number

    number = site.store.write(decided)
    follow(site)
    return number


def follow(site: Site) -> None:
    """Derive what a decision has marked, as long as a page waits."""
    until = time.monotonic() + PATIENCE_SECONDS

    def between() -> None:
        if time.monotonic() > until:
            raise _Enough

    try:
        derive(site.store, site.settings, between=between)
    except _Enough:
        return
