"""The simulated store on the wire: the path, the token, the throttle and the three places where errors hide."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from graphql import GraphQLError, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.kit.base import utc_now
from connectors.shopify.simulator.answer import Answer
from connectors.shopify.simulator.bucket import Bucket
from connectors.shopify.simulator.cost import cost
from connectors.shopify.simulator.graph import ROOTS, Field, root_fields
from connectors.shopify.simulator.mutation import Mutations
from connectors.shopify.simulator.people import People
from connectors.shopify.simulator.search import Node
from connectors.shopify.simulator.state import StreamName

VERSIONS = ("2025-10", "2026-01", "2026-04", "2026-07", "2026-10")
TOKEN = "shpat_simulated"  # noqa: S105 - opens nothing but this simulator


class ShopifySimulator(People):
    """A store that speaks the Admin GraphQL API. Knobs: `store`, `bucket`, `max_cost` of one query, `window`."""

    def __init__(self, *, token: str = TOKEN, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(now=now)
        self.token = token
        self.bucket = Bucket(self.now)
        self.max_cost = 1_000
        self.window = 25_000

    def routes(self) -> list[Route]:
        return [Route("/admin/api/{version}/graphql.json", self.graphql, methods=["POST"])]

    def load(self, customers: list[Node] | None = None, orders: list[Node] | None = None) -> None:
        """Put nodes in as they are; see `Store`."""
        with self.lock:
            self.store.load(customers or [], orders or [])

    def upsert(self, stream: StreamName, node: Node) -> None:
        """Create or change a node at the simulator's present time; see `Store`."""
        with self.lock:
            self.store.upsert(stream, node)

    def delete(self, stream: StreamName, gid: str) -> None:
        with self.lock:
            self.store.delete(stream, gid)

    def graphql(self, request: Request) -> Response:
        asked = request.path_params["version"]
        if not re.fullmatch(r"\d{4}-\d{2}", asked) or asked > VERSIONS[-1]:
            return _json({"errors": "Not Found"}, 404)
        if request.headers.get("X-Shopify-Access-Token") != self.token:
            return _json({"errors": "[API] Invalid API key or access token"}, 401)
        # an expired version is not refused: the oldest one that is left answers
        version = max(asked, VERSIONS[0])
        try:
            body = orjson.loads(request.state.body)
            text, variables = str(body["query"]), dict(body.get("variables") or {})
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return _json({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        answer = Answer(self.store, self.window)
        mutations = Mutations(answer, self.flips)
        reply = self._reply(answer, mutations, text, variables)
        request.state.records = answer.carried
        if mutations.effect:
            request.state.effect = mutations.effect
        return _json(reply, 200, {"X-Shopify-API-Version": version})

    def _reply(self, answer: Answer, mutations: Mutations, text: str, variables: dict[str, Any]) -> dict[str, Any]:
        try:
            fields = root_fields(text, variables)
        except GraphQLError as error:
            return {"errors": [error.formatted]}
        requested = cost(fields)
        if requested > self.max_cost:
            return _refusal(f"Query cost is {requested}, which exceeds the limit", "MAX_COST_EXCEEDED", requested, {})
        if not self.bucket.take(requested):
            return _refusal("Throttled", "THROTTLED", requested, {"throttleStatus": self.bucket.status()})
        if fields[0].parent is ROOTS[OperationType.MUTATION]:
            data: dict[str, Any] | None = {field.key: mutations.root(field) for field in fields}
        else:
            data = self._data(answer, fields)
        actual = cost(fields, sum(answer.carried.values()))
        self.bucket.give_back(requested - actual)
        extensions: dict[str, Any] = {"cost": _cost(requested, actual, {"throttleStatus": self.bucket.status()})}
        if answer.ignored:
            extensions["search"] = [{"warnings": [{"field": name, "code": "invalid_field"} for name in answer.ignored]}]
        errors = {"errors": [error.formatted for error in answer.errors]} if answer.errors else {}
        return {"data": data, **errors, "extensions": extensions}

    def _data(self, answer: Answer, fields: tuple[Field, ...]) -> dict[str, Any] | None:
        try:
            return {field.key: answer.root(field) for field in fields}
        except GraphQLError as error:
            answer.errors.append(error)
            answer.carried.clear()
            return None


def _refusal(message: str, code: str, requested: int, more: Mapping[str, Any]) -> dict[str, Any]:
    error = {"message": message, "extensions": {"code": code}}
    return {"errors": [error], "extensions": {"cost": _cost(requested, None, more)}}


def _cost(requested: int, actual: int | None, more: Mapping[str, Any]) -> dict[str, Any]:
    return {"requestedQueryCost": requested, "actualQueryCost": actual, **more}


def _json(content: Any, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, media_type="application/json")
