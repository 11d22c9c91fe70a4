"""Webhooks in: what the vendor signed counts before it is answered, once, and nothing else counts at all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from connectors.kit.base import utc_now
from connectors.kit.simulator import serve
from connectors.twilio.simulator import ACCOUNT_SID, AUTH_TOKEN, SENDER, TwilioSimulator
from hub.admin.app import create_app
from hub.admin.hooks import MOST_BODY
from hub.consent.resolution import State
from hub.settings.load import load
from hub.stages.consent import consent_all, states_of
from hub.stages.land import landed
from hub.stages.ledger import events
from hub.stages.order import check_installation
from hub.stages.sights import sights
from hub.store.engine import open_store
from hub.store.migrate import prepare
from tests.hub.admin.browsing import ORIGIN
from tests.hub.admin.estate import Estate

CHARLIE = "+61491570158"
HOOK = f"{ORIGIN}/hooks/texts"
MINUTE = timedelta(minutes=1)

TEXTS = f"""
kind: twilio
config: {{account_sid: {ACCOUNT_SID}, auth_token: "${{env:TEXTS_TOKEN}}", sender: {SENDER}, base_url: "@url@"}}
streams: {{numbers: {{}}, messages: {{}}}}
"""
CONSENT = "consent: {grant_sources: {sms: [texts.keyword]}}"
DESK = """
kind: files
config: {path: drop/desk.jsonl, format: jsonl}
streams: {people: {id: id, record: person, map: {name: name}}}
"""


class Clock:
    """The vendor's clock and that of the pages: an hour ago, and forward only when told."""

    def __init__(self) -> None:
        self._now = utc_now() - timedelta(hours=1)

    def now(self) -> datetime:
        return self._now

    def advance(self) -> None:
        self._now += MINUTE


class Texting:
    """Charlie's phone, the gateway that she texts, and the hub behind the gateway's webhook."""

    def __init__(self, hub: Estate, vendor: TwilioSimulator, clock: Clock) -> None:
        self.hub = hub
        self.vendor = vendor
        self.clock = clock
        self.client = TestClient(create_app(hub.store, hub.settings, clock.now), base_url=ORIGIN)

    def text(self, body: str) -> None:
        """A minute after whatever was before."""
        self.clock.advance()
        self.vendor.text(CHARLIE, body)

    def post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        return int(self.client.post(url, headers=headers, content=body).status_code)

    def state(self) -> State:
        consent_all(self.hub.store, self.hub.settings)
        with self.hub.store.read() as db:
            return states_of(db, [("sms", CHARLIE)])["sms", CHARLIE]["marketing", "*"]

    def acts(self) -> list[str]:
        with self.hub.store.read() as db:
            return list(db.execute(select(events.c.action).order_by(events.c.occurred_at)).scalars())

    def rows(self) -> list[int]:
        """How much is stored of everything that a delivery may add to."""
        with self.hub.store.read() as db:
            return [db.execute(select(func.count()).select_from(one)).scalar_one() for one in (landed, events, sights)]


@pytest.fixture
def texting(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Texting]:
    clock = Clock()
    vendor = TwilioSimulator(now=clock.now)
    vendor.webhook_url = HOOK
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "desk.jsonl").write_text("")
    with serve(vendor) as server:
        config = tmp_path / "config"
        (config / "connections").mkdir(parents=True)
        for name, text in (
            ("hub.yaml", f'version: 1\ndatabase: "{database_url}"\nregion: AU\n'),
            ("consent.yaml", CONSENT),
            ("connections/texts.yaml", TEXTS.replace("@url@", server.base_url)),
            ("connections/desk.yaml", DESK),
        ):
            (config / name).write_text(text)
            (config / name).chmod(0o640)
        monkeypatch.setenv("TEXTS_TOKEN", AUTH_TOKEN)
        settings = load(config)
        store = open_store(settings.database_url)
        try:
            prepare(store)
            check_installation(store, settings)
            yield Texting(Estate(store, settings, drop), vendor, clock)
        finally:
            store.close()


@pytest.mark.fault("A12")
def test_a_stop_by_webhook_counts_without_any_poll(texting: Texting) -> None:
    texting.text("STOP")
    url, headers, body = texting.vendor.outbox[0]
    answer = texting.client.post(url, headers=headers, content=body)
    assert (answer.status_code, answer.content) == (200, b"<Response/>")
    assert answer.headers["content-type"].startswith("text/xml")
    state = texting.state()
    assert (state.recorded, state.may_send) == ("withdrawn", False)
    assert state.locks == {f"texts/{SENDER}"}
    assert texting.acts() == ["withdraw"]


@pytest.mark.fault("A12")
def test_what_is_not_signed_is_refused_without_a_detail_and_stored_nowhere(
    texting: Texting, caplog: pytest.LogCaptureFixture
) -> None:
    texting.text("STOP")
    url, headers, body = texting.vendor.outbox[0]
    unsigned = {name: value for name, value in headers.items() if name != "x-twilio-signature"}
    forged = [
        (url, unsigned, body),
        (url, {**headers, "x-twilio-signature": "AAAA"}, body),
        (url, headers, body.replace(b"STOP", b"START")),
        (url, headers, body + b"&Extra=1"),
        (f"{url}?shop=1", headers, body),
    ]
    with caplog.at_level(logging.WARNING, "hub.admin"):
        answers = [texting.client.post(there, headers=given, content=sent) for there, given, sent in forged]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, "The signature is missing or wrong.")}
    assert texting.rows() == [0, 0, 0]
    assert caplog.text.count("a webhook of texts was refused") == len(forged)
    assert CHARLIE not in caplog.text


@pytest.mark.fault("A12")
def test_a_delivery_that_comes_twice_is_one_event(texting: Texting) -> None:
    texting.text("STOP")
    assert texting.vendor.deliver(texting.post, twice=True) == [200, 200]
    assert texting.acts() == ["withdraw"]
    assert texting.rows() == [2, 1, 1]


@pytest.mark.fault("A12")
def test_a_delivery_that_comes_again_much_later_changes_nothing(texting: Texting) -> None:
    texting.text("STOP")
    again = texting.vendor.outbox[0]
    texting.vendor.deliver(texting.post)
    before = (texting.rows(), texting.state())
    for _ in range(30):
        texting.clock.advance()
    assert texting.post(*again) == 200
    assert (texting.rows(), texting.state()) == before


@pytest.mark.fault("A12")
def test_first_by_webhook_and_then_by_poll_is_one_event(texting: Texting) -> None:
    texting.text("STOP")
    texting.vendor.deliver(texting.post)
    texting.hub.pull()
    assert texting.acts() == ["withdraw"]
    assert texting.state().recorded == "withdrawn"


@pytest.mark.fault("A12")
def test_first_by_poll_and_then_by_webhook_is_one_event(texting: Texting) -> None:
    texting.text("STOP")
    texting.hub.pull()
    before = texting.rows()
    assert texting.vendor.deliver(texting.post) == [200]
    assert texting.acts() == ["withdraw"]
    assert texting.rows() == before


@pytest.mark.fault("A12")
def test_a_start_that_comes_again_after_a_later_stop_lifts_nothing(texting: Texting) -> None:
    texting.text("STOP")
    texting.vendor.deliver(texting.post)
    texting.text("START")
    start = texting.vendor.outbox[0]
    texting.vendor.deliver(texting.post)
    texting.hub.pull()
    assert texting.state().scopes == {f"texts/{SENDER}"}
    texting.text("STOP")
    texting.vendor.deliver(texting.post)
    texting.clock.advance()
    assert texting.post(*start) == 200
    state = texting.state()
    assert (state.recorded, state.may_send, state.scopes) == ("withdrawn", False, frozenset())
    texting.hub.pull()
    assert texting.acts() == ["withdraw", "grant", "withdraw"]
    assert not texting.state().may_send_at(f"texts/{SENDER}")


@pytest.mark.fault("A12")
def test_a_start_that_is_overtaken_by_a_later_stop_lifts_nothing(texting: Texting) -> None:
    for body in ("STOP", "START", "STOP"):
        texting.text(body)
    assert texting.vendor.deliver(texting.post, order="reversed") == [200] * 3
    assert not texting.state().may_send_at(f"texts/{SENDER}")
    texting.hub.pull()
    assert sorted(texting.acts()) == ["grant", "withdraw", "withdraw"]
    assert not texting.state().may_send_at(f"texts/{SENDER}")


@pytest.mark.fault("A12")
def test_words_that_may_be_a_no_hold_from_the_webhook_on(texting: Texting) -> None:
    texting.text("please stop sending me these")
    texting.vendor.deliver(texting.post)
    assert texting.state().stops == ("hold",)


def test_an_ordinary_text_is_landed_and_says_nothing(texting: Texting) -> None:
    texting.text("Thank you!")
    assert texting.vendor.deliver(texting.post) == [200]
    assert texting.rows()[:2] == [2, 0]


def test_a_signed_delivery_that_tells_of_no_message_is_answered_and_stored_nowhere(texting: Texting) -> None:
    texting.vendor.status_url = HOOK
    texting.vendor.send(CHARLIE, "Your parcel is on its way")
    assert texting.vendor.deliver(texting.post) == [200]
    assert texting.rows() == [0, 0, 0]


@pytest.mark.fault("A07")
def test_nobody_learns_which_connections_there_are(texting: Texting) -> None:
    paths = ("desk", "nothing", "TEXTS", "%00", "alice@example.com")
    answers = [texting.client.post(f"{ORIGIN}/hooks/{path}", content=b"x") for path in paths]
    assert {(one.status_code, one.text) for one in answers} == {(404, "Nothing is listening here.")}
    for path in ("texts", "desk", "nothing"):
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            assert texting.client.request(method, f"/hooks/{path}").status_code == 405
    assert "nav" not in texting.client.get("/hooks/texts").text
    for path in ("/hooks", "/hooks/", "/hooks/texts/", "/hooks/texts/x"):
        assert texting.client.get(path).status_code == 401
        assert texting.client.post(path).status_code == 403


@pytest.mark.fault("A12")
def test_more_than_a_delivery_can_be_is_refused_whatever_length_is_announced(texting: Texting) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(5):
            yield b"x" * (MOST_BODY // 4)

    assert texting.client.post(HOOK, content=b"x" * (MOST_BODY + 1)).status_code == 413
    assert texting.client.post(HOOK, content=endless()).status_code == 413
    assert texting.client.post(HOOK, content=b"x" * MOST_BODY).status_code == 401
    assert texting.rows() == [0, 0, 0]


@pytest.mark.fault("A12")
def test_an_answer_is_only_given_when_everything_is_kept(texting: Texting, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(CHARLIE)

    texting.text("STOP")
    url, headers, body = texting.vendor.outbox[0]
    monkeypatch.setattr("hub.stages.observe.take_in_evidence", broken)
    assert texting.post(url, headers, body) == 500
    assert texting.rows() == [0, 0, 0]
    monkeypatch.undo()
    assert texting.post(url, headers, body) == 200
    assert texting.acts() == ["withdraw"]


@pytest.mark.fault("A01")
def test_a_webhook_needs_no_page_of_ours_and_opens_none(texting: Texting) -> None:
    texting.text("STOP")
    url, headers, body = texting.vendor.outbox[0]
    foreign = {**headers, "Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert texting.post(url, foreign, body) == 200
    assert "set-cookie" not in texting.client.post(url, headers=headers, content=body).headers
    assert texting.client.get("/").status_code == 401
