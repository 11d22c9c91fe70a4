"""Answers the root fields of a query from the store: connections, single nodes, the shop itself."""

from __future__ import annotations

from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from graphql import GraphQLError

from connectors.shopify.simulator.graph import Field, Shape, below_of, shape, type_of
from connectors.shopify.simulator.paging import connection, cursor_of, key_of, opened, page_size, sealed
from connectors.shopify.simulator.search import Node, Search, parse
from connectors.shopify.simulator.state import Store, StreamName, sort_key

PROTECTED = {
    "Customer": {"firstName", "lastName", "displayName", "defaultEmailAddress", "defaultPhoneNumber", "defaultAddress"},
    "Order": {"email", "phone", "billingAddress", "shippingAddress"},
}
"""Shown only to apps that were granted protected customer data."""

MOST_IDS = 250
"""The longest list of ids the vendor takes."""

STREAM_OF: dict[str, StreamName] = {"customer": "customers", "order": "orders"}


class Answer:
    """One query's answer. `carried` counts the nodes sent by stream; `ignored` names search fields without effect."""

    def __init__(self, store: Store, window: int) -> None:
        self.store = store
        self.window = window
        self.carried: dict[str, int] = {}
        self.ignored: list[str] = []
        self.errors: list[GraphQLError] = []

    def root(self, field: Field) -> Any:
        """The value of one root field; raises GraphQLError when there is none."""
        name = field.name
        if name in {"customers", "orders"}:
            return self._connection(field, "customers" if name == "customers" else "orders")
        if name in {"customersCount", "ordersCount"}:
            return self._count(field, "customers" if name == "customersCount" else "orders")
        if name in {"node", "nodes"}:
            return self._by_id(field)
        if name in STREAM_OF:
            node = self.store.collections[STREAM_OF[name]].nodes.get(field.arguments["id"])
            return node and shape(field.selected, self.special)(node)
        return shape((field,), self.special)({"shop": self._shop(), "currentAppInstallation": self._app()})[field.key]

    def _by_id(self, field: Field) -> Any:
        """`nodes`, or the single `node`: null where no such thing is, in the order of the ids."""
        asked = field.arguments.get("ids", [field.arguments.get("id")])
        if len(asked) > MOST_IDS:
            message = f"The input array size of {len(asked)} is greater than the maximum allowed of {MOST_IDS}."
            raise GraphQLError(message, extensions={"code": "MAX_INPUT_SIZE_EXCEEDED"})
        pick = below_of(field, self.special)
        found = [self._carry(gid, pick) for gid in asked]
        return found if field.name == "nodes" else found[0]

    def _carry(self, gid: str, pick: Shape) -> Any:
        stream = STREAM_OF.get(type_of(gid).lower())
        node = self.store.collections[stream].nodes.get(gid) if stream else None
        if stream is None or node is None:
            return None
        self.store.demand(f"read_{stream}", stream)
        self.carried[stream] = self.carried.get(stream, 0) + 1
        return pick(node)

    def _shop(self) -> Node:
        return {
            "id": "gid://shopify/Shop/1",
            "name": "Simulated store",
            "myshopifyDomain": "simulated.myshopify.com",
            "ianaTimezone": self.store.timezone,
            "currencyCode": "AUD",
        }

    def _app(self) -> Node:
        scopes = [{"handle": scope} for scope in self.store.scopes]
        return {"id": "gid://shopify/AppInstallation/1", "accessScopes": scopes}

    def _search(self, stream: StreamName, text: str | None) -> Search:
        self.store.demand(f"read_{stream}", stream)
        search = parse(text, ZoneInfo(self.store.timezone))
        self.ignored += search.ignored
        if stream == "orders" and "read_all_orders" not in self.store.scopes:
            oldest = self.store.sixty_days_ago()
            search.tests.append(lambda node: bool(node["createdAt"] >= oldest))
        return search

    def _count(self, field: Field, stream: StreamName) -> Any:
        _, nodes = self.store.collections[stream].walk(self._search(stream, field.arguments.get("query")), "UPDATED_AT")
        count, limit = sum(1 for _ in nodes), field.arguments["limit"]
        over = limit is not None and count > limit
        counted = {"count": limit if over else count, "precision": "AT_LEAST" if over else "EXACT"}
        return shape(field.selected, self.special)(counted)

    def _connection(self, field: Field, stream: StreamName) -> Any:
        asked, size = field.arguments, page_size(field.arguments)
        behind, walk = self.store.collections[stream].walk(
            self._search(stream, asked.get("query")),
            asked["sortKey"],
            after=key_of(asked.get("after")),
            reverse=asked["reverse"],
        )
        if behind + size > self.window:
            raise GraphQLError(f"Pagination beyond {self.window} objects is not supported.")
        nodes = list(islice(walk, size + 1))
        more = len(nodes) > size
        del nodes[size:]
        self.carried[stream] = self.carried.get(stream, 0) + len(nodes)
        cursors = [cursor_of(sort_key(node, asked["sortKey"])) for node in nodes]
        return shape(field.selected, self.special)(connection(nodes, cursors, more, bool(asked.get("after"))))

    def special(self, field: Field) -> Shape | None:
        """How a field is got whose value is not simply there: nested connections and protected data."""
        if field.name in PROTECTED.get(field.parent.name, ()) and self.store.protected != "shown":
            if self.store.protected == "denied":
                message = f"This app is not approved to access the {field.parent.name} object's {field.name}."
                self.errors.append(GraphQLError(message, path=[field.key], extensions={"code": "ACCESS_DENIED"}))
            return lambda _node: None
        if field.name == "lineItems":
            return self._lines(field)
        if field.name == "customer":
            return self._buyer(field)
        return None

    def _buyer(self, field: Field) -> Shape:
        customers = self.store.collections["customers"].nodes
        pick = shape(field.selected, self.special)

        def buyer(order: Node) -> Any:
            named = order.get("customer")
            return named and pick({**named, **customers.get(named["id"], {})})

        return buyer

    def _lines(self, field: Field) -> Shape:
        size, after = page_size(field.arguments), field.arguments.get("after")
        pick = shape(field.selected, self.special)

        def lines(order: Node) -> Any:
            held = order["lineItems"]["nodes"]
            start = int(opened(after)["last_id"]) if after else 0
            nodes = held[start : start + size]
            ends = [sealed({"last_id": start + count}) for count in range(1, len(nodes) + 1)]
            return pick(connection(nodes, ends, start + size < len(held), start > 0))

        return lines
