"""The vendor's consent rules: the newest time wins, an equal state keeps its time, some states nobody can write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connectors.shopify.simulator.search import Node
from connectors.shopify.simulator.state import Store, addresses

Channel = Literal["email", "sms"]

HOLDERS: dict[str, str] = {"email": "defaultEmailAddress", "sms": "defaultPhoneNumber"}
"""The field of a customer that holds the address of a channel and the consent of it."""

WRITABLE = ("SUBSCRIBED", "UNSUBSCRIBED", "PENDING")
BLANKS: dict[str, Node] = {
    "email": {
        "emailAddress": "",
        "validFormat": True,
        "marketingState": "NOT_SUBSCRIBED",
        "marketingOptInLevel": None,
        "marketingUpdatedAt": None,
    },
    "sms": {
        "phoneNumber": "",
        "marketingState": "NOT_SUBSCRIBED",
        "marketingOptInLevel": None,
        "marketingUpdatedAt": None,
        "marketingCollectedFrom": None,
    },
}
"""The consent of an address that nobody was ever asked about."""


class Refusal(Exception):
    """A userError: `field` below `input`, and why."""

    def __init__(self, field: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Write:
    """A consent write as it came; `at` is the vendor's spelling of `consentUpdatedAt`, "" where it was left out."""

    customer: str
    channel: Channel
    state: str
    level: str | None
    at: str


def apply(store: Store, write: Write, now: str) -> None:
    """Do what the vendor does with a consent write. Raises Refusal."""
    block = f"{write.channel}MarketingConsent"
    customer = store.customer(write.customer)
    if customer is None:
        raise Refusal(("customerId",), "Customer not found")
    if write.state not in WRITABLE:
        raise Refusal((block, "marketingState"), f"Cannot specify {write.state} as a marketing state input")
    if write.at > now:
        raise Refusal((block, "consentUpdatedAt"), "Consent updated at cannot be in the future")
    if write.channel not in addresses(customer):
        raise Refusal((block,), "The customer has no address to hold this consent")
    held = customer[HOLDERS[write.channel]]
    # a time that ties with the stored one is ignored too: nobody promises that it wins
    newer = not write.at or write.at > (held.get("marketingUpdatedAt") or "")
    if newer and held["marketingState"] != write.state:
        level = write.level or held.get("marketingOptInLevel") or "UNKNOWN"
        change(store, write.customer, write.channel, write.state, level, write.at or now, "OTHER")


def change(store: Store, gid: str, channel: Channel, state: str, level: str | None, at: str, by: str) -> None:
    """Store this consent whatever was there before; `by` is where it was collected. Moves `updatedAt`."""
    held = {**held_of(store, gid, channel), "marketingState": state, "marketingOptInLevel": level}
    held["marketingUpdatedAt"] = at
    if channel == "sms":
        held["marketingCollectedFrom"] = by
    store.upsert("customers", {"id": gid, HOLDERS[channel]: held})


def held_of(store: Store, gid: str, channel: str) -> Node:
    """A customer's address on the channel with its consent. Raises LookupError where there is none."""
    customer = store.customer(gid)
    held: Node | None = customer and customer.get(HOLDERS[channel])
    if not held:
        raise LookupError(f"{gid} has no address for {channel}")
    return held


def state_of(store: Store, gid: str, channel: str) -> str:
    """The vendor's word for the consent; "" where there is no such customer or address."""
    customer = store.customer(gid) or {}
    return str((customer.get(HOLDERS[channel]) or {}).get("marketingState", ""))
