"""How the simulated vendor takes an order to send a text, and what becomes of it. No HTTP here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectors.twilio.messages import BLOCKED, E164
from connectors.twilio.simulator.account import Account
from connectors.twilio.simulator.wire import Form, Problem


@dataclass(frozen=True, slots=True)
class Order:
    """`by_service`: whether the sender is a messaging service, which answers before it knows."""

    to: str
    body: str
    sender: str
    by_service: bool


def check_order(form: Form, account: Account) -> Order:
    """Raises Problem for an order that cannot be taken."""
    given = {name: values[0] for name, values in form.items()}
    to, service, number = given.get("To", ""), given.get("MessagingServiceSid", ""), given.get("From", "")
    if not E164.match(to):
        raise Problem(400, 21211, "Invalid 'To' Phone Number")
    if "Body" not in given:
        raise Problem(400, 21602, "Message body is required")
    if service:
        if service not in account.services:
            raise Problem(400, 21705, "The Messaging Service Sid is invalid")
        return Order(to, given["Body"], service, by_service=True)
    if number not in account.numbers:
        raise Problem(400, 21606, "The 'From' phone number is not a valid, SMS-capable number of this account")
    return Order(to, given["Body"], number, by_service=False)


def message_from(account: Account, sender: str, to: str, body: str) -> dict[str, Any]:
    """The message as the log tells it in the end."""
    service = account.service_of(sender)
    blocked = account.blocked(to, sender)
    return {
        "messaging_service_sid": service.sid if service is not None else None,
        "from": account.number_of(sender),
        "to": to,
        "body": body,
        "direction": "outbound-api",
        "status": "failed" if blocked else "delivered",
        "error_code": BLOCKED if blocked else None,
        "error_message": "Attempt to send to unsubscribed recipient" if blocked else None,
    }
