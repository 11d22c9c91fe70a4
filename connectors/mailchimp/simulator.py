"""Mailchimp's Marketing API 3.0 as far as the connector reads it, over real HTTP.

`python -m connectors.mailchimp.simulator --seed-file F.json`, where F holds
{"lists": [{"list_id": "...", "members": [...], "segments": [...]}]}, each as for `load`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import cached_property
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.kit.base import utc_now
from connectors.kit.simulator import CONTROL, Entry, Simulator, run_standalone
from connectors.mailchimp.audience import STATUSES, Audience, Member
from connectors.mailchimp.wire import Problem, choose, not_found, one_of, page, within

API_KEY = "0123456789abcdef0123456789abcdef-us19"
CONNECTIONS = 10
INCLUDES = {
    "include_unsubscribed": "unsubscribed",
    "include_cleaned": "cleaned",
    "include_transactional": "transactional",
}
SEGMENT_MEMBER = (
    "id", "email_address", "unique_email_id", "email_type", "status", "merge_fields", "interests", "stats",
    "ip_signup", "timestamp_signup", "ip_opt", "timestamp_opt", "member_rating", "last_changed", "language",
    "vip", "email_client", "location", "list_id",
)  # fmt: skip


class MailchimpSimulator(Simulator):
    """Audiences by list id, one API key for all. The verbs below may be called from any thread."""

    def __init__(self, *, now: Callable[[], datetime] = utc_now, api_key: str = API_KEY) -> None:
        super().__init__(now=now)
        self.api_key = api_key
        self.audiences: dict[str, Audience] = {}

    @cached_property
    def app(self) -> ASGIApp:
        return _ConnectionLimit(self, super().app)

    def load(
        self,
        list_id: str,
        members: Iterable[Mapping[str, Any]] = (),
        segments: Iterable[Mapping[str, Any]] = (),
        name: str = "Newsletter",
    ) -> Audience:
        """Add to a list, which is made if new.

        A member needs its `email_address`; the rest is completed. `status` is the real one, and `archived: true`
        hides it; `tags` are names; `last_changed` is now unless given. A segment is {id, name, members: [member id]}.
        """
        with self.lock:
            audience = self.audiences.setdefault(list_id, Audience(list_id, name, self.now))
            for member in members:
                audience.upsert(member)
            for segment in segments:
                audience.add_segment(segment["name"], segment["members"], segment["id"])
            return audience

    def upsert(self, list_id: str, member: Mapping[str, Any]) -> str:
        """Add or change by address; returns the member's id."""
        with self.lock:
            return self.audiences[list_id].upsert(member)

    def edit(self, list_id: str, member_id: str, **changes: Any) -> str:
        """Change fields (the clock's time becomes `last_changed`); returns the id, new with a new address."""
        with self.lock:
            return self.audiences[list_id].edit(member_id, changes)

    def archive(self, list_id: str, member_id: str) -> None:
        with self.lock:
            self.audiences[list_id].archive(member_id)

    def delete(self, list_id: str, member_id: str) -> None:
        """Permanently."""
        with self.lock:
            self.audiences[list_id].delete(member_id)

    def tag(self, list_id: str, member_id: str, name: str) -> None:
        with self.lock:
            self.audiences[list_id].tag(member_id, name)

    def untag(self, list_id: str, member_id: str, name: str) -> None:
        with self.lock:
            self.audiences[list_id].untag(member_id, name)

    def routes(self) -> list[Route]:
        root = "/3.0/lists/{list_id}"
        return [
            Route("/3.0/ping", self._answer(_ping)),
            Route(root, self._answer(self._list)),
            Route(f"{root}/members", self._answer(self._members, {"members": "members"})),
            Route(f"{root}/segments", self._answer(self._segments)),
            Route(
                f"{root}/segments/{{segment_id:int}}/members",
                self._answer(self._segment_members, {"tags": "members"}),
            ),
        ]

    def _answer(
        self, handler: Callable[[Request], dict[str, Any]], carries: Mapping[str, str] | None = None
    ) -> Callable[[Request], Response]:
        """`carries`: under which key of the document a stream's records are."""

        def answer(request: Request) -> Response:
            try:
                self._authorise(request)
                document = choose(handler(request), request.query_params)
            except Problem as problem:
                content = orjson.dumps(problem.document)
                return Response(content, problem.status, media_type="application/problem+json; charset=utf-8")
            request.state.records = {s: len(document.get(key, ())) for s, key in (carries or {}).items()}
            return Response(orjson.dumps(document), media_type="application/json; charset=utf-8")

        return answer

    def _authorise(self, request: Request) -> None:
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        given = {"Basic": _password(value), "Bearer": value}.get(kind)
        if given != self.api_key:
            detail = "Your API key may be invalid, or you've attempted to access the wrong datacenter."
            raise Problem(401, "API Key Invalid", detail)

    def _audience(self, request: Request) -> Audience:
        audience = self.audiences.get(request.path_params["list_id"])
        if audience is None:
            raise not_found()
        return audience

    def _list(self, request: Request) -> dict[str, Any]:
        audience = self._audience(request)
        count = len(audience.listing(status="subscribed"))
        return {"id": audience.list_id, "name": audience.name, "double_optin": False, "stats": {"member_count": count}}

    def _members(self, request: Request) -> dict[str, Any]:
        audience, query = self._audience(request), request.query_params
        status = one_of(query, "status", (*STATUSES, "archived"))
        sort_field = one_of(query, "sort_field", ("timestamp_opt", "timestamp_signup", "last_changed"))
        rows = within(audience.listing(status=status, sort_field=sort_field), query)
        if one_of(query, "sort_dir", ("ASC", "DESC")) == "DESC":
            rows = rows[::-1]
        members = [{**audience.shown(m), "_links": _links(m)} for m in page(rows, query)]
        return {"members": members, "list_id": audience.list_id, "total_items": len(rows), "_links": []}

    def _segments(self, request: Request) -> dict[str, Any]:
        """Only static segments are simulated; another `type` has none."""
        audience, query = self._audience(request), request.query_params
        kind = one_of(query, "type", ("saved", "static", "fuzzy"))
        rows = list(audience.segments.values()) if kind in (None, "static") else []
        segments = [
            {
                **{k: s[k] for k in ("id", "name", "created_at", "updated_at")},
                "member_count": len(audience.tagged(s["id"], ["subscribed"])),
                "type": "static",
                "options": {"match": "any", "conditions": []},
                "list_id": audience.list_id,
            }
            for s in page(rows, query)
        ]
        return {"segments": segments, "list_id": audience.list_id, "total_items": len(rows)}

    def _segment_members(self, request: Request) -> dict[str, Any]:
        audience, query = self._audience(request), request.query_params
        segment_id = request.path_params["segment_id"]
        if segment_id not in audience.segments:
            raise not_found()
        statuses = ["subscribed", *(status for switch, status in INCLUDES.items() if query.get(switch) == "true")]
        rows = audience.tagged(segment_id, statuses)
        members = [{k: m[k] for k in SEGMENT_MEMBER} for m in page(rows, query)]
        return {"members": members, "total_items": len(rows)}


class _ConnectionLimit:
    """The vendor serves ten connections of an account at once and turns the eleventh away, without Retry-After."""

    def __init__(self, simulator: MailchimpSimulator, app: ASGIApp) -> None:
        self.simulator = simulator
        self.app = app
        self.open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(CONTROL):
            await self.app(scope, receive, send)
            return
        if self.open >= CONNECTIONS:
            await self._turn_away(scope)(scope, receive, send)
            return
        self.open += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.open -= 1

    def _turn_away(self, scope: Scope) -> Response:
        detail = "You have exceeded the limit of 10 simultaneous connections."
        problem = Problem(429, "Too Many Requests", detail)
        at = self.simulator.now()
        self.simulator.ledger.append(Entry(at, scope["method"], scope["path"], dict(Request(scope).query_params), 429))
        return Response(
            orjson.dumps(problem.document),
            429,
            {"Date": format_datetime(at, usegmt=True)},
            media_type="application/problem+json; charset=utf-8",
        )


def _ping(_request: Request) -> dict[str, Any]:
    return {"health_status": "Everything's Chimpy!"}


def _links(member: Member) -> list[dict[str, str]]:
    href = f"https://us19.api.mailchimp.com/3.0/lists/{member['list_id']}/members/{member['id']}"
    return [{"rel": "self", "href": href, "method": "GET"}, {"rel": "update", "href": href, "method": "PATCH"}]


def _password(basic: str) -> str:
    try:
        return base64.b64decode(basic, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _build(seed: Any) -> MailchimpSimulator:
    simulator = MailchimpSimulator()
    for audience in (seed or {}).get("lists", ()):
        simulator.load(**audience)
    return simulator


if __name__ == "__main__":
    run_standalone(_build)
