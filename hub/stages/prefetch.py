"""Fetches the next pages while the last ones are being landed, in one thread, a few pages ahead and no more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

T = TypeVar("T")

AHEAD = 4


class _End:
    pass


class Prefetched(Generic[T]):
    """Iterate over `pages`, produced in a thread. Errors of the producer are raised in the consumer, in their place.

    Use as a context manager: leaving it stops the producer at its next page and waits for it.
    """

    def __init__(self, pages: Callable[[], Iterator[T]]) -> None:
        self._pages = pages
        self._queue: Queue[T | _End | BaseException] = Queue(AHEAD)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._produce, name="prefetch", daemon=True)

    def __enter__(self) -> Iterator[T]:
        self._thread.start()
        return self._consume()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        while self._thread.is_alive():
            self._drain()
            self._thread.join(0.05)

    def _consume(self) -> Iterator[T]:
        while not isinstance(item := self._queue.get(), _End):
            if isinstance(item, BaseException):
                raise item
            yield item

    def _produce(self) -> None:
        try:
            for page in self._pages():
                if not self._put(page):
                    return
            self._put(_End())
        except BaseException as error:  # handed over whole: the consumer decides
            self._put(error)

    def _put(self, item: T | _End | BaseException) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=0.1)
                return True
            except Full:
                continue
        return False

    def _drain(self) -> None:
        try:
            while True:
                self._queue.get_nowait()
        except Empty:
            pass
