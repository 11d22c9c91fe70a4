"""Pulls a Shopify store's customers and orders, oldest change first, and looks whether a connection can work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.kit.base import Cursor, Finding, Page, Source, Stream
from connectors.kit.clock import SYSTEM, Clock
from connectors.kit.cursors import advance, start_of
from connectors.kit.errors import AuthError, ConnectorError, Truncated
from connectors.kit.pagination import LoopGuard
from connectors.shopify import queries
from connectors.shopify.api import Api
from connectors.shopify.config import ShopifyConfig
from connectors.shopify.health import clock_finding, sample_finding, scope_findings, version_finding
from connectors.shopify.judge import ScopeMissing, TooCostly
from connectors.shopify.nodes import mark, oldest, opened, sorted_out

LOOKBACK = timedelta(minutes=10)
LAG = timedelta(seconds=10)

QUERIES = {"customers": queries.CUSTOMERS, "orders": queries.ORDERS}


@dataclass
class Window:
    """Where a pull stands inside one connection. `size`: the page size that the vendor accepts at present."""

    since: datetime | None
    size: int = queries.PAGE_SIZE
    after: str | None = None
    read: int = 0

    @property
    def is_full(self) -> bool:
        return self.read + self.size > queries.WINDOW

    def restart(self, since: datetime | None) -> None:
        """Ask anew from a later moment, before the vendor's limit. Raises Truncated if there is no later one."""
        if since is None or (self.since is not None and since <= self.since):
            raise Truncated(f"more than {queries.WINDOW} records changed at one moment: Shopify shows no more of them")
        self.since, self.after, self.read = since, None, 0


class ShopifySource(Source):
    """One store. Deleted customers and orders are not seen: the vendor's lists just no longer have them."""

    streams: ClassVar[tuple[Stream, ...]] = (
        Stream("customers", "person", lookback=LOOKBACK, lag=LAG),
        Stream("orders", "order", lookback=LOOKBACK, lag=LAG, forgets=True),  # 60 days, without a further scope
    )

    def __init__(self, config: ShopifyConfig, *, clock: Clock = SYSTEM) -> None:
        self._config = config
        self._clock = clock
        self._api = Api(config, clock)

    def close(self) -> None:
        self._api.close()

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        guard = LoopGuard()
        window = Window(start_of(cursor, stream))
        while True:
            nodes, more, end = opened(self._page(stream, window))
            self._prepare(stream, nodes)
            records, rejects = sorted_out(nodes, stream.name)
            first = oldest(records)
            behind_us = records if not more else (first,) if first else ()
            cursor = advance(cursor, behind_us, stream, self._api.now())
            yield Page(records, cursor, rejects)
            if not more:
                return
            guard.step(end, mark(records))
            window.after, window.read = end, window.read + len(nodes)
            if window.is_full:
                window.restart(first.changed_at if first else None)
                guard = LoopGuard()  # the new window begins with the old one's last page

    def _page(self, stream: Stream, window: Window) -> Any:
        """One page, smaller and smaller while the vendor finds it too costly."""
        while True:
            variables = {"n": window.size, "after": window.after, "q": queries.changed_since(window.since)}
            try:
                data = self._api.data(QUERIES[stream.name], variables)
            except TooCostly:
                if window.size == 1:
                    raise
                window.size //= 2
                continue
            return data.get(stream.name)

    def _prepare(self, stream: Stream, nodes: list[Any]) -> None:
        if stream.name == "orders":
            for node in nodes:
                self._complete(node)
        else:
            self._api.require_shown(nodes)

    def _complete(self, order: Any) -> None:
        """Fetch the line items of a long order, of which a page carries only the first fifty."""
        lines = order.get("lineItems") if isinstance(order, dict) else None
        if lines is None:
            return
        guard = LoopGuard()
        held, more, end = opened(lines)
        while more:
            guard.step(end, b"")
            found = self._api.data(queries.MORE_LINES, {"id": order.get("id"), "after": end}).get("order")
            if found is None:  # deleted meanwhile
                return
            nodes, more, end = opened(found.get("lineItems"))
            held += nodes
            lines["pageInfo"] = {"hasNextPage": more, "endCursor": end}

    def check(self) -> Iterator[Finding]:
        try:
            yield from self._findings()
        except ScopeMissing as error:
            yield Finding("scopes", False, str(error))
        except AuthError as error:
            yield Finding("auth", False, str(error))
        except ConnectorError as error:
            yield Finding("reach", False, str(error))

    def _findings(self) -> Iterator[Finding]:
        reply = self._api.ask(queries.SHOP)
        yield version_finding(self._config.version, reply.headers.get("X-Shopify-API-Version"))
        yield Finding("auth", True)
        yield clock_finding(self._api.now(), self._clock.now())
        yield from scope_findings(reply.json()["data"].get("currentAppInstallation"))
        yield sample_finding(self._api.sample())
