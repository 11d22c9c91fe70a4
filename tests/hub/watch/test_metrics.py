"""Metrics: every figure as the database has it at that moment, in Prometheus' format, and no person in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from connectors.kit.base import Reject
from hub.stages.freeze import freeze
from hub.store.engine import Store
from hub.store.leases import take
from hub.store.migrate import HEAD
from hub.watch.beats import beat
from hub.watch.figures import Figures, figures
from hub.watch.metrics import exposition
from hub.watch.room import Room
from tests.hub.watch.scene import CANARY, delivery, ended, last_ok, pulled, scene, shop, unsent_optout
from tests.hub.world import sync

LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="[^"\\]*",?)*)\})? (-?[0-9.e+]+)')


def look(store: Store) -> Figures:
    with store.read() as db:
        return figures(db, scene())


def samples(store: Store) -> dict[str, float]:
    """Every sample by its name and labels, each line checked against the format."""
    found: dict[str, float] = {}
    typed = set()
    for line in exposition(look(store), Room(5, 10)).splitlines():
        if line.startswith("#"):
            typed.add(line.split()[2])
            continue
        match = LINE.fullmatch(line)
        assert match, line
        assert match[1] in typed
        assert f"{match[1]}{{{match[2] or ''}}}" not in found
        found[f"{match[1]}{{{match[2] or ''}}}"] = float(match[3])
    return found


SHOP = 'connection="shop",stream="customers"'
MAIL = 'destination="newsletter"'


def test_an_empty_hub_has_metrics_too(store: Store) -> None:
    found = samples(store)
    assert found["hub_schema_version{}"] == float(HEAD)
    assert found["hub_contacts{}"] == 0
    assert found[f"hub_optout_oldest_seconds{{{MAIL}}}"] == 0
    assert f"hub_stream_lag_seconds{{{SHOP}}}" not in found


def test_a_stream_tells_its_lag_its_freshness_and_where_its_records_went(store: Store) -> None:
    pulled(store)
    ended(store, "ok", applied=5, quarantined=2)
    last_ok(store, ago=20)
    found = samples(store)
    assert found[f"hub_stream_ok_age_seconds{{{SHOP}}}"] == pytest.approx(1200, abs=30)
    assert found[f"hub_stream_late_seconds{{{SHOP}}}"] == pytest.approx(300, abs=30)
    assert found[f'hub_records_total{{{SHOP},bucket="applied"}}'] == 7
    assert found[f'hub_records_total{{{SHOP},bucket="quarantined"}}'] == 2
    assert found['hub_waiting{stage="resolve"}'] == 2


def test_lag_is_the_age_of_the_newest_change_that_has_landed(store: Store) -> None:
    from connectors.kit.base import Cursor
    from hub.stages.runs import save_cursor
    from tests.hub.world import PLACE

    pulled(store)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    store.write(lambda db: save_cursor(db, PLACE, Cursor(position=hour_ago)))
    assert samples(store)[f"hub_stream_lag_seconds{{{SHOP}}}"] == pytest.approx(3600, abs=30)


def test_what_is_held_back_is_counted_by_stream(store: Store) -> None:
    sync(store, shop(Reject("{", "no object", "1")))
    assert samples(store)[f"hub_quarantine_open{{{SHOP}}}"] == 1


def test_the_oldest_optout_that_has_not_arrived_is_told_whether_queued_given_up_or_planned(store: Store) -> None:
    unsent_optout(store, 3)
    unsent_optout(store, 20, withheld="dead")
    unsent_optout(store, 90, withheld="vendor_locked")  # settled: nobody waits for it
    found = samples(store)
    assert found[f"hub_optout_oldest_seconds{{{MAIL}}}"] == pytest.approx(1200, abs=30)
    assert found[f"hub_optouts_unsent{{{MAIL}}}"] == 2


def test_an_old_no_at_a_record_that_has_just_appeared_is_as_old_as_the_record(store: Store) -> None:
    from hub.stages.land import landed
    from tests.hub.watch.scene import put

    unsent_optout(store, 6000)
    born = int((datetime.now(UTC) - timedelta(minutes=2)).timestamp() * 1e6)
    own = {"connection": "newsletter", "stream": "", "external_id": "r6000", "birth_id": "b", "versions": 1}
    put(store, landed, born=born, body="{}", **own)
    assert samples(store)[f"hub_optout_oldest_seconds{{{MAIL}}}"] == pytest.approx(120, abs=30)


def test_the_outbox_is_told_by_lane_and_attempts_by_outcome(store: Store) -> None:
    delivery(store, "queued", 1)
    delivery(store, "sent", 2, lane=3, record="bob")
    delivery(store, "dead", 3, record="dora")
    delivery(store, "dead", 4, record="emil")
    delivery(store, "confirmed", 5, record="emil")  # once given up, then it went through
    found = samples(store)
    assert found[f'hub_outbox_queued{{{MAIL},lane="opt-out"}}'] == 1
    assert found[f'hub_outbox_queued{{{MAIL},lane="grant"}}'] == 1
    assert found[f'hub_outbox_queued{{{MAIL},lane="tag"}}'] == 0
    assert found[f'hub_attempts_total{{{MAIL},outcome="dead"}}'] == 2
    assert found[f'hub_attempts_total{{{MAIL},outcome="unanswered"}}'] == 1
    assert found[f"hub_dead_letters{{{MAIL}}}"] == 1


def test_leases_workers_and_a_freeze_are_told(store: Store) -> None:
    ended(store, "lost", attempt=1, ago=10)
    ended(store, "ok", attempt=3, ago=10)
    ended(store, "failed", attempt=2, ago=90)
    store.write(lambda db: take(db, "shop.customers"))
    store.write(beat)
    store.write(lambda db: freeze(db, datetime.now(UTC)))
    found = samples(store)
    assert found["hub_leases_lost_total{}"] == 4
    assert look(store).lost_last_hour == 3
    assert found["hub_leases_held{}"] == 1
    assert found["hub_worker_seen_seconds{}"] < 30
    assert found["hub_pushes_frozen{}"] == 1
    assert found["hub_disk_free_bytes{}"] == 5


@pytest.mark.fault("A11")
def test_no_person_is_in_a_metric(store: Store) -> None:
    pulled(store)
    unsent_optout(store, 3)
    delivery(store, "dead")
    text = exposition(look(store), None)
    assert 'destination="newsletter"' in text
    for canary in (CANARY, "charlie", "alice", "Alice", "0491 570", "491570156"):
        assert canary not in text
