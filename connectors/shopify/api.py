"""One store's GraphQL endpoint: questions that may be asked again, and whether the answers show us people at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.kit.clock import Clock
from connectors.kit.http import Http, Reply
from connectors.shopify import queries
from connectors.shopify.config import ShopifyConfig
from connectors.shopify.health import HIDDEN, shown
from connectors.shopify.judge import Judge, ScopeMissing
from connectors.shopify.nodes import listed

SAMPLED = 50
"""How many customers are looked at to see whether the store shows us its customers' data."""


def open_http(config: ShopifyConfig, clock: Clock, judge: Judge) -> Http:
    token = config.token.get_secret_value()
    headers = {"X-Shopify-Access-Token": token}
    return Http(config.url, headers=headers, judge=judge, clock=clock, secrets=[token])


class Api:
    """Asks one store; for one thread, close it. Every method raises the classes of `connectors.kit.errors`."""

    def __init__(self, config: ShopifyConfig, clock: Clock) -> None:
        self._path = config.path
        self._clock = clock
        self._http = open_http(config, clock, Judge(clock.now))

    def close(self) -> None:
        self._http.close()

    def now(self) -> datetime:
        """The vendor's clock at its last reply, else ours."""
        return self._http.server_now or self._clock.now()

    def ask(self, query: str, variables: dict[str, Any] | None = None) -> Reply:
        return self._http.post(self._path, json={"query": query, "variables": variables or {}}, safe=True)

    def data(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = self.ask(query, variables).json()["data"]
        return data

    def sample(self) -> list[Any]:
        """A few customers, for what the store shows of them."""
        return listed(self.data(queries.SAMPLE, {"n": SAMPLED}).get("customers"), "nodes")

    def require_shown(self, customers: list[Any]) -> None:
        """Raises ScopeMissing when the store hides who its customers are: null then does not mean "has none"."""
        if customers and not shown(customers):
            sample = self.sample()
            if sample and not shown(sample):
                raise ScopeMissing(HIDDEN.format("names, e-mail addresses and phone numbers"))
