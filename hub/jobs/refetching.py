"""Reads again what webhooks have spoken of: single records, through the same door as a pull."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from hub.settings.settings import Connection, Settings
from hub.stages.heard import marked, unmark
from hub.stages.observe import read_before
from hub.store.engine import Store


def refetch(store: Store, settings: Settings, connection: Connection, asked_to_stop: Callable[[], bool]) -> int:
    """How many were read. Raises the connector's errors: what was not read stays marked."""
    done = 0
    with closing(connection.connector.open_destination(connection.config)) as destination:
        while not asked_to_stop():
            with store.read() as db:
                marks = marked(db, connection.name, connection.capabilities.fetch_batch)
            if not marks:
                return done
            read_before(store, settings, connection, destination, marks, beside_pushes=True)
            store.write(lambda db, marks=marks: unmark(db, connection.name, marks.items()))  # type: ignore[misc]
            done += len(marks)
    return done
