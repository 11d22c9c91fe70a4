"""What Zendesk's users and tickets are as records; the same reading for the export and for single reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from connectors.kit.base import Record, Reject
from connectors.kit.errors import BadPayload

END_USER = "end-user"


def listed(document: Any, key: str) -> list[Any]:
    """The list under that key. Raises BadPayload: a missing list is not an empty one."""
    found = document.get(key) if isinstance(document, dict) else None
    if not isinstance(found, list):
        raise BadPayload(f"Zendesk answered without {key}: is base_url its API?")
    return found


def sorted_out(stream: str, rows: list[Any]) -> tuple[tuple[Record, ...], tuple[Reject, ...]]:
    """The rows that can be landed, as they came, and those that cannot. Agents and admins are neither."""
    records: list[Record] = []
    rejects: list[Reject] = []
    for row in rows:
        if not isinstance(row, dict):
            rejects.append(Reject(json.dumps(row), "is not an object", stream))
        elif type(row.get("id")) is not int:
            rejects.append(Reject(json.dumps(row), "has no id", stream))
        elif stream != "users" or row.get("role", END_USER) == END_USER:
            records.append(Record(str(row["id"]), row, moment(row.get("updated_at")), is_gone(row)))
    return tuple(records), tuple(rejects)


def is_gone(row: dict[str, Any]) -> bool:
    """Whether it is a deleted user, or a deleted ticket."""
    return row.get("active") is False or row.get("status") == "deleted"


def moment(text: Any) -> datetime | None:
    """A vendor time with its zone as aware UTC; None for anything else."""
    try:
        read = datetime.fromisoformat(text)
        return read.astimezone(UTC) if read.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None
