"""What people and vendors may write where consent, tickets, messages and deliveries are told: it stays text."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from hub.admin import consent_words
from hub.stages.gaps import gaps
from hub.stages.ledger import events
from hub.stages.sights import deliveries
from tests.hub.admin.browsing import Structure
from tests.hub.admin.place import Place, open_place
from tests.hub.admin.test_hostile import ATTRIBUTES_OF_OURS, ELEMENTS_OF_OURS, MARKUP, Outside

EVERYTHING = "".join(MARKUP)
ARABIC = "\N{ARABIC LETTER MEEM}\N{ARABIC LETTER REH}"
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with open_place(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}", monkeypatch) as made:
        yield made


def event(text: str, address: str) -> dict[str, Any]:
    words = ("source", "record", "scope", "value", "method", "brand", "jurisdiction", "zone", "source_event_id")
    return {
        **dict.fromkeys((*words, "wording", "evidence", "actor", "lifts", "basis"), text),
        "id": secrets.token_hex(16),
        "channel": "email",
        "address": address,
        "action": "withdraw",
        "observed_at": NOW,
        "purpose": "marketing",
        "precision": "date",
        "occurred_at": NOW,
        "echo_of": "x",
        "explained_by": "x",
        "severe": False,
    }


def delivery(text: str, address: str) -> dict[str, Any]:
    words = ("destination", "stream", "record", "field", "wanted", "reason", "was", "status", "message", "plan")
    return {
        **dict.fromkeys(words, text),
        "correlation": secrets.token_hex(16),
        "scope": "",
        "lane": 0,
        "kind": "consent",
        "channel": "email",
        "address": address,
        "by_confirmation": False,
        "decided_by": "",
        "attempts": 1,
        "job": "",
        "job_row": 0,
        "created_at": NOW,
        "sent_at": NOW,
        "answered_at": NOW,
    }


def pages_of(place: Place, text: str) -> str:
    """Everything the two pages say of Alice when everybody calls everything so."""
    alice = place.town.welcome("Alice", 156)
    place.town.help.open_ticket(alice.user, text, text)
    place.town.texts.text(alice.phone, text)
    place.pull()

    def speak(db: Any) -> None:
        db.execute(insert(events), [event(text, alice.email) for _ in range(6)])
        db.execute(insert(deliveries), [delivery(text, alice.email) for _ in range(6)])
        db.execute(update(gaps).where(gaps.c.withheld != "").values(withheld=text))
        db.execute(update(gaps).where(gaps.c.withheld == "").values(reason=text, shown=text, record=text))

    place.store.write(speak)
    browser = place.browser()
    found = [browser.get(path) for path in ("/outgoing", f"/contacts/{place.id_of(alice.email)}?tab=consent")]
    assert [page.status_code for page in found] == [200, 200]
    return "".join(page.text for page in found)


@pytest.mark.fault("A02")
def test_markup_in_evidence_and_deliveries_stays_text(place: Place) -> None:
    html = pages_of(place, EVERYTHING)
    seen = Structure(html)
    assert {tag for tag, _ in seen.shape} <= set(ELEMENTS_OF_OURS.split())
    assert {attribute for _, attribute in seen.shape if attribute} <= set(ATTRIBUTES_OF_OURS.split())
    assert not [link for link in seen.links if not link.startswith(("/", "#")) or link.startswith("//")]
    for payload in MARKUP:
        as_text = escape(payload).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
        assert html.count(as_text) > 20, payload


@pytest.mark.fault("A02")
def test_text_of_people_cannot_turn_the_words_of_consent_about(place: Place) -> None:
    html = pages_of(place, ARABIC)
    assert html.count(ARABIC) > 20
    assert ARABIC not in Outside(html).text


def test_words_that_nobody_foresaw_do_not_break_the_words_around_them() -> None:
    odd = {"action": EVERYTHING, "value": EVERYTHING, "basis": "", "method": ""}
    assert consent_words.happened(odd) == EVERYTHING
