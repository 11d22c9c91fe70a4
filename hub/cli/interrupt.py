"""What Ctrl-C means to a command that works in steps."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from hub.cli.output import talk


@contextmanager
def stop_on_interrupt(step: str) -> Iterator[Callable[[], bool]]:
    """In this block, Ctrl-C once: stop at the next boundary between two steps (a page, a batch). Twice: at once."""
    asked = False

    def note(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        talk.print(f"Stopping at the next {step}. Ctrl-C again stops at once; nothing is lost either way.")

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
