"""The heartbeat of a lease: a thread that renews it while the work lives, however long nothing is committed."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError

from hub.store.engine import Store
from hub.store.leases import Held, LeaseLost, renew

BEAT_SECONDS = 10.0

LONGEST_SILENCE = timedelta(minutes=15)
"""Longer than a vendor can keep a request and its retries waiting: what says nothing for so long hangs."""


class Heart:
    """Beats for the length of a block. `lost` when somebody else has the lease now; checkpoints find that out too.

    `silence`: when `moved` was not called for so long the heart stops, so that another worker takes the run over.
    """

    def __init__(self, store: Store, held: Held, silence: timedelta | None = None) -> None:
        self.lost = False
        self._store = store
        self._held = held
        self._silence = None if silence is None else silence.total_seconds()
        self._moved_at = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def moved(self) -> None:
        """The work got on."""
        self._moved_at = time.monotonic()

    def _beat(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            if self._silence is not None and time.monotonic() - self._moved_at > self._silence:
                return
            try:
                with suppress(DBAPIError):  # the next beat comes before the lease runs out
                    self._store.write(lambda db: renew(db, self._held))
            except LeaseLost:
                self.lost = True
                return
