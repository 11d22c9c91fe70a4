"""The members the tests know, a simulator that changes while it is read, and a landing that keeps the newest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.kit.base import Page
from connectors.kit.clock import Clock
from connectors.kit.destination import ConsentChange, Permitted, SegmentChange, Wanted
from connectors.mailchimp.audience import subscriber_hash
from connectors.mailchimp.config import MailchimpConfig
from connectors.mailchimp.destination import MailchimpDestination
from connectors.mailchimp.simulator import API_KEY, MailchimpSimulator
from connectors.mailchimp.source import MailchimpSource

AUDIENCE = "57afe96172"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

ALICE: dict[str, Any] = {
    "email_address": "alice@example.com",
    "status": "subscribed",
    "merge_fields": {"FNAME": "Alice", "LNAME": "Nguyen", "PHONE": "0412 345 678"},
    "timestamp_opt": "2025-03-01T00:00:00+00:00",
    "last_changed": "2026-01-01T00:00:00+00:00",
    "tags": ["vip"],
}
BOB: dict[str, Any] = {
    "email_address": "bob@example.com",
    "status": "transactional",
    "merge_fields": {"FNAME": "Bob", "LNAME": "Nguyen", "PHONE": "0412 345 678"},
    "last_changed": "2026-01-02T00:00:00+00:00",
    "tags": ["vip", "wine"],
}
CHARLIE: dict[str, Any] = {
    "email_address": "charlie@example.com",
    "status": "unsubscribed",
    "timestamp_opt": "2025-03-01T00:00:00+00:00",
    "last_changed": "2026-01-03T00:00:00+00:00",
}
DORA: dict[str, Any] = {
    "email_address": "dora@example.com",
    "status": "unsubscribed",
    "archived": True,
    "last_changed": "2025-12-01T00:00:00+00:00",
}


def crowd(count: int, *, seconds_apart: float = 60, start: datetime = LONG_AGO) -> list[dict[str, Any]]:
    """So many subscribed members, changed one after another."""
    return [
        {
            "email_address": f"member{i}@example.com",
            "status": "subscribed",
            "last_changed": (start + timedelta(seconds=int(i * seconds_apart))).isoformat(),
        }
        for i in range(count)
    ]


def config_at(base_url: str, **settings: object) -> MailchimpConfig:
    known = {"audience": AUDIENCE, "api_key": API_KEY, "base_url": base_url}
    return MailchimpConfig.model_validate({**known, **settings})


def source_at(base_url: str, clock: Clock, *, page_size: int = 4, **settings: object) -> MailchimpSource:
    return MailchimpSource(config_at(base_url, **settings), clock=clock, page_size=page_size)


def destination_at(base_url: str, clock: Clock, **settings: object) -> MailchimpDestination:
    return MailchimpDestination(config_at(base_url, **settings), clock=clock)


def consent(email: str, wanted: Wanted, **more: Any) -> Permitted[ConsentChange]:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    return Permitted(ConsentChange(subscriber_hash(email), "email", email, wanted, at, "0" * 32, **more), "a test")


def tagging(email: str, tag: str, wanted: Literal["add", "remove"]) -> SegmentChange:
    return SegmentChange(subscriber_hash(email), email, tag, wanted, "0" * 32)


class RestlessSimulator(MailchimpSimulator):
    """Before each answer it lets the next scheduled change happen."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        super().__init__(now=now)
        self.schedule: list[Callable[[], object]] = []

    def routes(self) -> list[Route]:
        return [
            Route(route.path, self._after_a_change(route.endpoint), methods=list(route.methods or ()))
            for route in super().routes()
        ]

    def _after_a_change(self, handler: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            if self.schedule:
                self.schedule.pop(0)()
            return handler(request)

        return answer


class Landing:
    """What the hub would hold after landing these pages: of each member the newest version."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[str, str]] = {}

    def land(self, pages: Iterable[Page]) -> Page:
        """Returns the last page."""
        for page in pages:
            for record in page.records:
                version = (record.data["last_changed"], record.data["status"])
                if version[0] >= self.held.get(record.id, ("", ""))[0]:
                    self.held[record.id] = version
        return page


def truth(simulator: MailchimpSimulator, list_id: str = AUDIENCE) -> dict[str, tuple[str, str]]:
    audience = simulator.audiences[list_id]
    shown = [audience.shown(member) for member in audience.members.values()]
    return {member["id"]: (member["last_changed"], member["status"]) for member in shown}
