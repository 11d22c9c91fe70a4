"""Versions that one group of pages brings together: what an overtaken one says of consent counts all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hub.store.engine import Store
from tests.hub.stages.consent_world import customer, hear, reason_of
from tests.hub.world import gone

ALICE, ALSO_ALICE, CHARLIE = "alice@example.com", "alice.adams@example.com", "charlie@example.com"
AT, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 11, tzinfo=UTC)


def test_a_no_counts_that_is_overtaken_by_another_address(store: Store) -> None:
    hear(store, customer("2", AT, name="Charlie", email=CHARLIE, said="yes", said_at=AT))
    no = customer("1", AT, name="Alice", email=ALICE, said="no", said_at=AT)
    hear(store, no, customer("1", LATER, name="Alice", email=ALSO_ALICE, said="yes", said_at=LATER))
    assert reason_of(store, ALICE) == "withdrawn"


def test_a_no_counts_that_is_overtaken_by_the_record_s_end(store: Store) -> None:
    no = customer("1", AT, name="Charlie", email=CHARLIE, said="no", said_at=AT)
    hear(store, customer("2", AT, name="Alice", email=ALICE, said="yes", said_at=AT))
    hear(store, no, gone(no, AT + timedelta(days=1)))
    assert reason_of(store, CHARLIE) == "withdrawn"
