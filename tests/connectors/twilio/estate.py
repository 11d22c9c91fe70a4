"""The people the tests know, and the connection they are reached by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from connectors.kit.destination import ConsentChange, Permitted, Wanted
from connectors.twilio.config import TwilioConfig
from connectors.twilio.simulator import ACCOUNT_SID, AUTH_TOKEN, NUMBER, SENDER

ALICE = "+61491570156"
BOB = "+61491570157"
CHARLIE = "+61491570158"
DORA = "+61491570159"

LONG_AGO = datetime(2026, 5, 30, tzinfo=UTC)


def config_for(base_url: str = "https://api.example.test", **settings: object) -> TwilioConfig:
    given = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "sender": SENDER, "base_url": base_url}
    return TwilioConfig.model_validate({**given, **settings})


def chatter(count: int, *, start: datetime = LONG_AGO, apart: timedelta = timedelta(minutes=1)) -> Iterator[Any]:
    """So many texts, each from a number of its own, oldest first."""
    for i in range(count):
        yield {
            "from": f"+614915701{i:02}",
            "to": NUMBER,
            "body": f"hello {i}",
            "direction": "inbound",
            "status": "received",
            "messaging_service_sid": SENDER,
            "date_sent": format_datetime(start + i * apart),
        }


def permitted(
    address: str,
    wanted: Wanted,
    *,
    at: datetime = LONG_AGO,
    correlation: str = "",
    channel: Any = "sms",
    by_confirmation: bool = False,
) -> Permitted[ConsentChange]:
    """A change that the gate let pass; the correlation is made of the number unless given."""
    made = correlation or f"{int(address[1:]):032x}"
    return Permitted(ConsentChange("", channel, address, wanted, at, made, by_confirmation), "test")
