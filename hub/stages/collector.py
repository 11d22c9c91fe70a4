"""The garbage collector, held while much is read that all lives: its search would be a third of the work."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

YOUNG = 1


@contextmanager
def without_collector() -> Iterator[Callable[[], object]]:
    """In this block nothing is searched for garbage until the function given is called: between two pieces of work."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield lambda: gc.collect(YOUNG)
    finally:
        if was_on:
            gc.enable()
