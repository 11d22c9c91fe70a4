"""What an undisturbed day leaves behind, against which every disturbed one is held."""

from __future__ import annotations

import pytest

from tests.flows.consent.day import MINUTE, State, a_day, finished, start_at
from tests.flows.databases import sqlite_in
from tests.flows.terminal import attended


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> State:
    """What a sync leaves behind when nobody dies, on SQLite; the other database has to hold the same."""
    root = tmp_path_factory.mktemp("undisturbed")
    with sqlite_in(root) as url, a_day(root) as town:
        with attended(start_at(MINUTE, town, url, "sync")) as process:
            assert process.wait() == 0
        return finished(town, url, ("sync", "sync", "sync"))
