"""Fetches the next pages while the last ones are being landed, in one thread, so many records ahead and no more."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

AHEAD = 1_000
"""While so many records wait no page is asked for: what waits is read again after a kill."""


class _End:
    pass


class Prefetched(Generic[T]):
    """Iterate over `pages`, produced in a thread. Errors of the producer are raised in the consumer, in their place.

    `weigh` gives a page's records. Use as a context manager: leaving it stops the producer at its next page and waits
    for it.
    """

    def __init__(self, pages: Callable[[], Iterator[T]], weigh: Callable[[T], int]) -> None:
        self._pages = pages
        self._weigh = weigh
        self._waiting: deque[tuple[T | _End | BaseException, int]] = deque()
        self._records = 0
        self._stopped = False
        self._moved = threading.Condition()
        self._thread = threading.Thread(target=self._produce, name="prefetch", daemon=True)

    def __enter__(self) -> Iterator[T]:
        self._thread.start()
        return self._consume()

    def __exit__(self, *_: object) -> None:
        with self._moved:
            self._stopped = True
            self._moved.notify_all()
        self._thread.join()

    def _consume(self) -> Iterator[T]:
        while not isinstance(item := self._take(), _End):
            if isinstance(item, BaseException):
                raise item
            yield item

    def _take(self) -> T | _End | BaseException:
        with self._moved:
            self._moved.wait_for(lambda: self._waiting)
            item, records = self._waiting.popleft()
            self._records -= records
            self._moved.notify_all()
            return item

    def _produce(self) -> None:
        try:
            for page in self._pages():
                if not self._put(page, self._weigh(page)):
                    return
            self._put(_End(), 0)
        except BaseException as error:  # handed over whole: the consumer decides
            self._put(error, 0)

    def _put(self, item: T | _End | BaseException, records: int) -> bool:
        """Leave it to the consumer and wait until another one is wanted; False when none is any more."""
        with self._moved:
            self._waiting.append((item, records))
            self._records += records
            self._moved.notify_all()
            self._moved.wait_for(lambda: self._stopped or self._records < AHEAD)
            return not self._stopped
