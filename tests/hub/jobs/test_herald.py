"""Webhooks out: who enters and leaves and whose consent changes is told, signed, at least once, whatever goes wrong."""

from __future__ import annotations

import hmac
import socket
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from hub.jobs import hook
from hub.queries.digest import digest
from hub.stages import freeze
from hub.stages import notices as stage
from hub.stages.order import rebuild
from hub.store.engine import Store
from hub.store.leases import take
from hub.watch.signing import signature
from tests.hub.jobs.outside import (
    HOOK,
    OLD_SECRET,
    SECRET,
    Outside,
    bodies,
    kinds,
    outside,
    receivers,
    said_at,
    subscriber,
    until,
)
from tests.hub.stages.consent_world import contact_of, customer

ALICE = "alice@example.com"
CHARLIE = "charlie@example.com"

ALICE_SAYS_YES = customer("alice", name="Alice", email=ALICE, said="yes", said_at=said_at(1))
ALICE_SAYS_NO = customer("alice", name="Alice", email=ALICE, said="no", said_at=said_at(2))
CHARLIE_SAYS_NO = customer("charlie", name="Charlie", email=CHARLIE, said="no", said_at=said_at(1))


@pytest.fixture
def there(store: Store) -> Iterator[Outside]:
    with outside(store) as found:
        yield found


@pytest.fixture
def here(sqlite_store: Store) -> Iterator[Outside]:
    """For what does not depend on the database."""
    with outside(sqlite_store) as found:
        yield found


def test_alice_enters_and_leaves_and_both_are_told_with_what_became_of_her_consent(there: Outside) -> None:
    there.hear(ALICE_SAYS_YES)
    there.tell()
    consent, entered = bodies(there.crm)
    assert (consent["type"], consent["data"]["address"], consent["data"]["state"]) == (
        "consent.changed",
        ALICE,
        "granted",
    )
    assert consent["data"]["was"] == {"state": "unknown", "may_send": False}
    alice = contact_of(there.store, ALICE)
    assert consent["data"]["contacts"] == [alice]
    assert (entered["type"], entered["data"]["segment"], entered["data"]["stay"]) == ("segment.entered", "sendable", 1)
    assert entered["data"]["contact"] == {"id": alice, "may_write_to": {"email": [ALICE]}}
    there.hear(ALICE_SAYS_NO)
    there.tell()
    assert kinds(there.crm)[2:] == ["consent.changed", "segment.left"]
    no, left = bodies(there.crm)[2:]
    assert (no["data"]["state"], no["data"]["may_send"], no["data"]["was"]["state"]) == ("withdrawn", False, "granted")
    assert left["data"]["contact"]["may_write_to"] == {}
    assert {row["status"] for row in there.notices()} == {"delivered"}


def test_a_signature_is_what_standard_webhooks_says(here: Outside) -> None:
    vector = {"url": "https://example.com", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    found = signature(
        here.settings.hub.subscribers["crm"].model_validate(vector).secrets,
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_arrives_can_be_proven_with_the_new_secret_and_with_the_old_one(here: Outside) -> None:
    here.hub = {"subscribers": {"crm": subscriber(here.crm, previous_secret=OLD_SECRET)}}
    here.hear(ALICE_SAYS_YES)
    here.tell()
    for path, headers, body in here.crm.posts:
        at, event = headers["webhook-timestamp"], headers["webhook-id"]
        assert abs(int(at) - time.time()) < 60
        text = f"{event}.{at}.".encode() + body
        wanted = [
            b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), text, "sha256")).decode()
            for secret in (SECRET, OLD_SECRET)
        ]
        assert headers["webhook-signature"] == " ".join(f"v1,{one}" for one in wanted)
        assert (path, headers["content-type"]) == ("/in", "application/json")


def test_each_subscriber_hears_what_it_asked_for_and_no_more(there: Outside) -> None:
    with receivers(2) as (consents, others):
        there.hub = {
            "subscribers": {
                "consents": subscriber(consents, events=["consent.changed"]),
                "others": subscriber(others, events=["segment.entered"], segments=["nobodys"]),
                "crm": subscriber(there.crm, events=["segment.entered"]),
            }
        }
        there.hear(ALICE_SAYS_YES, CHARLIE_SAYS_NO)
        there.tell()
        assert kinds(consents) == ["consent.changed"] * 2
        assert (kinds(others), kinds(there.crm)) == ([], ["segment.entered"])


def test_charlie_who_said_no_is_never_named_to_who_might_write_to_her(there: Outside) -> None:
    there.segments = {"all": {"title": "All", "all": [{"field": "name", "known": True}]}}
    there.hub = {"subscribers": {"crm": subscriber(there.crm, events=["segment.entered"])}}
    there.hear(CHARLIE_SAYS_NO, ALICE_SAYS_YES)
    there.hear(ALICE_SAYS_NO)  # before the notice of her entering has left
    there.tell()
    assert len(there.crm.posts) == 2
    assert all(body["data"]["contact"]["may_write_to"] == {} for body in bodies(there.crm))
    assert not any(b"@example.com" in body for _, _, body in there.crm.posts)


def test_a_change_that_is_rolled_back_is_not_told(there: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("after the notices were written")

    monkeypatch.setattr("hub.stages.consent.find_gaps", broken)
    with pytest.raises(RuntimeError):
        there.hear(ALICE_SAYS_YES)
    assert there.notices() == []
    monkeypatch.undo()
    there.hear()
    assert [row["kind"] for row in there.notices()] == ["consent.changed", "segment.entered"]


def test_what_is_derived_anew_is_no_news(there: Outside) -> None:
    there.hear(ALICE_SAYS_YES, CHARLIE_SAYS_NO)
    there.tell()
    with there.store.read() as db:
        before = digest(db)
    rebuild(there.store, there.settings)
    with there.store.read() as db:
        assert digest(db) == before
    assert len(there.notices()) == 3
    there.tell()
    assert len(there.crm.posts) == 3


def test_who_begins_to_listen_hears_only_what_changes_from_then_on(there: Outside) -> None:
    listening = {"subscribers": {"crm": subscriber(there.crm)}}
    there.hub = {"timezone": "UTC"}
    there.hear(ALICE_SAYS_YES, CHARLIE_SAYS_NO)
    assert there.notices() == []
    there.hub = listening
    there.hear()
    assert there.notices() == []
    there.hear(ALICE_SAYS_NO)
    assert [row["kind"] for row in there.notices()] == ["consent.changed", "segment.left"]


@pytest.mark.fault("W09")
@pytest.mark.parametrize("status", [302, 400, 429, 500])
def test_who_does_not_take_it_is_asked_again_and_at_last_it_is_dead_with_its_reason(here: Outside, status: int) -> None:
    here.hub = {"subscribers": {"crm": subscriber(here.crm, events=["segment.entered"])}}
    here.crm.statuses = [status] * 99
    here.crm.location = f"{here.crm.url}/elsewhere" if status == 302 else ""
    here.hear(ALICE_SAYS_YES)
    for _ in range(12):
        here.wait_for_the_next_try()
        here.tell()
    (row,) = here.notices()
    assert (row["status"], row["attempts"], len(here.crm.posts)) == ("dead", 10, 10)
    assert str(status) in row["message"]
    assert {path for path, _, _ in here.crm.posts} == {"/in"}  # no redirect is followed
    assert len({headers["webhook-id"] for _, headers, _ in here.crm.posts}) == 1
    assert [one["outcome"] for one in here.attempts()] == ["failed"] * 10


def test_the_pause_grows_to_a_day(here: Outside) -> None:
    here.hub = {"subscribers": {"crm": subscriber(here.crm, events=["segment.entered"])}}
    here.crm.statuses = [500] * 99
    here.hear(ALICE_SAYS_YES)
    pauses = []
    for _ in range(9):
        here.wait_for_the_next_try()
        here.tell()
        (row,) = here.notices()
        pauses.append((row["next_try_at"] - datetime.now(UTC)).total_seconds())
    assert all(
        0.85 * wanted.total_seconds() < found < 1.15 * wanted.total_seconds()
        for found, wanted in zip(pauses, stage.BACKOFF, strict=True)
    )


@pytest.mark.fault("H03")
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("asked", "seconds"), [("3600", 3_600), ("date", 3_600), ("9999999", 86_400), ("soon", 5)])
def test_a_receiver_that_asks_for_patience_is_left_alone_for_so_long(
    here: Outside, status: int, asked: str, seconds: float
) -> None:
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    here.crm.retry_after = in_an_hour if asked == "date" else asked
    here.crm.statuses = [status]
    here.hear(ALICE_SAYS_YES)
    herald = here.herald()
    herald.begin_due()
    herald.wait()
    first = here.notices()[0]
    assert first["attempts"] == 1
    assert 0.85 * seconds < (first["next_try_at"] - datetime.now(UTC)).total_seconds() < 1.15 * seconds
    assert (herald.begin_due() == []) is (asked != "soon")  # the others wait too, though they are due
    herald.wait()


def test_a_receiver_that_has_switched_off_is_not_asked_again(here: Outside) -> None:
    here.hub = {"subscribers": {"crm": subscriber(here.crm, events=["segment.entered"])}}
    here.crm.statuses = [410]
    here.hear(ALICE_SAYS_YES)
    here.tell()
    (row,) = here.notices()
    assert (row["status"], row["attempts"]) == ("dead", 1)
    assert "switched this off" in row["message"]


@pytest.mark.fault("W09")
def test_what_is_dead_is_put_back_by_a_person_and_arrives_as_the_same_event(there: Outside) -> None:
    there.hub = {"subscribers": {"crm": subscriber(there.crm, events=["segment.entered"])}}
    there.crm.statuses = [410]
    there.hear(ALICE_SAYS_YES)
    there.tell()
    (row,) = there.notices()
    now = datetime.now(UTC)
    assert there.store.write(lambda db: stage.replay(db, now, target="hook:nobody")) == []
    assert there.store.write(lambda db: stage.replay(db, now, [row["id"]])) == [row["id"]]
    assert there.store.write(lambda db: stage.replay(db, now)) == []
    there.tell()
    assert [one["outcome"] for one in there.attempts()] == ["refused", "delivered"]
    assert len({headers["webhook-id"] for _, headers, _ in there.crm.posts}) == 1


@pytest.mark.fault("W02")
def test_an_answer_that_is_lost_means_once_more_with_the_same_id(
    there: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the call and the note of its answer."""

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    there.hub = {"subscribers": {"crm": subscriber(there.crm, events=["segment.entered"])}}
    there.hear(ALICE_SAYS_YES)
    with monkeypatch.context() as patched:
        patched.setattr("hub.stages.notices.answer", killed)
        with pytest.raises(Killed):
            there.herald().tell_all(HOOK)
    (row,) = there.notices()
    assert (row["status"], row["attempts"], [one["outcome"] for one in there.attempts()]) == ("sent", 1, [""])
    there.wait_for_the_next_try()
    there.tell()
    (row,) = there.notices()
    assert (row["status"], row["attempts"]) == ("delivered", 2)
    assert len({headers["webhook-id"] for _, headers, _ in there.crm.posts}) == 1
    assert len(there.crm.posts) == 2


def test_one_that_is_never_taken_keeps_no_other_waiting(here: Outside) -> None:
    here.hub = {"subscribers": {"crm": subscriber(here.crm, events=["segment.entered"])}}
    here.crm.statuses = [400]
    bob = customer("bob", name="Bob", email="bob@example.com", said="yes", said_at=said_at(1))
    here.hear(ALICE_SAYS_YES, bob)
    here.tell()
    assert sorted(row["status"] for row in here.notices()) == ["delivered", "waiting"]


def test_a_subscriber_that_hangs_holds_up_no_other(there: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook, "LIMITS", replace(hook.LIMITS, read=60, deadline=60))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hanging = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        slow = {"url": hanging, "secret": SECRET, "allow_private": True}
        there.hub = {"subscribers": {"a-slow": slow, "crm": subscriber(there.crm)}}
        there.hear(ALICE_SAYS_YES)
        herald = there.herald()
        began = time.monotonic()
        assert herald.begin_due() == ["hook:a-slow", HOOK]
        until(lambda: len(there.crm.posts) == 2)
        assert time.monotonic() - began < 5
        assert next(row["status"] for row in there.notices() if row["target"] == "hook:a-slow") == "sent"
        there.hear(ALICE_SAYS_NO)  # nor does it hold up what comes in and is derived
        assert herald.begin_due() == [HOOK]
        until(lambda: len(there.crm.posts) == 4)
        taken, _ = silent.accept()
        taken.close()
        silent.close()
        herald.wait()


def test_two_heralds_tell_everything_once(there: Outside) -> None:
    everybody = [
        customer(f"c{n}", name=f"Customer {n}", email=f"c{n}@example.com", said="yes", said_at=said_at(1))
        for n in range(30)
    ]
    there.hear(*everybody)
    heralds = [there.herald() for _ in range(4)]
    threads = [threading.Thread(target=lambda one=one: (one.begin_due(), one.wait())) for one in heralds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    there.tell()
    told = [headers["webhook-id"] for _, headers, _ in there.crm.posts]
    assert len(told) == len(set(told)) == 60


def test_who_has_lost_the_lease_tells_nothing_more(here: Outside) -> None:
    here.hear(ALICE_SAYS_YES)
    here.store.write(lambda db: take(db, f"notices.{HOOK}"))
    here.tell()
    assert here.crm.posts == []
    assert here.attempts() == []


@pytest.mark.fault("P18")
def test_a_frozen_hub_tells_nothing_until_it_thaws(there: Outside) -> None:
    there.hear(ALICE_SAYS_YES)
    there.store.write(lambda db: freeze.freeze(db, datetime.now(UTC)))
    there.tell()
    assert (there.crm.posts, there.attempts()) == ([], [])
    there.store.write(freeze.thaw)
    there.tell()
    assert len(there.crm.posts) == 2


def test_nothing_is_told_in_a_maintenance_window(here: Outside) -> None:
    now = datetime.now(UTC)
    window = {
        "from": f"{now - timedelta(minutes=2):%H:%M}",
        "to": f"{now + timedelta(minutes=2):%H:%M}",
        "timezone": "UTC",
    }
    here.hub = {"subscribers": {"crm": subscriber(here.crm)}, "maintenance": (window,)}
    here.hear(ALICE_SAYS_YES)
    here.tell()
    assert here.crm.posts == []


def test_a_subscriber_that_is_configured_no_more_ends_as_dead(here: Outside) -> None:
    here.hear(ALICE_SAYS_YES)
    with receivers(1) as (other,):
        here.hub = {"subscribers": {"other": subscriber(other)}}
        here.tell()
    assert {(row["status"], row["message"]) for row in here.notices()} == {
        ("dead", "there is no such subscriber any more")
    }


@pytest.mark.fault("A11")
def test_no_secret_and_no_path_of_an_address_is_in_what_is_kept_of_a_failure(here: Outside) -> None:
    gone = {"url": "http://127.0.0.1:9/canary-path", "secret": SECRET, "allow_private": True}
    here.hub = {"subscribers": {"crm": gone}}
    here.hear(ALICE_SAYS_YES)
    here.tell()
    kept = str(here.notices()) + str(here.attempts())
    assert "connection broke" in kept
    assert "canary" not in kept
    assert SECRET not in kept


@pytest.mark.fault("A10")
def test_an_address_inside_the_own_network_is_refused_where_it_was_not_allowed(here: Outside) -> None:
    """By its name, which is only known to be a private one when it is looked up."""
    inside = {"url": here.crm.url.replace("http://127.0.0.1", "https://localhost"), "secret": SECRET}
    here.hub = {"subscribers": {"crm": inside}}
    here.hear(ALICE_SAYS_YES)
    here.tell()
    assert here.crm.posts == []
    assert "private" in here.notices()[0]["message"]
