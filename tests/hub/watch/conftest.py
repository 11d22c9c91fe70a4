"""Fixtures of these tests: empty stores, a log that can be read, and servers that take alerts."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.hub.watch.receivers import Mailbox, Receiver, mail_server, web_server
from tests.hub.world import sqlite_store, store

__all__ = ["sqlite_store", "store"]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as found:
        yield found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with web_server() as found:
        yield found


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged in the test; afterwards the loggers are as they were."""
    root, own = logging.getLogger(), logging.getLogger("hub")
    handlers, levels = list(root.handlers), (root.level, own.level)
    written = io.StringIO()
    monkeypatch.setattr("hub.watch.log.sys", SimpleNamespace(stderr=written))
    yield written
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    own.setLevel(levels[1])
