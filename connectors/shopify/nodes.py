"""Reads the vendor's connections: what a page holds, which nodes are records, how far a page may carry the cursor."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from connectors.kit.base import Record, Reject
from connectors.kit.errors import BadPayload


class Opened(NamedTuple):
    """A connection's nodes, whether more follow, and the position after them."""

    nodes: list[Any]
    more: bool
    end: str | None


def opened(connection: Any) -> Opened:
    """Raises BadPayload unless this is a connection whose end, or way on, is beyond doubt."""
    nodes = listed(connection, "nodes")
    info = connection.get("pageInfo")
    if not isinstance(info, dict) or not isinstance(info.get("hasNextPage"), bool):
        raise BadPayload("Shopify sent a page that does not say whether another one follows")
    end = info.get("endCursor")
    if info["hasNextPage"] and not isinstance(end, str):
        raise BadPayload("Shopify says that another page follows, but not where")
    return Opened(nodes, info["hasNextPage"], end)


def listed(holder: Any, name: str) -> list[Any]:
    """The list of that name. Raises BadPayload: a missing list is not an empty one."""
    found = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(found, list):
        raise BadPayload(f"Shopify sent no list of {name} where one belongs")
    return found


def sorted_out(nodes: list[Any], where: str) -> tuple[tuple[Record, ...], tuple[Reject, ...]]:
    """The nodes that can be landed, as they came, and those that cannot."""
    records: list[Record] = []
    rejects: list[Reject] = []
    for node in nodes:
        gid = node.get("id") if isinstance(node, dict) else None
        if isinstance(gid, str) and gid:
            records.append(Record(gid, node, moment(node.get("updatedAt"))))
        else:
            reason = "has no id" if isinstance(node, dict) else "is not an object"
            rejects.append(Reject(json.dumps(node), reason, where))
    return tuple(records), tuple(rejects)


def moment(text: Any) -> datetime | None:
    """A vendor time with its zone as aware UTC; None for anything else."""
    try:
        read = datetime.fromisoformat(text)
        return read.astimezone(UTC) if read.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def oldest(records: tuple[Record, ...]) -> Record | None:
    """The record with the oldest change time.

    Pages are sorted by the vendor's search index but nodes are read live: one that was edited meanwhile shows a time
    far ahead of its place. So while more pages follow, only the oldest time of a page is surely behind us.
    """
    dated = [(record.changed_at, at, record) for at, record in enumerate(records) if record.changed_at is not None]
    return min(dated)[2] if dated else None


def mark(records: tuple[Record, ...]) -> bytes:
    """What tells one page from another."""
    return "".join(f"{record.id}{record.changed_at}" for record in records).encode()
