"""The two ways in which waiting records are resolved, each of which a test can choose."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dedupe.engine.weights import Model
from hub.stages import resolve
from hub.stages.moves import Resolved
from hub.store.engine import Store
from tests.hub import world
from tests.hub.world import STANDARD


def in_increments(store: Store, model: Model = STANDARD) -> Resolved:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(resolve, "BULK_FROM", 1_000_000)
        return world.derive(store, model)


def at_once(store: Store, model: Model = STANDARD) -> Resolved:
    """All records together, however few wait."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(resolve, "begins_anew", lambda *_: True)
        return world.derive(store, model)


Resolving = Callable[[Store], Resolved]

both_ways = pytest.mark.parametrize("resolving", [in_increments, at_once])
