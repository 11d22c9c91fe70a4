"""Relay connections: page sizes, opaque cursors, page info."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import orjson
from graphql import GraphQLError

from connectors.shopify.simulator.search import Node
from connectors.shopify.simulator.state import Key


def connection(nodes: list[Node], cursors: list[str], more: bool, before: bool) -> Node:
    """A whole connection object, from which the query picks its parts. `cursors` has one for each node."""
    return {
        "nodes": nodes,
        "edges": [{"cursor": cursor, "node": node} for cursor, node in zip(cursors, nodes, strict=True)],
        "pageInfo": {
            "hasNextPage": more,
            "hasPreviousPage": before,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def page_size(arguments: dict[str, Any]) -> int:
    """`first`, which the vendor wants and caps at 250. Paging backwards is not simulated. Raises GraphQLError."""
    size = arguments.get("first")
    if size is None or arguments.get("last") is not None or arguments.get("before") is not None:
        raise GraphQLError("you must provide first", extensions={"code": "BAD_REQUEST"})
    if not 0 <= size <= 250:
        raise GraphQLError("first must be between 0 and 250", extensions={"code": "BAD_REQUEST"})
    return int(size)


def cursor_of(key: Key) -> str:
    return sealed({"last_id": key[1], "last_value": key[0]})


def key_of(cursor: str | None) -> Key | None:
    if cursor is None:
        return None
    content = opened(cursor)
    return content.get("last_value", ""), content["last_id"]


def sealed(content: dict[str, Any]) -> str:
    """A cursor as the vendor makes them: opaque, with the place of the last node in it."""
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode()


def opened(cursor: str) -> Any:
    """What is in a cursor; raises GraphQLError for one that is not ours."""
    try:
        content = orjson.loads(base64.urlsafe_b64decode(cursor))
        int(content["last_id"])
    except (binascii.Error, ValueError, TypeError, KeyError):
        raise GraphQLError("Invalid cursor for current pagination sort.") from None
    return content
