"""What every rival makes of a record of the vendor, and how its next page is asked for. Imports nothing of the hub."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

EXPORT = "api/v2/incremental/users/cursor.json"
PAGE = 1_000
TOKEN = "zendesk-simulated-token"
TABLE = "users"
COLUMNS = ("id", "updated_at", "data")
"""The key, the vendor's change time as it came, and the whole record as JSON text."""


def row(record: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": record["id"], "updated_at": record["updated_at"], "data": orjson.dumps(record).decode()}


def start_time(updated_at: str) -> int:
    """What the export is asked for to hear of everything since that record."""
    return int(datetime.fromisoformat(updated_at).timestamp())
