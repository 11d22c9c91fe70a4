"""A shop in memory whose customers say yes and no: the shortest way to evidence on real tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.kit.base import Record, Reject
from connectors.kit.destination import Capabilities
from hub.consent.policy import Policy
from hub.jobs.inline import Runner
from hub.queries.find import find
from hub.settings.settings import Connection, Settings
from hub.stages.consent import states
from hub.stages.order import derive, rebuild
from hub.stages.pull import Wish
from hub.store.engine import Store
from tests.hub.world import Silent, always, compiled, connection, page, rows, settings, stream

STATES = {"yes": "granted", "no": "withdrawn", "never": "unknown", "spam": "complained", "asked": "pending"}
CUSTOMERS: dict[str, Any] = {
    "record": "person",
    "map": {
        "name": "name",
        "emails": ["email", "other"],
        "consents": [
            {"channel": "email", "address": "email", "state": "said", "at": "said_at", "states": STATES},
            {"channel": "email", "address": "other", "state": "other_said", "at": "said_at", "states": STATES},
        ],
    },
}
MESSAGES: dict[str, Any] = {
    "record": "message",
    "map": {
        "at": "at",
        "direction": {"value": "way", "words": {"mo": "in", "mt": "out"}},
        "address": "number",
        "text": "text",
    },
}
TRUSTING = Policy(grant_sources={"email": frozenset({("shop", "")}), "sms": frozenset({("shop", "")})})
MAPS = {"customers": compiled(CUSTOMERS), "messages": compiled(MESSAGES)}


def customer(external_id: str, changed: datetime | None = None, **said: Any) -> Record:
    """A customer; `said` are name, email, said (yes, no, never, spam, asked), said_at, other, other_said."""
    data = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()}
    return Record(external_id, {"id": external_id, **data}, changed)


def shop(
    records: Sequence[Record],
    rejects: Sequence[Reject] = (),
    name: str = "customers",
    spec: dict[str, Any] | None = None,
) -> Connection:
    """The shop, giving these records whatever it is asked."""
    mapper = compiled(spec) if spec else MAPS[name]
    pulled = connection(always(page(records, rejects=rejects)), stream(name, mapper))
    return replace(pulled, capabilities=Capabilities(yes_methods={"": "form"}, change_time_covers_consent=True))


def configured(*connections: Connection, policy: Policy = TRUSTING) -> Settings:
    return replace(settings(*connections), consent=policy)


def hear(store: Store, *records: Record, rejects: Sequence[Reject] = (), **how: Any) -> Settings:
    """Pull these from the shop and derive everything."""
    policy = how.pop("policy", TRUSTING)
    found = configured(shop(records, rejects, **how), policy=policy)
    ends = Runner(store, found, Silent()).run_all(list(found.connections.values()), Wish())
    assert {end.status for end in ends} <= {"ok", "held"}, ends
    derive(store, found)
    return found


def anew(store: Store) -> None:
    """Everything that is derived, derived again from the facts."""
    rebuild(store, configured(shop([])))


def state_of(store: Store, address: str, channel: str = "email") -> dict[str, Any]:
    """What is kept of an address for marketing; {} where nothing is."""
    found = [row for row in rows(store, states) if (row["channel"], row["address"]) == (channel, address)]
    return found[0] if found else {}


def reason_of(store: Store, address: str, channel: str = "email") -> str:
    found = state_of(store, address, channel)
    assert not found or found["may_send"] is (found["reason"] in ("granted", "inferred"))
    return str(found.get("reason", ""))


def contact_of(store: Store, address: str) -> str:
    with store.read() as db:
        return find(db, address, None).contact_id
