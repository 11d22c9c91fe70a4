"""The users the tests know, and connectors that reach a simulated account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from connectors.kit.clock import Clock
from connectors.kit.destination import Channel, ConsentChange, Permitted, SegmentChange
from connectors.zendesk.config import ZendeskConfig
from connectors.zendesk.destination import ZendeskDestination
from connectors.zendesk.simulator import CLIENT_ID, CLIENT_SECRET, TOKEN
from connectors.zendesk.source import ZendeskSource

ALICE, BOB, CHARLIE, ERIN = 501, 502, 503, 504
OLD = "2026-05-01T00:00:00Z"
SHARED_PHONE = "+61491570156"

USERS: list[dict[str, Any]] = [
    {
        "id": ALICE,
        "name": "Alice Nguyen",
        "email": "alice@example.com",
        "phone": SHARED_PHONE,
        "shared_phone_number": False,
        "tags": ["vip"],
        "user_fields": {"consent_email": "granted"},
        "created_at": OLD,
        "updated_at": OLD,
    },
    {
        "id": BOB,
        "name": "Bob Nguyen",
        "email": "bob@example.com",
        "phone": SHARED_PHONE,
        "shared_phone_number": True,
        "updated_at": OLD,
    },
    {
        "id": CHARLIE,
        "name": "Charlie",
        "email": "charlie@example.com",
        "phone": "+61491570157",
        "user_fields": {"consent_email": "withdrawn", "consent_sms": "withdrawn"},
        "updated_at": OLD,
    },
    {"id": ERIN, "name": "Erin", "email": "erin@example.org", "role": "agent", "updated_at": OLD},
]


def crowd(count: int) -> list[dict[str, Any]]:
    """So many users, changed a minute after one another."""
    start = datetime(2026, 5, 1, tzinfo=UTC)
    stamps = [(start + timedelta(minutes=i)).strftime("%Y-%m-%dT%H:%M:%SZ") for i in range(count)]
    return [{"id": 1000 + i, "email": f"user{i}@example.com", "updated_at": at} for i, at in enumerate(stamps)]


def config_for(base_url: str, **changes: Any) -> ZendeskConfig:
    return ZendeskConfig.model_validate({"subdomain": "acme", "token": TOKEN, "base_url": base_url, **changes})


def by_client(base_url: str, **changes: Any) -> ZendeskConfig:
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    return ZendeskConfig.model_validate({"subdomain": "acme", "base_url": base_url, **client, **changes})


def source_at(base_url: str, clock: Clock, *, page_size: int = 4, **changes: Any) -> ZendeskSource:
    return ZendeskSource(config_for(base_url, **changes), clock=clock, page_size=page_size)


def destination_at(base_url: str, clock: Clock, **changes: Any) -> ZendeskDestination:
    return ZendeskDestination(config_for(base_url, **changes), clock=clock)


def consent(
    user_id: int | str, wanted: Literal["in", "out"], channel: Channel = "email", *, by_confirmation: bool = False
) -> Permitted[ConsentChange]:
    change = ConsentChange(
        record=str(user_id),
        channel=channel,
        address="alice@example.com" if channel == "email" else SHARED_PHONE,
        wanted=wanted,
        at=datetime(2026, 6, 1, tzinfo=UTC),
        correlation="0" * 32,
        by_confirmation=by_confirmation,
    )
    return Permitted(change, "the test says so")


def segment(user_id: int | str, wanted: Literal["add", "remove"], tag: str) -> SegmentChange:
    return SegmentChange(str(user_id), "alice@example.com", tag, wanted, "0" * 32)
