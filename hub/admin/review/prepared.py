"""Questions read while their reviewer reads another one, so that the answer to that one brings the next at once.

Law: what was prepared is shown only to the session that has taken the question since, and only if the records, their
contacts and what was decided about them are as they were.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from hub.admin.review import claims
from hub.admin.review.claims import Reviewer
from hub.admin.review.notes import notes_of
from hub.admin.review.page import Shown, shown_item
from hub.queries.review_pair import NoSuchPair, shown_of
from hub.queries.review_queue import Narrowed, pair_in
from hub.queries.review_value import NoSuchValue
from hub.settings.settings import Settings
from hub.store.engine import Store

log = logging.getLogger("hub.admin")

KEEP_SECONDS = 60.0
"""As long as a reviewer may well read the questions before it."""

MOST = 100

_NEVER = float("-inf"), None


@dataclass(slots=True)
class Prepared:
    """By question what whoever takes it is shown, once; the oldest go first."""

    settings: Settings
    _ready: OrderedDict[str, tuple[float, Shown]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def prepare(self, store: Store, who: Reviewer, of: Narrowed, most: int) -> None:
        """Read up to `most` questions that this session would be given next, unless that has been done."""
        try:
            with store.read() as db:
                for item in claims.coming(db, who, of, most):
                    if not self._is_ready(item):
                        self._keep(shown_item(db, self.settings, who, item, personal=True))
        except (NoSuchPair, NoSuchValue, DBAPIError) as error:
            log.info("the next question is read when it is asked for: %s", type(error).__name__)

    def shown(self, db: Connection, who: Reviewer, item: str, personal: bool) -> Shown:
        """As `shown_item`, of which it raises the errors; at once if it was prepared and is as it was."""
        ready = self._take(item)
        if ready is None or not _may_see(db, who, item) or not _is_as_it_was(db, ready):
            return shown_item(db, self.settings, who, item, personal)
        return replace(ready, is_held=True, notes=notes_of(db, item))

    def _is_ready(self, item: str) -> bool:
        at, _ = self._ready.get(item, _NEVER)
        return time.monotonic() - at < KEEP_SECONDS

    def _keep(self, shown: Shown) -> None:
        with self._lock:
            self._ready[shown.item] = (time.monotonic(), shown)
            while len(self._ready) > MOST:
                self._ready.popitem(last=False)

    def _take(self, item: str) -> Shown | None:
        with self._lock:
            at, shown = self._ready.pop(item, _NEVER)
        return shown if time.monotonic() - at < KEEP_SECONDS else None


def _may_see(db: Connection, who: Reviewer, item: str) -> bool:
    """Whether the session has the question before it, and not as a known pair, which looks like any other."""
    return claims.holder_of(db, item) == who.session and not claims.expected_of(db, who, item)


def _is_as_it_was(db: Connection, ready: Shown) -> bool:
    if not ready.is_pair:
        return False
    try:
        return bool(shown_of(db, *pair_in(ready.item)) == ready.asked.shown)
    except NoSuchPair:
        return False
