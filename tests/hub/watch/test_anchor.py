"""The audit's anchor goes to the log every hour, whole, whoever else speaks."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from hub import audit
from hub.store.engine import Store
from hub.watch.anchor import Anchor
from hub.watch.log import begin

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.fault("A18")
def test_the_head_of_the_chain_is_logged_at_the_start_and_then_every_hour(store: Store, stderr: io.StringIO) -> None:
    begin("json", "info", [])
    anchor, heads = Anchor(), []
    for minutes in (0, 30, 59, 60, 61, 120):
        store.write(lambda db: audit.note(db, NOW, "alice", "reveal", "c_1"))
        anchor.speak_when_due(store, NOW + timedelta(minutes=minutes))
        with store.read() as db:
            heads.append(audit.head(db))
    told = [json.loads(line) for line in stderr.getvalue().splitlines()]
    assert [(one["event"], one["rows"], one["head"]) for one in told] == [
        ("audit.anchor", *heads[number]) for number in (0, 3, 5)
    ]
