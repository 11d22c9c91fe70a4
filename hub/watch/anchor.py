"""The anchor of the audit: its number of rows and last hash go to the log every hour, out of the database's reach."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from hub import audit
from hub.store.engine import Store
from hub.watch.log import fields

log = logging.getLogger("hub.watch")

EVERY = timedelta(hours=1)


class Anchor:
    """Remembers by itself when it spoke last: what stands in the database could be changed with the chain."""

    def __init__(self) -> None:
        self._spoke_at: datetime | None = None

    def speak_when_due(self, store: Store, now: datetime) -> None:
        """Raises only what the store raises."""
        if self._spoke_at is not None and now - self._spoke_at < EVERY:
            return
        with store.read() as db:
            number, last = audit.head(db)
        log.info("audit.anchor", extra=fields(rows=number, head=last))
        self._spoke_at = now
