"""What a person decides on a page: followed through as far as a page waits."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from hub.admin.site import Site
from hub.jobs.queue import queue_derive


def decide(site: Site, work: Callable[[Connection], int]) -> int:
    """Do what gives a decision's number, in one transaction, and derive what it marks. Raises what `work` raises.

    A run is queued with it: what the page has derived itself is pushed at the end of that, an opt-out first.
    """

    def decided(db: Connection) -> int:
        number = work(db)
        queue_derive(db, site.settings.hub.installation, "somebody decided")
        return number

    number = site.store.write(decided)
    site.follow()
    return number
