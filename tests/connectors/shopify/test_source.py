"""Pulling a store over real sockets: ties, windows, dear queries, long orders, hidden people, edits meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
import responses

from connectors.kit.base import Cursor, Page, Stream
from connectors.kit.errors import AuthError, Refused, Truncated
from connectors.kit.simulator import serve
from connectors.kit.testing import FakeClock, ids_of
from connectors.shopify import queries
from connectors.shopify.simulator import ShopifySimulator
from connectors.shopify.simulator.cost import cost
from connectors.shopify.simulator.graph import root_fields
from tests.connectors.shopify.store import CUSTOMERS, OPENED, ORDERS, busy_store, customer, held, line, order, source_of

SHOP = "https://shop.example"
URL = f"{SHOP}/admin/api/2026-07/graphql.json"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def shop(clock: FakeClock) -> Iterator[Shop]:
    with serve(ShopifySimulator(now=clock.now)) as server:
        yield Shop(server.simulator, server.base_url, clock)


class Shop:
    """A running simulator and the source aimed at it."""

    def __init__(self, simulator: ShopifySimulator, base_url: str, clock: FakeClock) -> None:
        self.simulator, self.base_url, self.clock = simulator, base_url, clock

    def pull(self, stream: Stream, cursor: Cursor | None = None) -> list[Page]:
        with closing(source_of(self.base_url, self.clock)) as source:
            return list(source.pull(stream, cursor))

    def findings(self, **settings: str) -> dict[str, str]:
        """What check() finds amiss, by subject."""
        with closing(source_of(self.base_url, self.clock, **settings)) as source:
            return {finding.subject: finding.message for finding in source.check() if not finding.ok}


@pytest.mark.fault("H20")
def test_a_thousand_customers_changed_in_one_second_all_come_also_when_resumed(shop: Shop) -> None:
    shop.simulator.load([customer(n) for n in range(1, 1001)])
    pages = shop.pull(CUSTOMERS)
    assert len(pages) == 4
    assert ids_of(pages) == sorted(held(shop.simulator, CUSTOMERS))
    assert set(ids_of(shop.pull(CUSTOMERS, pages[1].cursor))) == held(shop.simulator, CUSTOMERS)


def test_nodes_are_passed_on_as_the_store_sent_them(shop: Shop) -> None:
    shop.simulator.load([customer(1, firstName="Alice", tags=["vip"])])
    [page] = shop.pull(CUSTOMERS)
    [alice] = page.records
    assert (alice.id, alice.changed_at) == ("gid://shopify/Customer/1", OPENED)
    assert alice.data["firstName"] == "Alice"
    assert alice.data["tags"] == ["vip"]
    assert alice.data["defaultEmailAddress"]["marketingState"] == "NOT_SUBSCRIBED"


@pytest.mark.fault("H22")
def test_a_window_begins_anew_before_the_vendors_limit_and_nothing_is_missing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "WINDOW", 500)
    shop.simulator.window = 500
    shop.simulator.load([customer(n, updated=OPENED + timedelta(seconds=n // 40)) for n in range(2000)])
    assert set(ids_of(shop.pull(CUSTOMERS))) == held(shop.simulator, CUSTOMERS)


@pytest.mark.fault("H22")
def test_more_customers_in_one_second_than_a_window_shows_are_an_error(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "WINDOW", 500)
    shop.simulator.load([customer(n) for n in range(1, 1002)])
    with pytest.raises(Truncated, match="500"):
        shop.pull(CUSTOMERS)


@pytest.mark.fault("H14")
def test_a_query_that_is_too_dear_is_asked_for_smaller_pages(shop: Shop) -> None:
    shop.simulator.max_cost = 30
    shop.simulator.load([customer(n) for n in range(1, 301)])
    pages = shop.pull(CUSTOMERS)
    assert max(page.fetched for page in pages) < queries.PAGE_SIZE
    assert ids_of(pages) == sorted(held(shop.simulator, CUSTOMERS))


def test_a_query_too_dear_for_a_single_customer_is_refused(shop: Shop) -> None:
    shop.simulator.max_cost = 1
    with pytest.raises(Refused):
        shop.pull(CUSTOMERS)


def test_an_empty_bucket_is_waited_for(shop: Shop) -> None:
    shop.simulator.load([customer(1)])
    shop.simulator.bucket.restore_rate = 10
    shop.simulator.bucket.drain()
    assert len(ids_of(shop.pull(CUSTOMERS))) == 1
    assert shop.clock.slept == [cost(root_fields(queries.CUSTOMERS, {"n": queries.PAGE_SIZE})) / 10]


def test_an_order_longer_than_a_page_of_lines_comes_whole(shop: Shop) -> None:
    lines = [line(n) for n in range(1, 401)]
    shop.simulator.load(orders=[order(1, lineItems={"nodes": lines}), order(2, lineItems={"nodes": lines[:50]})])
    [page] = shop.pull(ORDERS)
    first, second = page.records
    assert [item["sku"] for item in first.data["lineItems"]["nodes"]] == [item["sku"] for item in lines]
    assert first.data["lineItems"]["pageInfo"]["hasNextPage"] is False
    assert len(second.data["lineItems"]["nodes"]) == 50


@pytest.mark.parametrize("protected", ["null", "denied"])
def test_people_hidden_by_the_vendor_stop_the_pull_and_are_found_by_check(shop: Shop, protected: Any) -> None:
    shop.simulator.load([customer(n) for n in range(1, 31)])
    shop.simulator.store.protected = protected
    with pytest.raises(AuthError, match="protected customer data"):
        shop.pull(CUSTOMERS)
    assert "protected customer data" in shop.findings()["scopes"]


def test_one_erased_customer_among_others_is_no_reason_to_stop(shop: Shop) -> None:
    erased = {"firstName": None, "lastName": None, "defaultEmailAddress": None, "defaultPhoneNumber": None}
    shop.simulator.load([customer(n) for n in range(1, 31)])
    cursor = shop.pull(CUSTOMERS)[-1].cursor
    shop.clock.advance(timedelta(hours=1))
    shop.simulator.upsert("customers", {"id": "gid://shopify/Customer/3", **erased})
    shop.simulator.load([customer(n, updated=OPENED - timedelta(days=1)) for n in range(1, 31) if n != 3])
    assert ids_of(shop.pull(CUSTOMERS, cursor)) == ["gid://shopify/Customer/3"]


def test_check_names_what_is_wrong(shop: Shop) -> None:
    assert shop.findings() == {}
    assert "version 2025-10 instead of 2024-01" in shop.findings(version="2024-01")["reach"]
    assert list(shop.findings(token="shpat_revoked")) == ["auth"]
    shop.simulator.clock_offset = timedelta(minutes=15)
    assert "900 s behind" in shop.findings()["clock"]


def test_check_names_missing_scopes(shop: Shop) -> None:
    shop.simulator.store.scopes = ("read_customers",)
    assert "read_orders" in shop.findings()["scopes"]


def test_check_survives_an_address_where_nobody_answers(clock: FakeClock) -> None:
    with closing(source_of("http://127.0.0.1:9", clock)) as source:
        assert [(finding.subject, finding.ok) for finding in source.check()] == [("reach", False)]


@pytest.mark.fault("H19")
def test_a_customer_edited_while_his_page_is_read_does_not_carry_the_cursor_past_the_unread(clock: FakeClock) -> None:
    """Pages are sorted by the search index, but nodes are read live: Bob's place is old and his time is new."""
    bob = customer(2, updated=clock.now() - timedelta(minutes=1))
    first = {"nodes": [customer(1), bob], "pageInfo": {"hasNextPage": True, "endCursor": "a"}}
    last = {"nodes": [customer(3)], "pageInfo": {"hasNextPage": False, "endCursor": "b"}}
    with responses.RequestsMock() as shop:
        shop.post(URL, json={"data": {"customers": first}})
        shop.post(URL, json={"data": {"customers": last}})
        before_unread, _ = source_of(SHOP, clock).pull(CUSTOMERS, None)
    assert before_unread.cursor.position == OPENED


def test_a_pull_begins_before_its_cursor_by_the_lookback_in_quotes(clock: FakeClock) -> None:
    page = {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    with responses.RequestsMock() as shop:
        shop.post(URL, json={"data": {"customers": page}})
        [pulled] = source_of(SHOP, clock).pull(CUSTOMERS, Cursor(position=OPENED))
        sent = json.loads(shop.calls[0].request.body or b"")
    assert sent["variables"] == {"n": 250, "after": None, "q": "updated_at:>='2026-03-01T07:35:12Z'"}
    assert pulled.cursor == Cursor(position=OPENED)


def test_what_is_no_record_is_rejected_and_the_rest_is_kept(clock: FakeClock) -> None:
    nodes = [customer(1), {"firstName": "Charlie"}, None, "Charlie", {"id": 4}, {"id": "gid://5", "updatedAt": "soon"}]
    page = {"nodes": nodes, "pageInfo": {"hasNextPage": False, "endCursor": None}}
    with responses.RequestsMock() as shop:
        shop.post(URL, json={"data": {"customers": page}})
        [pulled] = source_of(SHOP, clock).pull(CUSTOMERS, None)
    assert [record.id for record in pulled.records] == ["gid://shopify/Customer/1", "gid://5"]
    assert [reject.raw for reject in pulled.rejects] == ['{"firstName": "Charlie"}', "null", '"Charlie"', '{"id": 4}']
    assert pulled.fetched == len(nodes)
    assert pulled.records[1].changed_at is None
    assert pulled.cursor.position == OPENED


def test_a_deleted_customer_is_no_longer_listed_and_an_order_touches_its_customer(clock: FakeClock) -> None:
    with serve(busy_store(clock, people=5)) as server:
        shop = Shop(server.simulator, server.base_url, clock)
        cursor = shop.pull(CUSTOMERS)[-1].cursor
        clock.advance(timedelta(hours=1))
        server.simulator.delete("customers", "gid://shopify/Customer/5")
        server.simulator.upsert("orders", order(77, buyer=1))
        clock.advance(timedelta(hours=1))
        [page] = shop.pull(CUSTOMERS, cursor)
    touched = {record.id: record.changed_at for record in page.records}
    assert "gid://shopify/Customer/5" not in touched
    assert touched["gid://shopify/Customer/1"] == clock.now() - timedelta(hours=1)
