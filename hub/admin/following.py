"""What follows from what was decided or recorded: worked out once for all who wait at the same moment, and no longer.

Law: the marks are written with the decision or the statement, and a run is queued with them, so that a go that fails or
is broken off loses nothing: that run goes on from there.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from hub.settings.settings import Settings
from hub.stages.order import derive
from hub.stages.pausing import Stopped
from hub.store.engine import Store

PATIENCE_SECONDS = 5.0
"""How long a page or a program waits until all that it changed is derived anew; whoever derives next goes on."""


@dataclass(slots=True)
class Following:
    """Goes of deriving, one at a time. Whoever comes while one is under way, which may be past their news, has the next
    one together with all others who wait."""

    store: Store
    settings: Settings
    seconds: float = PATIENCE_SECONDS
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _begun: int = 0
    _ended: int = 0

    def __call__(self) -> None:
        """Return when a go has ended that began after this call, or when it has waited long enough."""
        until = time.monotonic() + self.seconds
        if self._is_mine(until):
            try:
                self._go(until)
            finally:
                with self._changed:
                    self._ended = self._begun
                    self._changed.notify_all()

    def _is_mine(self, until: float) -> bool:
        """Wait for the go that is to be had, and say whether this thread has to do it."""
        with self._changed:
            wanted = self._begun + 1
            while self._ended < wanted:
                if self._begun == self._ended:
                    self._begun = wanted
                    return True
                if not self._changed.wait(until - time.monotonic()):
                    return False
        return False

    def _go(self, until: float) -> None:
        def between() -> None:
            if time.monotonic() > until:
                raise Stopped

        try:
            derive(self.store, self.settings, between=between)
        except Stopped:
            return
