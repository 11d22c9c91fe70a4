"""The simulator has the vendor's traps: a test against it proves something only while these hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from connectors.kit.simulator import serve
from connectors.kit.testing import FakeClock
from connectors.shopify.simulator import TOKEN, ShopifySimulator
from tests.connectors.shopify.store import OPENED, at, customer, line, order


class Client:
    """Talks to a running simulator as any app would."""

    def __init__(self, simulator: ShopifySimulator, base_url: str, clock: FakeClock) -> None:
        self.simulator, self.base_url, self.clock = simulator, base_url, clock

    def send(self, query: str, *, token: str = TOKEN, version: str = "2026-07", **variables: Any) -> requests.Response:
        return requests.post(
            f"{self.base_url}/admin/api/{version}/graphql.json",
            json={"query": query, "variables": variables},
            headers={"X-Shopify-Access-Token": token},
            timeout=10,
        )

    def data(self, query: str, **variables: Any) -> Any:
        body = self.send(query, **variables).json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    def found(self, search: str) -> list[str]:
        """The last names of the customers that a search brings."""
        query = "query($q: String) { customers(first: 250, query: $q, sortKey: UPDATED_AT) { nodes { lastName } } }"
        return [node["lastName"] for node in self.data(query, q=search)["customers"]["nodes"]]


@pytest.fixture
def shop() -> Iterator[Client]:
    clock = FakeClock()
    simulator = ShopifySimulator(now=clock.now)
    simulator.load([customer(n, updated=OPENED + timedelta(hours=n)) for n in range(1, 6)])
    with serve(simulator) as server:
        yield Client(simulator, server.base_url, clock)


def test_a_quoted_bound_counts_to_the_second_and_includes_it(shop: Client) -> None:
    bound = at(OPENED + timedelta(hours=4))
    assert shop.found(f"updated_at:>='{bound}'") == ["4", "5"]
    assert shop.found(f"updated_at:>'{bound}'") == ["4", "5"]
    assert shop.found(f"updated_at:<'{bound}' AND updated_at:>='{at(OPENED + timedelta(hours=3))}'") == ["3", "4"]


def test_an_unquoted_bound_loses_its_time_and_means_the_stores_day(shop: Client) -> None:
    late = OPENED + timedelta(hours=4)
    assert shop.found(f"updated_at:>={at(late)}") == ["1", "2", "3", "4", "5"]
    assert shop.found(f"updated_at:>={at(late + timedelta(days=1))}") == []


def test_an_unknown_search_field_is_ignored_and_everything_comes(shop: Client) -> None:
    assert len(shop.found("changed_at:>='2030-01-01T00:00:00Z'")) == 5


def test_other_searches(shop: Client) -> None:
    assert shop.found("id:>3") == ["4", "5"]
    assert shop.found('email:"Person2@example.com"') == ["2"]


def test_pages_follow_each_other_through_ties_with_opaque_cursors(shop: Client) -> None:
    shop.simulator.load([customer(n) for n in range(1, 6)])
    query = """query($after: String) { customers(first: 2, after: $after, sortKey: UPDATED_AT) {
        pageInfo { hasNextPage endCursor } edges { cursor node { id } } } }"""
    seen: list[str] = []
    after, more = None, True
    while more:
        page = shop.data(query, after=after)["customers"]
        seen += [edge["node"]["id"].rpartition("/")[2] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert page["edges"][-1]["cursor"] == after
    assert seen == ["1", "2", "3", "4", "5"]
    assert "Invalid cursor" in shop.send(query, after="bm9uc2Vuc2U=").json()["errors"][0]["message"]


def test_any_valid_query_shape_is_answered(shop: Client) -> None:
    shop.simulator.load(orders=[order(1, buyer=2, lineItems={"nodes": [line(1), line(2)]})])
    data = shop.data(
        """query Odd($long: Boolean!) {
          newest: customers(first: 1, sortKey: UPDATED_AT, reverse: true) { nodes { ...Who } }
          customersCount { count precision }
          orders(first: 1) { nodes {
            __typename customer { ...Who } lineItems(first: 1) { edges { node { title } } } note @include(if: $long)
          } }
          missing: customer(id: "gid://shopify/Customer/99") { id }
        }
        fragment Who on Customer { lastName ... on Customer { tags } }""",
        long=False,
    )
    assert data == {
        "newest": {"nodes": [{"lastName": "5", "tags": []}]},
        "customersCount": {"count": 5, "precision": "EXACT"},
        "orders": {
            "nodes": [
                {
                    "__typename": "Order",
                    "customer": {"lastName": "2", "tags": []},
                    "lineItems": {"edges": [{"node": {"title": "Soap 1"}}]},
                }
            ]
        },
        "missing": None,
    }


@pytest.mark.parametrize(
    "query", ["{ customers(first: 1) { nodes { shoeSize } } }", "{ customers(", "{ customers { nodes { id } } }"]
)
def test_an_invalid_query_is_an_error_inside_a_200(shop: Client, query: str) -> None:
    reply = shop.send(query)
    assert reply.status_code == 200
    assert reply.json()["errors"]


def test_a_wrong_token_is_401_and_a_wrong_version_404(shop: Client) -> None:
    assert shop.send("{ shop { name } }", token="shpat_other").status_code == 401
    assert shop.send("{ shop { name } }", version="latest").status_code == 404
    assert shop.send("{ shop { name } }", version="2027-01").status_code == 404


def test_an_expired_version_is_answered_by_the_oldest_one_left(shop: Client) -> None:
    assert shop.send("{ shop { name } }", version="2024-01").headers["X-Shopify-API-Version"] == "2025-10"


def test_the_bucket_empties_with_use_and_fills_with_time(shop: Client) -> None:
    shop.simulator.bucket.drain()
    refused = shop.send("{ customers(first: 250) { nodes { id } } }").json()
    cost = refused["extensions"]["cost"]
    assert refused["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert "data" not in refused
    shop.clock.advance(timedelta(seconds=cost["requestedQueryCost"] / cost["throttleStatus"]["restoreRate"]))
    answered = shop.send("{ customers(first: 250) { nodes { id } } }").json()["extensions"]["cost"]
    assert answered["actualQueryCost"] < answered["requestedQueryCost"]


def test_orders_older_than_sixty_days_need_a_scope_of_their_own(shop: Client) -> None:
    now = shop.clock.now()
    shop.simulator.load(orders=[order(1, updated=now - timedelta(days=61)), order(2, updated=now - timedelta(days=59))])
    query = "{ orders(first: 9) { nodes { name } } }"
    assert len(shop.data(query)["orders"]["nodes"]) == 2
    shop.simulator.store.scopes = ("read_customers", "read_orders")
    assert shop.data(query)["orders"]["nodes"] == [{"name": "#2"}]


def test_protected_fields_are_null_or_denied_beside_the_rest(shop: Client) -> None:
    query = "{ customers(first: 1) { nodes { id firstName } } }"
    shop.simulator.store.protected = "null"
    hidden = {"id": "gid://shopify/Customer/1", "firstName": None}
    assert shop.data(query)["customers"]["nodes"] == [hidden]
    shop.simulator.store.protected = "denied"
    body = shop.send(query).json()
    assert body["data"]["customers"]["nodes"] == [hidden]
    assert body["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


def test_a_connection_ends_with_an_error_beyond_its_window(shop: Client) -> None:
    shop.simulator.window = 3
    query = "query($n: Int!) { customers(first: $n) { nodes { id } } }"
    assert len(shop.data(query, n=3)["customers"]["nodes"]) == 3
    assert "beyond 3" in shop.send(query, n=4).json()["errors"][0]["message"]


def test_an_edit_moves_the_change_time_by_the_simulators_clock(shop: Client) -> None:
    shop.simulator.clock_offset = timedelta(hours=2)
    shop.simulator.upsert("customers", {"id": "gid://shopify/Customer/1", "lastName": "Adams"})
    moved = at(shop.clock.now() + timedelta(hours=2))
    assert shop.data('{ customer(id: "gid://shopify/Customer/1") { lastName updatedAt } }')["customer"] == {
        "lastName": "Adams",
        "updatedAt": moved,
    }
    assert shop.found("")[-1] == "Adams"


def test_the_ledger_says_what_each_reply_carried(shop: Client) -> None:
    shop.found("")
    entry = shop.simulator.ledger[-1]
    assert (entry.path, entry.status, entry.records) == ("/admin/api/2026-07/graphql.json", 200, {"customers": 5})
