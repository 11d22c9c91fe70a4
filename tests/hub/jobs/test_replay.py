"""Replay: what was held back is read again with the mended mapping, without its source, and its no counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.kit.base import Record
from hub.jobs.replay import Replayed, replay
from hub.settings.settings import Settings
from hub.stages.map import refusals
from hub.stages.quarantine import groups
from hub.store.engine import Store
from hub.store.leases import AlreadyRunning, leases, take
from tests.hub.stages.consent_world import MESSAGES, configured, hear, reason_of, shop
from tests.hub.world import minute, rows

PHONE = "+61491570156"
SPOKEN_AT = minute(5)


def message(external_id: str) -> Record:
    said = {"id": external_id, "at": SPOKEN_AT.isoformat(), "way": "mo-long", "number": PHONE, "text": "STOP"}
    return Record(external_id, said, SPOKEN_AT)


def mended(**words: str) -> Settings:
    """The same shop, which now gives nothing, with these words added to its mapping."""
    own: dict[str, Any] = MESSAGES["map"]
    direction = {"value": "way", "words": {**own["direction"]["words"], **words}}
    return configured(shop([], name="messages", spec={**MESSAGES, "map": {**own, "direction": direction}}))


def again(store: Store, found: Settings) -> list[Replayed]:
    return replay(store, found, found.connections.values())


@pytest.mark.fault("D01")
def test_what_the_mended_mapping_can_read_leaves_quarantine_and_its_stop_counts(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.jobs.replay.CHUNK", 2)
    hear(store, *(message(f"m{number}") for number in range(5)), name="messages")
    with store.read() as db:
        (group,) = groups(db)
    assert (group["records"], group["stream"]) == (5, "messages")
    assert group["first_seen_at"] <= group["last_seen_at"]
    assert PHONE not in group["sample"]
    assert "STOP" not in group["sample"]
    assert (len(rows(store, refusals)), reason_of(store, PHONE, "sms")) == (5, "hold")
    assert again(store, mended(**{"mo-long": "in"})) == [Replayed("shop", "messages", 5, 5)]
    assert (rows(store, refusals), rows(store, leases)) == ([], [])
    assert reason_of(store, PHONE, "sms") == "withdrawn"


def test_what_still_cannot_be_read_stays(store: Store) -> None:
    hear(store, message("m1"), name="messages")
    assert again(store, mended(other="in")) == [Replayed("shop", "messages", 1, 0)]
    assert (len(rows(store, refusals)), reason_of(store, PHONE, "sms")) == (1, "hold")


def test_nothing_is_replayed_while_the_stream_is_read(store: Store) -> None:
    hear(store, message("m1"), name="messages")
    store.write(lambda db: take(db, "shop.messages", term=timedelta(minutes=1)))
    with pytest.raises(AlreadyRunning):
        again(store, mended(**{"mo-long": "in"}))
    assert len(rows(store, refusals)) == 1


def test_an_empty_quarantine_has_nothing_to_replay(store: Store) -> None:
    assert again(store, mended()) == []
