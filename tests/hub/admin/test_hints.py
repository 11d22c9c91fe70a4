"""Webhooks as hints: a no counts by itself and stays, all else is read again, soon and once."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from connectors.kit.base import utc_now
from connectors.kit.simulator import serve
from connectors.mailchimp.audience import subscriber_hash
from connectors.mailchimp.simulator import API_KEY, MailchimpSimulator
from connectors.mailchimp.webhook import tells
from hub.admin.app import create_app
from hub.consent.resolution import State
from hub.jobs.perform import Performer
from hub.jobs.queue import queued
from hub.settings.load import load
from hub.settings.settings import Settings
from hub.stages.consent import consent_all, states_of
from hub.stages.heard import refetch_marks, taken
from hub.stages.ledger import events
from hub.stages.order import check_installation, rebuild
from hub.stages.runs import runs
from hub.stages.sights import deliveries
from hub.store.engine import open_store
from hub.store.migrate import prepare
from tests.hub.admin.browsing import ORIGIN
from tests.hub.admin.estate import Estate
from tests.hub.world import rows

AUDIENCE = "57afe96172"
ALICE = "alice@example.com"
ALICE_ID = subscriber_hash(ALICE)
KEY = "an-unguessable-key-of-tests"
SECRET = "the-secret-that-mailchimp-gave-once"
HOOK = f"{ORIGIN}/hooks/newsletter?key={KEY}"
SAID_YES = datetime(2026, 1, 1, 10, tzinfo=UTC)
SAID_NO = datetime(2026, 3, 1, 10, tzinfo=UTC)
NEWSLETTER = f"""
kind: mailchimp
config:
  audience: {AUDIENCE}
  api_key: "${{env:NEWS_KEY}}"
  base_url: "@url@"
  double_optin: true
  webhook_key: "${{env:NEWS_HOOK_KEY}}"
  webhook_secret: "${{env:NEWS_HOOK_SECRET}}"
streams: {{members: {{}}, tags: {{}}}}
"""
CONSENT = "consent: {grant_sources: {email: [newsletter]}}"


class News:
    """Alice's newsletter, and the hub behind its webhook."""

    def __init__(self, hub: Estate, vendor: MailchimpSimulator) -> None:
        self.hub = hub
        self.vendor = vendor
        self.client = TestClient(create_app(hub.store, hub.settings), base_url=ORIGIN)

    def says(self, status: str, opted: datetime = SAID_YES) -> None:
        """What the vendor shows of Alice from now on, whoever made it so."""
        with self.vendor.lock:
            said = {"email_address": ALICE, "status": status, "timestamp_opt": opted.isoformat()}
            self.vendor.audiences[AUDIENCE].upsert(said)

    def post(self, at: float | None = None, secret: str = SECRET, url: str = HOOK, **told: str) -> int:
        fields = {"type": "unsubscribe", "fired_at": f"{SAID_NO:%Y-%m-%d %H:%M:%S}"}
        data = {"id": "a1b2", "email": ALICE, "list_id": AUDIENCE, "action": "unsub", "reason": "manual"}
        data |= {"campaign_id": "cb398d21d2"} | told
        body = urlencode({**fields, **{f"data[{name}]": value for name, value in data.items()}}).encode()
        stamp = str(int(time.time() if at is None else at))
        made = hmac.new(secret.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest()
        headers = {
            "X-Mailchimp-Signature": f"t={stamp},v1={made}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return int(self.client.post(url, content=body, headers=headers).status_code)

    def state(self) -> State:
        consent_all(self.hub.store, self.hub.settings)
        with self.hub.store.read() as db:
            return states_of(db, [("email", ALICE)])["email", ALICE]["marketing", "*"]

    def may(self) -> bool:
        """Whether the newsletter may be sent to her."""
        return self.state().may_send_at(f"newsletter/{AUDIENCE}")

    def work(self) -> list[tuple[str, str]]:
        """Do what is queued, and what that brings; the streams and how each ended."""
        ends = []
        while True:
            with self.hub.store.read() as db:
                waiting = queued(db)
            if not waiting:
                return ends
            end = Performer(self.hub.store, self.hub.settings).perform(waiting[0].id)
            assert end is not None
            ends.append((end.stream, end.status))

    def asked(self) -> list[str]:
        """The members that were asked for one by one."""
        return [one.path for one in self.vendor.ledger if one.path.endswith(f"/members/{ALICE_ID}")]

    def queue(self) -> list[tuple[str, str, str]]:
        with self.hub.store.read() as db:
            query = select(runs.c.stream, runs.c.kind, runs.c.message).where(runs.c.status == "queued")
            return [(row.stream, row.kind, row.message) for row in db.execute(query.order_by(runs.c.id))]


@pytest.fixture
def news(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[News]:
    vendor = MailchimpSimulator()
    vendor.load(AUDIENCE, [])
    with serve(vendor) as server:
        config = tmp_path / "config"
        (config / "connections").mkdir(parents=True)
        for name, text in (
            ("hub.yaml", f'version: 1\ndatabase: "{database_url}"\nregion: AU\n'),
            ("consent.yaml", CONSENT),
            ("connections/newsletter.yaml", NEWSLETTER.replace("@url@", server.base_url)),
        ):
            (config / name).write_text(text)
            (config / name).chmod(0o640)
        for name, value in (("NEWS_KEY", API_KEY), ("NEWS_HOOK_KEY", KEY), ("NEWS_HOOK_SECRET", SECRET)):
            monkeypatch.setenv(name, value)
        settings = load(config)
        store = open_store(settings.database_url)
        try:
            prepare(store)
            check_installation(store, settings)
            found = News(Estate(store, settings, tmp_path), vendor)
            found.says("subscribed")
            found.hub.pull()
            assert found.may()
            yield found
        finally:
            store.close()


@pytest.mark.fault("A12")
def test_a_no_by_webhook_stays_a_no_though_the_member_is_read_again_as_subscribed(news: News) -> None:
    """Another tool has put her back on the list before we look: the read alone would know of no no."""
    news.says("subscribed")
    assert news.post() == 200
    assert ("refetch", "ok") in news.work()
    assert news.asked()
    state = news.state()
    assert (state.recorded, state.at, news.may()) == ("withdrawn", SAID_NO, False)
    news.hub.pull()
    rebuild(news.hub.store, news.hub.settings)
    assert not news.may()


def test_without_the_no_of_the_webhook_the_same_story_would_end_in_a_yes(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the test above proves something."""
    webhook = news.hub.settings.connections["newsletter"].connector.webhook
    assert webhook is not None
    deaf = replace(webhook, tells=lambda config, delivery: replace(tells(config, delivery), noes=()))
    connector = replace(news.hub.settings.connections["newsletter"].connector, webhook=deaf)
    connection = replace(news.hub.settings.connections["newsletter"], connector=connector)
    settings: Settings = replace(news.hub.settings, connections={"newsletter": connection})
    news.client = TestClient(create_app(news.hub.store, settings), base_url=ORIGIN)
    assert news.post() == 200
    assert ("refetch", "ok") in news.work()
    assert news.may()


def test_a_yes_that_she_gives_after_it_is_hers_and_counts(news: News) -> None:
    news.post()
    news.says("subscribed", utc_now())
    news.work()
    assert news.may()


@pytest.mark.fault("A12")
def test_a_yes_by_webhook_counts_for_nothing_until_it_is_read(news: News) -> None:
    news.says("unsubscribed")
    news.hub.pull()
    assert not news.may()
    assert news.post(action="", reason="") == 200
    body = urlencode({"type": "subscribe", "data[email]": ALICE, "data[list_id]": AUDIENCE}).encode()
    stamp = str(int(time.time()))
    made = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest()
    headers = {"X-Mailchimp-Signature": f"t={stamp},v1={made}"}
    assert news.client.post(HOOK, content=body, headers=headers).status_code == 200
    assert not news.may()
    news.work()
    assert not news.may()


@pytest.mark.fault("A12")
def test_a_delivery_that_comes_twice_is_one_no_and_one_read(news: News) -> None:
    assert [news.post(), news.post(at=time.time() - 60)] == [200, 200]
    told = [row for row in rows(news.hub.store, events) if row["action"] == "withdraw"]
    assert [(row["method"], row["occurred_at"], row["scope"]) for row in told] == [
        ("link", SAID_NO, f"newsletter/{AUDIENCE}")
    ]
    assert len(rows(news.hub.store, taken)) == 1
    assert len(news.queue()) == 1
    news.work()
    assert rows(news.hub.store, refetch_marks) == []
    assert len(news.asked()) == 1
    assert news.post() == 200
    assert news.queue() == []


@pytest.mark.fault("A12")
@pytest.mark.parametrize("wrong", ["old", "ahead", "secret", "key", "no key", "other list"])
def test_what_is_forged_or_replayed_is_no_evidence_and_brings_the_next_poll_forward(news: News, wrong: str) -> None:
    now = time.time()
    status = {
        "old": lambda: news.post(at=now - 400),
        "ahead": lambda: news.post(at=now + 400),
        "secret": lambda: news.post(secret="another secret"),
        "key": lambda: news.post(url=HOOK + "x"),
        "no key": lambda: news.post(url=HOOK.partition("?")[0]),
        "other list": lambda: news.post(list_id="0000000000"),
    }[wrong]()
    assert news.may()
    if wrong == "other list":
        assert (status, news.queue()) == (200, [])
        return
    assert status == 401
    early = [("members", "pull", "a webhook was refused"), ("tags", "pull", "a webhook was refused")]
    assert news.queue() == early
    news.post(secret="another secret")
    assert news.queue() == early  # once in an hour, however many are refused
    news.says("unsubscribed")
    news.work()
    assert not news.may()


def test_while_the_secret_is_changed_the_old_one_opens_too(news: News, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = news.hub.settings.connections["newsletter"]
    config = connection.config.model_validate(
        {
            **connection.config.model_dump(),
            "webhook_secret": "the-newest-secret-of-them",
            "previous_webhook_secret": SECRET,
            "api_key": API_KEY,
            "webhook_key": KEY,
        }
    )
    settings = replace(news.hub.settings, connections={"newsletter": replace(connection, config=config)})
    news.client = TestClient(create_app(news.hub.store, settings), base_url=ORIGIN)
    assert [news.post(), news.post(secret="the-newest-secret-of-them", id="other")] == [200, 200]


def test_only_who_knows_the_key_finds_somebody_there(news: News) -> None:
    assert news.client.get(HOOK).status_code == 200
    for url in (HOOK + "x", HOOK.partition("?")[0], f"{ORIGIN}/hooks/nobody?key={KEY}"):
        answer = news.client.get(url)
        assert (answer.status_code, answer.text) == (405, "Only POST.")


def test_an_echo_of_our_own_opt_out_is_no_act_of_hers(news: News) -> None:
    """A webhook without a campaign, at the moment at which we wrote: her yes of the next minute must still count."""
    row: dict[str, Any] = dict.fromkeys(
        ("plan", "stream", "scope", "reason", "decided_by", "was", "message", "job"), ""
    )
    row |= {"correlation": "c" * 32, "destination": "newsletter", "lane": 0, "kind": "consent", "record": ALICE_ID}
    row |= {"channel": "email", "address": ALICE, "field": "email", "wanted": "out", "status": "confirmed"}
    row |= {"attempts": 1, "job_row": 0, "by_confirmation": False, "consent_at": SAID_YES, "created_at": SAID_NO}
    row |= {"sent_at": SAID_NO, "answered_at": SAID_NO + timedelta(seconds=1)}
    news.hub.store.write(lambda db: db.execute(deliveries.insert().values(row)))
    assert news.post(campaign_id="") == 200
    assert [one for one in rows(news.hub.store, events) if one["action"] == "withdraw"] == []
    assert news.post() == 200  # by the link of a campaign it is hers, whatever we wrote at that moment
    assert [one["method"] for one in rows(news.hub.store, events) if one["action"] == "withdraw"] == ["link"]


def test_a_vendor_that_is_down_keeps_the_mark_for_the_next_time(news: News) -> None:
    from connectors.kit.simulator import Fault

    news.post()
    news.vendor.script(Fault(match="/members/", status=403))
    assert ("refetch", "failed") in news.work()
    assert len(rows(news.hub.store, refetch_marks)) == 1
    news.post(id="another")
    assert ("refetch", "ok") in news.work()
    assert rows(news.hub.store, refetch_marks) == []


@pytest.mark.fault("A12")
def test_the_answer_comes_within_a_second_of_a_flood(news: News) -> None:
    began = utc_now()
    for number in range(50):
        assert news.post(id=str(number)) == 200
    assert (utc_now() - began).total_seconds() < 15
    assert len(rows(news.hub.store, refetch_marks)) == 1
    assert len(news.queue()) == 1
