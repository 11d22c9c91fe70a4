"""What was done in the hub and by whom: an append-only chain, in which a change of any row shows.

Each row's hash is that of the hash before it and its own content, so that an edited or removed row breaks the chain.
How many rows there are and the last hash are kept apart too, or the newest rows could be cut off unseen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text

from hub.stages import notes
from hub.store.columns import json_text
from hub.store.operating.audit import AuditEntry
from hub.store.sql import table

entries = table(AuditEntry)

HEAD = "audit_head"
BEFORE_THE_FIRST = "0" * 64
_LOCK = 4711002


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row, by number, that is not as it was written, and what is wrong with it."""

    number: int
    reason: str


def note(
    db: Connection, at: datetime, actor: str, action: str, subject: str, details: Mapping[str, Any] | None = None
) -> None:
    """Write down one act, in the transaction of the act itself. `details` may hold no personal value."""
    if db.dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    number, before = head(db)
    row = {"id": number + 1, "at": at, "actor": actor, "action": action, "subject": subject, "details": details or {}}
    own = _hash(before, row)
    db.execute(insert(entries), {**row, "hash": own})
    notes.put(db, HEAD, f"{number + 1} {own}")


def head(db: Connection) -> tuple[int, str]:
    """How many rows there must be, and the hash of the last: to be kept elsewhere too, as an anchor."""
    number, _, last = (notes.get(db, HEAD) or f"0 {BEFORE_THE_FIRST}").partition(" ")
    return int(number), last


def verify(db: Connection) -> Broken | None:
    """The first row that was changed, removed or put in; None when all is as it was written."""
    number, before = 0, BEFORE_THE_FIRST
    for row in map(dict, db.execute(select(entries).order_by(entries.c.id)).mappings()):
        number += 1
        if row["id"] != number:
            return Broken(number, f"is missing: row {row['id']} stands in its place")
        if _hash(before, row) != row["hash"]:
            return Broken(number, "is not what was written")
        before = row["hash"]
    kept, last = head(db)
    if number < kept:
        return Broken(number + 1, f"is missing, and all after it up to {kept}")
    return None if (number, before) == (kept, last) else Broken(number, "was put in later")


def _hash(before: str, row: Mapping[str, Any]) -> str:
    said = [before, row["id"], row["at"].isoformat(), row["actor"], row["action"], row["subject"], row["details"]]
    return hashlib.sha256(str(json_text(said)).encode()).hexdigest()
