"""What the hub says it has, read with its own commands: assignments, contacts, and each contact in full."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.soak.asking import Asking
from tests.soak.held import Key, Record


@dataclass
class Exported:
    """`assigned`: each row of the export as (record, contact). `records` and `events`: every time one is told of, the
    contact beside it. `orders`: by contact how many it is said to have made.
    """

    assigned: list[tuple[Key, str]] = field(default_factory=list)
    golden: dict[str, list[str]] = field(default_factory=dict)
    records: list[tuple[Key, str, Record]] = field(default_factory=list)
    events: list[tuple[Key, str, str]] = field(default_factory=list)
    orders: dict[str, int] = field(default_factory=dict)


def exported_by(asking: Asking) -> Exported | None:
    """The two exports alone, which are quick; None where the database does not answer."""
    assigned, golden = asking.export("assignments"), asking.export("contacts")
    if assigned is None or golden is None:
        return None
    found = Exported()
    found.assigned = [
        (f"{row['connection']}:{row['stream']}:{row['external_id']}", row["contact_id"]) for row in assigned
    ]
    found.golden = {row["contact_id"]: [one["key"] for one in row.get("emails", ())] for row in golden}
    return found


def looked_into(asking: Asking, found: Exported, contact_ids: Iterable[str]) -> Exported:
    """Add what is known of these contacts in full."""
    for contact_id in contact_ids:
        document = asking.contact(contact_id)
        if document is not None:
            add(found, document)
    return found


def add(found: Exported, document: dict[str, Any]) -> None:
    """Take in one contact's document."""
    contact_id = document["id"]
    for row in document["records"]:
        key = f"{row['connection']}:{row['stream']}:{row['external_id']}"
        found.records.append((key, contact_id, _record(row["fields"])))
    for row in document["timeline"]:
        state = f"{row.get('status', '')} {row.get('satisfaction', '')}".strip()
        found.events.append((row["source"], contact_id, state))
    found.orders[contact_id] = document["traits"].get("orders", 0)


def _record(fields: dict[str, Any]) -> Record:
    return Record(
        fields.get("name", {}).get("full", ""),
        tuple(one["key"] for one in fields.get("emails", ())),
        tuple(one["value"] for one in fields.get("phones", ())),
        {one["channel"]: one["state"] for one in fields.get("consents", ())},
    )
