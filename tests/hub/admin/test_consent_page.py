"""A contact's consent, segments and timeline as the page tells them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import update

from connectors.kit.base import utc_now
from connectors.kit.destination import Status
from connectors.kit.simulator import Fault
from hub.admin import consent_words
from hub.consent.desired import Shown
from hub.consent.events import PERSON_ACTS, PERSON_NOES, Action
from hub.consent.resolution import Recorded
from hub.jobs.rounds import push_what_may_go
from hub.stages.ledger import events
from mapping.models import Channel
from tests.hub.admin.place import Place, open_place

DAY = timedelta(days=1)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with open_place(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}", monkeypatch) as made:
        yield made


def test_a_no_is_told_with_its_evidence_its_deliveries_and_what_the_destinations_show(place: Place) -> None:
    charlie = place.town.welcome("Charlie", 158)
    with place.town.at(-DAY):
        place.town.shop.unsubscribe(charlie.customer, "email")
    place.pull()
    before = place.read_contact(charlie.email)
    assert "charlie@example.com E-mail · marketing Must not be sent to : the person said no" in before
    assert "State said no since" in before
    assert "to be sent: opt out" in before
    assert "the no must have arrived everywhere by" in before
    assert "overdue" not in before
    push_what_may_go(place.store, place.settings)
    place.pull()
    after = place.read_contact(charlie.email)
    assert "our own write, read back" in after
    assert "Told to others" in after
    assert "opt out arrived" in after
    assert "to be sent: opt out" not in after
    assert "says no, as it was read" in after


def test_a_no_that_has_not_arrived_in_time_is_marked(place: Place) -> None:
    charlie = place.town.welcome("Charlie", 158)
    with place.town.at(-29 * DAY):
        place.town.shop.unsubscribe(charlie.customer, "email")
    place.pull()
    long_ago = utc_now() - 28 * DAY
    place.store.write(lambda db: db.execute(update(events).values(observed_at=long_ago)))
    place.town.newsletter.script(Fault(times=100, status=403, body=b"{}"))
    push_what_may_go(place.store, place.settings)
    text = place.read_contact(charlie.email)
    assert "the no must have arrived everywhere by" in text
    assert " overdue Evidence" in text
    assert re.search(r"newsletter \w+ opt out waits to be sent – [^–]+ overdue", text)


def test_a_yes_is_told_and_where_it_was_withheld_the_reason_is(place: Place) -> None:
    alice = place.town.welcome("Alice", 156)
    place.pull()
    text = place.read_contact(alice.email)
    assert "alice@example.com E-mail · marketing May be sent to : the person said yes" in text
    assert "said yes" in text.partition("Evidence")[2]
    assert "withheld: nobody knows what the destination says" in text
    assert "Consent, as the sources report it" in text
    assert "email alice@example.com granted" in text


def test_a_stop_by_text_locks_the_sender_and_the_messages_are_told(place: Place) -> None:
    bob = place.town.welcome("Bob", 157)
    with place.town.at(-DAY):
        place.town.texts.text(bob.phone, "Stop")
    place.pull()
    text = place.read_contact(bob.email)
    assert "Text messages · marketing Must not be sent to : the person said no" in text
    assert "Lock locked at texts until the person writes START to it" in text
    assert "a keyword by text" in text
    assert "Message" in text.partition("Timeline")[2]
    assert "from them Text messages Stop received" in text
    assert "to them Text messages Your parcel is on its way delivered" in text
    assert "2 messages" in text


def test_a_ticket_is_told_as_one_and_holds_when_it_may_be_a_no(place: Place) -> None:
    bob = place.town.welcome("Bob", 157)
    with place.town.at(-DAY):
        ticket = place.town.help.open_ticket(bob.user, "Newsletter", "Please stop e-mailing me")
        place.town.help.rate(ticket, "bad", "Nobody answered")
    place.pull()
    text = place.read_contact(bob.email)
    assert "1 ticket" in text
    assert "Newsletter what was written Please stop e-mailing me" in text
    assert "rated bad" in text
    assert "Nobody answered" in text
    assert "Must not be sent to : something that may be a no waits for a person to read it" in text
    assert "wrote something that may be a no: held until a person has read it about the whole person" in text


def test_segments_are_told_with_their_titles(place: Place) -> None:
    alice = place.town.welcome("Alice", 156)
    for _ in range(2):
        place.town.shop.place_order(alice.customer)
    place.pull()
    text = place.read_contact(alice.email)
    assert "Segments Regulars vip since" in text
    assert "2 orders" in text


def test_evidence_beyond_the_first_few_is_folded_away(place: Place) -> None:
    alice = place.town.welcome("Alice", 156)
    for day in range(6, 0, -1):
        with place.town.at(-day * DAY):
            if day % 2:
                place.town.shop.fill_form(alice.customer, "email")
            else:
                place.town.shop.unsubscribe(alice.customer, "email")
        place.pull()
    text = place.read_contact(alice.email)
    assert "2 before these what happened" in text


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (get_args(Recorded), consent_words.STATES),
        (get_args(Recorded), consent_words.REASONS),
        (get_args(Shown), consent_words.SHOWN),
        (get_args(Channel), consent_words.CHANNELS),
        (set(get_args(Status)) - {"retry"} | {"queued", "sent", "superseded", "dead"}, consent_words.STATUSES),
        (PERSON_ACTS | PERSON_NOES | {"import", "sync_state"}, consent_words.METHODS),
    ],
    ids=["states", "reasons", "shown", "channels", "statuses", "methods"],
)
def test_every_code_has_its_words(codes: set[str], told: dict[str, str]) -> None:
    assert not set(codes) - set(told)


@pytest.mark.parametrize("action", get_args(Action))
def test_every_kind_of_evidence_has_its_words(action: str) -> None:
    event = {"action": action, "value": "manual", "basis": "express", "method": "form"}
    assert consent_words.happened(event) != action


def test_a_code_without_words_is_shown_as_it_is() -> None:
    assert consent_words.why_not_sent("newly_invented") == "newly_invented"
    assert consent_words.why_not_sent("hold") == consent_words.REASONS["hold"]
    assert consent_words.why_not_sent("vendor_locked") == consent_words.WITHHELD["vendor_locked"]
