"""What the simulated store holds: customers and orders as GraphQL nodes, found by id, address and change time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal

from graphql import GraphQLError

from connectors.shopify.simulator.search import Node, Search, number_of, stamp

StreamName = Literal["customers", "orders"]
Key = tuple[str, int]
"""What a connection is sorted by: the sort value, then the number of the id."""

NOTHING_SPENT = {"amount": "0.0", "currencyCode": "AUD"}
NO_MONEY = {"presentmentMoney": NOTHING_SPENT, "shopMoney": NOTHING_SPENT}
BLANKS: dict[StreamName, Node] = {
    "customers": {
        "state": "DISABLED",
        "locale": "en",
        "tags": [],
        "verifiedEmail": True,
        "taxExempt": False,
        "dataSaleOptOut": False,
        "numberOfOrders": "0",
        "amountSpent": NOTHING_SPENT,
        "mergeable": {"isMergeable": True, "reason": None, "mergeInProgress": None},
    },
    "orders": {
        "tags": [],
        "test": False,
        "currencyCode": "AUD",
        "customerAcceptsMarketing": False,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "totalPriceSet": NO_MONEY,
        "currentTotalPriceSet": NO_MONEY,
        "totalRefundedSet": NO_MONEY,
        "lineItems": {"nodes": []},
    },
}
"""What a node gets for a field that the vendor always fills."""


class Collection:
    """The nodes of one stream, found by id and walked in the order of any sort key."""

    def __init__(self, name: StreamName) -> None:
        self.nodes: dict[str, Node] = {}
        self._name = name
        self._by_change: list[Key] = []
        self._ids: dict[int, str] = {}
        self._held: dict[str, dict[str, None]] = {}
        self.last = 0
        """The highest number of an id there ever was."""

    def put(self, node: Node) -> None:
        self._forget(node["id"])
        insort(self._by_change, self._keep(node))

    def put_all(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            self._keep(node)
        self._by_change = sorted(map(_change_key, self.nodes.values()))

    def _keep(self, node: Node) -> Key:
        number = number_of(node["id"])
        full = {**BLANKS[self._name], **node}
        full.setdefault("legacyResourceId", str(number))
        full.setdefault("createdAt", full["updatedAt"])
        full.setdefault("processedAt", full["createdAt"])
        self.nodes[node["id"]] = full
        self._ids[number] = node["id"]
        self.last = max(self.last, number)
        for address in addresses(full).values():
            self._held.setdefault(address, {})[node["id"]] = None
        return _change_key(full)

    def holders(self, address: str) -> list[Node]:
        """The nodes that hold this address now; it is written as `addresses` writes it."""
        nodes = [self.nodes[gid] for gid in self._held.get(address, ()) if gid in self.nodes]
        return [node for node in nodes if address in addresses(node).values()]

    def remove(self, gid: str) -> None:
        self._forget(gid)
        del self.nodes[gid]

    def _forget(self, gid: str) -> None:
        if known := self.nodes.get(gid):
            del self._by_change[bisect_left(self._by_change, _change_key(known))]

    def walk(
        self, search: Search, sort: str, *, after: Key | None = None, reverse: bool = False
    ) -> tuple[int, Iterator[Node]]:
        """How many nodes the walk leaves behind it, and those that come, oldest first unless `reverse`."""
        keys = self._sorted(sort)
        low = bisect_left(keys, (search.since, 0)) if sort == "UPDATED_AT" else 0
        high = bisect_right(keys, (search.until, 1 << 63)) if sort == "UPDATED_AT" else len(keys)
        if reverse:
            end = min(high, bisect_left(keys, after)) if after else high
            return high - end, self._matching(reversed(keys[low:end]), search)
        start = max(low, bisect_right(keys, after)) if after else low
        return start - low, self._matching((keys[at] for at in range(start, high)), search)

    def _matching(self, keys: Iterable[Key], search: Search) -> Iterator[Node]:
        for _, number in keys:
            node = self.nodes[self._ids[number]]
            if search.matches(node):
                yield node

    def _sorted(self, sort: str) -> list[Key]:
        return self._by_change if sort == "UPDATED_AT" else sorted(sort_key(node, sort) for node in self.nodes.values())


class Store:
    """The store: what a person, a merchant or another app does to it; every change moves `updatedAt`.

    Nodes are the GraphQL objects (`id` a gid, `updatedAt` as `2026-03-01T07:45:12Z`); fields the vendor always
    fills may be left out. `protected` says what happens to names, addresses and phones: "shown", "null" or "denied".
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.collections: dict[StreamName, Collection] = {
            "customers": Collection("customers"),
            "orders": Collection("orders"),
        }
        self.protected: Literal["shown", "null", "denied"] = "shown"
        self.scopes: tuple[str, ...] = ("read_customers", "write_customers", "read_orders", "read_all_orders")
        self.timezone = "Australia/Sydney"
        self.now = now

    def load(self, customers: Iterable[Node] = (), orders: Iterable[Node] = ()) -> None:
        """Put nodes in as they are, `updatedAt` included."""
        self.collections["customers"].put_all(customers)
        self.collections["orders"].put_all(orders)

    def upsert(self, stream: StreamName, node: Node) -> None:
        """Create a node, or change the fields given of the one with this id. An order touches its customer too."""
        known = self.collections[stream].nodes.get(node["id"], {})
        changed = {**known, **node, "updatedAt": stamp(self.now())}
        self.collections[stream].put(changed)
        buyer = (changed.get("customer") or {}).get("id")
        if buyer in self.collections["customers"].nodes:
            self.upsert("customers", {"id": buyer})

    def demand(self, scope: str, subject: str) -> None:
        """Raises GraphQLError where the app was not granted the scope."""
        if scope not in self.scopes:
            raise GraphQLError(f"Access denied for {subject} field.", extensions={"code": "ACCESS_DENIED"})

    def customer(self, gid: str) -> Node | None:
        return self.collections["customers"].nodes.get(gid)

    def holders(self, address: str) -> list[Node]:
        """The customers that hold this e-mail address (in any case) or this phone number."""
        return self.collections["customers"].holders(address.lower())

    def sixty_days_ago(self) -> str:
        """Where the orders begin that an app may see without the scope read_all_orders."""
        return stamp(self.now() - timedelta(days=60))

    def delete(self, stream: StreamName, gid: str) -> None:
        self.collections[stream].remove(gid)


def addresses(customer: Node) -> dict[str, str]:
    """By channel: the e-mail address in lower case, the phone number; a channel without one is left out."""
    email, phone = customer.get("defaultEmailAddress"), customer.get("defaultPhoneNumber")
    found = {"email": email and email["emailAddress"].lower(), "sms": phone and phone["phoneNumber"]}
    return {channel: address for channel, address in found.items() if address}


def sort_key(node: Node, sort: str) -> Key:
    value = {"UPDATED_AT": "updatedAt", "PROCESSED_AT": "processedAt"}.get(sort)
    return (node[value] if value else "", number_of(node["id"]))


def _change_key(node: Node) -> Key:
    return sort_key(node, "UPDATED_AT")
