"""Brings the contacts up to date after an answer, when the reviewer already looks at the next question."""

from __future__ import annotations

import logging
import threading

from hub.jobs.queue import queue_derive
from hub.settings.settings import Settings
from hub.stages.order import derive
from hub.store.engine import Store

log = logging.getLogger("hub.admin")


class Deriving:
    """One at a time: whoever asks while it runs is served by the same go, or the one after it.

    A run is queued at the end of each go, whose own end pushes what has become different, an opt-out first.

    Law: the marks are written with the decision, so that a go that fails or never begins loses nothing: whoever
    derives next, a sync or an answer, does it.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._lock = threading.Lock()
        self._asked = self._busy = False

    def __call__(self) -> None:
        with self._lock:
            self._asked = True
            if self._busy:
                return
            self._busy = True
        try:
            while self._is_asked():
                derive(self._store, self._settings)
                self._store.write(lambda db: queue_derive(db, self._settings.hub.installation, "somebody decided"))
        except Exception as error:
            log.warning("contacts wait for the next who derives: %s", type(error).__name__)
            self._is_asked(give_up=True)

    def _is_asked(self, give_up: bool = False) -> bool:
        with self._lock:
            goes_on = self._asked and not give_up
            self._asked, self._busy = False, goes_on
            return goes_on
