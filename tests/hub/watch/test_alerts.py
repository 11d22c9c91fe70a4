"""Alerts: one message for each change of state, recovery included, whoever looks and whatever fails meanwhile."""

from __future__ import annotations

import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, text

from hub.settings.settings import Settings
from hub.stages.gaps import gaps
from hub.store.engine import Store
from hub.watch import alerts as looking
from hub.watch.alerts import watch_once, watching
from hub.watch.log import begin
from hub.watch.tables import alert_messages, alert_states
from tests.hub.watch.receivers import Mailbox, Receiver
from tests.hub.watch.scene import CANARY, SECRET, delivery, ended, last_ok, pulled, scene, unsent_optout
from tests.hub.world import rows

NOW = datetime.now(UTC)


def told(receiver: Receiver) -> list[tuple[str, str, str]]:
    found = [json.loads(body) for _, _, body in receiver.posts]
    return [(one["rule"], one["subject"], one["state"]) for one in found]


def by_webhook(receiver: Receiver, **more: Any) -> Settings:
    own = {"webhook": {"url": f"{receiver.url}/alerts", "secret": SECRET}}
    return scene({**own, **more})


def look(store: Store, settings: Settings, **later: float) -> int:
    return watch_once(store, settings, NOW + timedelta(**later))


def arrive(store: Store) -> None:
    """The opt-out has arrived."""
    store.write(lambda db: db.execute(delete(gaps)))


def test_a_change_is_told_once_and_so_is_its_end(store: Store, receiver: Receiver) -> None:
    settings = by_webhook(receiver)
    assert look(store, settings) == 0
    unsent_optout(store, 16)
    assert [look(store, settings, minutes=minute) for minute in (0, 1, 2)] == [1, 0, 0]
    arrive(store)
    assert [look(store, settings, minutes=minute) for minute in (25, 26)] == [1, 0]
    unsent_optout(store, 17)
    look(store, settings, minutes=27)
    assert told(receiver) == [("optout", "newsletter", state) for state in ("firing", "ok", "firing")]
    assert "over, after 25 min: 1 opt-outs have not arrived" in json.loads(receiver.posts[1][2])["message"]


def test_every_rule_speaks_from_the_real_tables(store: Store, receiver: Receiver) -> None:
    pulled(store)
    ended(store, "held")
    last_ok(store, ago=200)
    delivery(store, "dead")
    for _ in range(4):
        ended(store, "lost", ago=1)
    ended(store, "failed", 77)
    look(store, by_webhook(receiver))
    assert set(told(receiver)) == {
        ("attention", "shop", "firing"),
        ("stream", "shop.customers", "firing"),
        ("dead_letters", "newsletter", "firing"),
        ("leases", "hub", "firing"),
    }
    ended(store, "held")
    receiver.posts.clear()
    look(store, by_webhook(receiver))
    assert set(told(receiver)) == {("attention", "shop", "ok"), ("quarantine", "shop.customers", "firing")}


def test_four_who_look_at_once_send_one_message(store: Store, receiver: Receiver) -> None:
    settings = by_webhook(receiver)
    unsent_optout(store, 16)
    with ThreadPoolExecutor(4) as threads:
        changes = list(threads.map(lambda _: look(store, settings), range(4)))
    assert sorted(changes) == [0, 0, 0, 1]
    assert told(receiver) == [("optout", "newsletter", "firing")]


def test_what_cannot_be_sent_is_tried_again_and_stops_nothing(store: Store, receiver: Receiver) -> None:
    settings = by_webhook(receiver)
    receiver.statuses = [500, 503]
    unsent_optout(store, 16)
    assert look(store, settings) == 1
    look(store, settings, seconds=30)  # it rests
    assert len(receiver.posts) == 1
    look(store, settings, minutes=1)
    look(store, settings, minutes=2)  # it rests for longer
    assert len(receiver.posts) == 2
    look(store, settings, minutes=3)
    assert len(receiver.posts) == 3
    (row,) = rows(store, alert_messages)
    assert (row["status"], row["attempts"], row["problem"]) == ("sent", 3, "")


def test_after_a_day_a_message_is_given_up_but_kept(store: Store, receiver: Receiver) -> None:
    settings = by_webhook(receiver)
    receiver.statuses = [500] * 99
    unsent_optout(store, 16)
    look(store, settings)
    look(store, settings, hours=25)
    (row,) = rows(store, alert_messages)
    assert row["status"] == "failed"
    assert "500" in row["problem"]


def test_one_broken_channel_holds_up_no_other(store: Store, receiver: Receiver, mailbox: Mailbox) -> None:
    receiver.statuses = [500]
    mail = {
        "host": "127.0.0.1",
        "port": mailbox.port,
        "tls": "none",
        "sender": "hub@example.com",
        "to": ["o@example.com"],
    }
    unsent_optout(store, 16)
    look(store, by_webhook(receiver, email=mail))
    assert [one["Subject"] for one in mailbox.mails] == ["hub ALERT: optout newsletter"]


def test_what_ended_before_it_was_told_is_not_told_at_all(store: Store, receiver: Receiver) -> None:
    settings = by_webhook(receiver, per_hour=1)
    unsent_optout(store, 16)
    look(store, settings)
    ended(store, "held")
    look(store, settings, minutes=1)
    ended(store, "ok")
    look(store, settings, minutes=2)
    arrive(store)
    look(store, settings, minutes=90)
    assert told(receiver) == [("optout", "newsletter", "firing"), ("optout", "newsletter", "ok")]


def test_no_more_than_so_many_an_hour_and_the_rest_waits_its_turn(store: Store, receiver: Receiver) -> None:
    settings = by_webhook(receiver, per_hour=2)
    for round_ in range(3):
        unsent_optout(store, 16 + round_)
        look(store, settings, minutes=2 * round_)
        arrive(store)
        look(store, settings, minutes=2 * round_ + 1)
    assert len(receiver.posts) == 2
    for minute in (62, 124, 186):
        look(store, settings, minutes=minute)
    states = [state for _, _, state in told(receiver)]
    assert states == ["firing", "ok"] * (len(states) // 2)


def test_without_a_channel_alerts_are_kept_all_the_same(store: Store) -> None:
    unsent_optout(store, 16)
    assert look(store, scene()) == 1
    (row,) = rows(store, alert_states)
    assert (row["rule"], row["state"]) == ("optout", "firing")
    assert rows(store, alert_messages) == []


def test_a_rule_that_is_switched_off_ends_its_alert(store: Store, receiver: Receiver) -> None:
    unsent_optout(store, 16)
    look(store, by_webhook(receiver))
    look(store, by_webhook(receiver, off=["optout"]))
    assert [state for _, _, state in told(receiver)] == ["firing", "ok"]


def test_the_thread_looks_by_itself_and_survives_a_database_that_goes_away(
    sqlite_store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "LOOK_SECONDS", 0.02)
    unsent_optout(sqlite_store, 16)
    real, failed, arrived = watch_once, threading.Event(), threading.Event()

    def broken(*given: Any) -> int:
        if not failed.is_set():
            failed.set()
            with sqlite_store.read() as db:
                db.execute(text("SELECT * FROM not_there"))
        done = real(*given)
        arrived.set()
        return done

    monkeypatch.setattr(looking, "watch_once", broken)
    with watching(sqlite_store, by_webhook(receiver)):
        assert arrived.wait(10)
    assert failed.is_set()
    assert told(receiver) == [("optout", "newsletter", "firing")]


@pytest.mark.fault("A11")
def test_no_person_and_no_secret_is_in_an_alert_or_in_what_is_logged_of_it(
    store: Store, receiver: Receiver, mailbox: Mailbox, stderr: io.StringIO
) -> None:
    begin("json", "debug", [SECRET])
    mail = {
        "host": "127.0.0.1",
        "port": mailbox.port,
        "tls": "none",
        "sender": "hub@example.com",
        "to": ["o@example.com"],
    }
    settings = by_webhook(receiver, email=mail, slack={"url": f"{receiver.url}/{SECRET}"})
    pulled(store)
    unsent_optout(store, 16)
    delivery(store, "dead")
    ended(store, "failed", 77, message=f"401 for {CANARY} with {SECRET}")
    look(store, settings)
    receiver.statuses = [500] * 9
    arrive(store)
    look(store, settings, minutes=5)
    assert len(receiver.posts) >= 6
    said = [body for _, _, body in receiver.posts] + [one.as_bytes() for one in mailbox.mails]
    said += [str(rows(store, one)).encode() for one in (alert_states, alert_messages)] + [stderr.getvalue().encode()]
    assert "alert.firing" in stderr.getvalue()
    assert "alert.undelivered" in stderr.getvalue()
    for canary in (CANARY, "charlie", "Alice", SECRET):
        assert [one for one in said if canary.encode() in one] == []
