"""What the four simulators hold: each record and each order, ticket and message, by the key that the hub gives it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.shopify.simulator.consent import HOLDERS
from connectors.twilio.messages import counterpart
from tests.flows.consent.town import LIST, Town

Key = str
"""connection:stream:id, as the hub's documents write it."""

SHOP_WORDS = {"SUBSCRIBED": "granted", "UNSUBSCRIBED": "withdrawn", "NOT_SUBSCRIBED": "unknown", "PENDING": "pending"}
LIST_WORDS = {"subscribed": "granted", "unsubscribed": "withdrawn", "transactional": "unknown", "pending": "pending"}


@dataclass(frozen=True)
class Record:
    """A record of a person in its last version; `consents` by channel, in the hub's words."""

    name: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    consents: Mapping[str, str]


@dataclass(frozen=True)
class Event:
    """An order, a ticket or a message: whose record it hangs on, and its state in its last version."""

    owner: Key
    state: str


@dataclass
class Held:
    """Everything at all vendors. `tagged`: by connection, the addresses that bear the segment's tag."""

    records: dict[Key, Record] = field(default_factory=dict)
    events: dict[Key, Event] = field(default_factory=dict)
    tagged: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def held_by(town: Town) -> Held:
    """Look at all vendors, one after the other."""
    found = Held()
    for look, simulator in (
        (_shop, town.shop),
        (_newsletter, town.newsletter),
        (_texts, town.texts),
        (_help, town.help),
    ):
        with simulator.lock:
            look(town, found)
    return found


def _shop(town: Town, found: Held) -> None:
    store = town.shop.store
    for gid, node in store.collections["customers"].nodes.items():
        email, phone = node[HOLDERS["email"]], node[HOLDERS["sms"]]
        consents = {"email": SHOP_WORDS[email["marketingState"]], "sms": SHOP_WORDS[phone["marketingState"]]}
        name = f"{node['firstName']} {node['lastName']}"
        record = Record(name, (email["emailAddress"],), (phone["phoneNumber"],), consents)
        found.records[f"shop:customers:{gid}"] = record
        if "VIP" in node["tags"]:
            found.tagged["shop"].add(email["emailAddress"])
    for gid, node in store.collections["orders"].nodes.items():
        owner = f"shop:customers:{node['customer']['id']}"
        found.events[f"shop:orders:{gid}"] = Event(owner, node["displayFinancialStatus"])


def _newsletter(town: Town, found: Held) -> None:
    audience = town.newsletter.audiences[LIST]
    for member_id, member in audience.members.items():
        email = member["email_address"]
        record = Record(member["full_name"], (email,), (), {"email": LIST_WORDS[member["status"]]})
        found.records[f"newsletter:members:{member_id}"] = record
        if any(tag["name"] == "VIP" for tag in member["tags"]):
            found.tagged["newsletter"].add(email)


def _texts(town: Town, found: Held) -> None:
    for message in town.texts.log:
        number = counterpart(message) or ""
        owner = f"texts:numbers:{number}"
        found.records[owner] = Record("", (), (number,), {})
        found.events[f"texts:messages:{message['sid']}"] = Event(owner, message["status"])


def _help(town: Town, found: Held) -> None:
    account = town.help.account
    for user_id, user in account.users.items():
        if not user["active"]:
            continue
        fields = user["user_fields"]
        consents = {"email": fields.get("consent_email") or "unknown", "sms": fields.get("consent_sms") or "unknown"}
        found.records[f"help:users:{user_id}"] = Record(user["name"], (user["email"],), (user["phone"],), consents)
        if "vip" in user["tags"]:
            found.tagged["help"].add(user["email"])
    for ticket_id, ticket in account.tickets.items():
        owner = f"help:users:{ticket['requester_id']}"
        if ticket["status"] != "deleted" and owner in found.records:
            rating = (ticket["satisfaction_rating"] or {}).get("score", "")
            found.events[f"help:tickets:{ticket_id}"] = Event(owner, f"{ticket['status']} {rating}".strip())
