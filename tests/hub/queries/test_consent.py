"""What is told of an address that nobody told anything about; and since when a no stands."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hub.consent.events import Event
from hub.consent.policy import Policy, Reach
from hub.queries.consent import consent_of, lines_of, overdue
from hub.queries.due import Evidence
from hub.queries.outgoing import outgoing
from hub.queries.segments import NoSuchSegment, segment_preview, segments_list
from hub.store.engine import Store
from mapping.normalise import NotNormal
from tests.hub.world import minute, settings

EMAIL = ("email", "alice@example.com")
POLICY = Policy(grant_sources={"email": frozenset({("shop", "")})})
MARKETING = Reach()


def event(number: int, action: str, source: str = "hub", **rest: object) -> Event:
    """Something about Alice's e-mail, of which the hub learned in this minute."""
    words = {"method": "form", "basis": "express" if action == "grant" else "", "occurred_at": minute(number), **rest}
    return Event(f"{action}-{number}", *EMAIL, action, minute(number), source, **words)  # type: ignore[arg-type]


def began(*known: Event) -> datetime | None:
    return Evidence(EMAIL, known, ()).began(MARKETING, "", POLICY)


@pytest.mark.parametrize(
    ("text", "address", "channels"),
    [
        (" Alice@Example.com ", "alice@example.com", ["email"]),
        ("0491 570 156", "+61491570156", ["sms", "whatsapp", "voice"]),
        ("+61 491 570 156", "+61491570156", ["sms", "whatsapp", "voice"]),
    ],
)
def test_an_address_in_any_form_is_found(text: str, address: str, channels: list[str]) -> None:
    assert lines_of(text, "AU") == (address, [(channel, address) for channel in channels])


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(NotNormal):
        lines_of("Alice", "AU")


@pytest.mark.parametrize(("text", "channel"), [("alice@example.com", "email"), ("0491 570 156", "sms")])
def test_of_an_unheard_address_it_is_told_that_it_may_not_be_sent_to(store: Store, text: str, channel: str) -> None:
    with store.read() as db:
        (entry,) = consent_of(db, settings(), text)["entries"]
    assert (entry["channel"], entry["state"], entry["may_send"], entry["reason"]) == (
        channel,
        "unknown",
        False,
        "unknown",
    )
    assert (entry["events"], entry["deliveries"], entry["destinations"], entry["observed"]) == ([], [], [], [])
    assert (entry["due_at"], entry["overdue"]) == (None, False)


def test_in_an_empty_hub_nothing_leaves_and_nothing_is_overdue(store: Store) -> None:
    with store.read() as db:
        found = outgoing(db, settings())
        assert overdue(db, settings(), datetime.now(UTC)) == []
        assert segments_list(db, settings()) == []
        with pytest.raises(NoSuchSegment, match="there are: none"):
            segment_preview(db, settings(), "vip")
    assert (found["total"], found["counts"], found["operations"], found["waiting"]) == (0, [], [], [])
    assert found["withheld"] == {"total": 0, "groups": [], "first": []}
    assert found["dead"] == {"rejected": 0, "dead": 0, "unknown": 0, "vendor_locked": 0}


def test_a_no_stands_since_the_hub_learned_of_it() -> None:
    told_late = event(9, "withdraw", occurred_at=minute(2))
    assert began(event(1, "grant"), told_late) == minute(9)


def test_a_second_no_does_not_start_the_clock_anew() -> None:
    assert began(event(1, "grant"), event(3, "withdraw"), event(7, "withdraw")) == minute(3)


def test_a_no_after_a_proven_yes_starts_it_anew() -> None:
    proven = event(20, "grant", evidence="form 17")
    assert began(event(3, "withdraw"), proven, event(40, "withdraw")) == minute(40)


def test_a_yes_that_proves_nothing_does_not_stop_the_clock() -> None:
    imported = event(20, "grant", "shop", method="import")
    assert began(event(3, "withdraw"), imported, event(40, "withdraw")) == minute(3)


def test_an_objection_starts_the_clock_and_a_bounce_does_not() -> None:
    objection = Event("object", "*", "", "object", minute(5), "shop", "customers:1")
    assert began(event(1, "grant"), objection) == minute(5)
    assert began(event(1, "grant"), event(5, "suppress", value="hard_bounce")) is None


def test_without_a_no_there_is_no_clock() -> None:
    assert began() is None
    assert began(event(1, "grant")) is None
