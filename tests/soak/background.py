"""A thread of the soak's own whose mistake ends the soak instead of getting lost."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Background:
    """Runs `work(stopping)` until it returns or is stopped."""

    def __init__(self, name: str, work: Callable[[threading.Event], None]) -> None:
        self._work = work
        self._stopping = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise what went wrong in there."""
        if self._error is not None:
            raise self._error

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Let it end, and raise what went wrong."""
        self._stopping.set()
        self._thread.join()
        self.check()

    def _run(self) -> None:
        try:
            self._work(self._stopping)
        except BaseException as error:
            self._error = error
