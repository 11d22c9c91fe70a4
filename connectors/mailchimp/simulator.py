"""Mailchimp's Marketing API 3.0 as far as the connector uses it, over real HTTP.

`python -m connectors.mailchimp.simulator --seed-file F.json`, where F holds
{"lists": [{"list_id": "...", "members": [...], "segments": [...]}]}, each as for `load`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
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
from connectors.kit.simulator import CONTROL, Entry, run_standalone
from connectors.mailchimp import writes
from connectors.mailchimp.account import Account
from connectors.mailchimp.audience import STATUSES, Audience
from connectors.mailchimp.wire import Problem, choose, not_found, one_of, page, told, within

OfList = Callable[[Audience, Request], dict[str, Any] | None]

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


class MailchimpSimulator(Account):
    """One API key for all audiences. What happens apart from the API is in `account`."""

    def __init__(self, *, now: Callable[[], datetime] = utc_now, api_key: str = API_KEY) -> None:
        super().__init__(now=now)
        self.api_key = api_key

    @cached_property
    def app(self) -> ASGIApp:
        return _ConnectionLimit(self, super().app)

    def routes(self) -> list[Route]:
        root = "/3.0/lists/{list_id}"
        member = f"{root}/members/{{member}}"
        segment = f"{root}/segments/{{segment_id:int}}"
        return [
            Route("/3.0/ping", self._answer(_ping)),
            Route(root, self._of_list(_list)),
            Route(root, self._of_list(writes.bulk), methods=["POST"]),
            Route(f"{root}/members", self._of_list(_members, {"members": "members"})),
            Route(f"{root}/members", self._of_list(writes.add_member), methods=["POST"]),
            Route(member, self._of_list(_member)),
            Route(member, self._of_list(writes.put_member), methods=["PUT"]),
            Route(member, self._of_list(writes.patch_member), methods=["PATCH"]),
            Route(member, self._of_list(writes.archive_member), methods=["DELETE"]),
            Route(f"{member}/actions/delete-permanent", self._of_list(writes.forget_member), methods=["POST"]),
            Route(f"{member}/tags", self._of_list(_member_tags)),
            Route(f"{member}/tags", self._of_list(writes.tag_member), methods=["POST"]),
            Route(f"{root}/segments", self._of_list(_segments)),
            Route(f"{segment}/members", self._of_list(_segment_members, {"tags": "members"})),
        ]

    def _of_list(self, handler: OfList, carries: Mapping[str, str] | None = None) -> Callable[[Request], Response]:
        """An answer about the list that the path names; 404 without it."""

        def find(request: Request) -> dict[str, Any] | None:
            audience = self.audiences.get(request.path_params["list_id"])
            if audience is None:
                raise not_found()
            return handler(audience, request)

        return self._answer(find, carries)

    def _answer(
        self, handler: Callable[[Request], dict[str, Any] | None], carries: Mapping[str, str] | None = None
    ) -> Callable[[Request], Response]:
        """`carries`: under which key of the document a stream's records are. No document is a 204."""

        def answer(request: Request) -> Response:
            try:
                self._authorise(request)
                said = handler(request)
                if said is None:
                    return Response(status_code=204)
                document = choose(said, request.query_params)
            except Problem as problem:
                content = orjson.dumps(problem.document)
                return Response(content, problem.status, media_type="application/problem+json; charset=utf-8")
            if carries:
                request.state.records = {s: len(document.get(key, ())) for s, key in carries.items()}
            return Response(orjson.dumps(document), media_type="application/json; charset=utf-8")

        return answer

    def _authorise(self, request: Request) -> None:
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        given = {"Basic": _password(value), "Bearer": value}.get(kind)
        if given != self.api_key:
            detail = "Your API key may be invalid, or you've attempted to access the wrong datacenter."
            raise Problem(401, "API Key Invalid", detail)


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


def _list(audience: Audience, _request: Request) -> dict[str, Any]:
    count = len(audience.listing(status="subscribed"))
    about = {"id": audience.list_id, "name": audience.name, "double_optin": audience.double_optin}
    return {**about, "stats": {"member_count": count}}


def _members(audience: Audience, request: Request) -> dict[str, Any]:
    query = request.query_params
    status = one_of(query, "status", (*STATUSES, "archived"))
    sort_field = one_of(query, "sort_field", ("timestamp_opt", "timestamp_signup", "last_changed"))
    rows = within(audience.listing(status=status, sort_field=sort_field), query)
    if one_of(query, "sort_dir", ("ASC", "DESC")) == "DESC":
        rows = rows[::-1]
    members = [told(audience, member) for member in page(rows, query)]
    return {"members": members, "list_id": audience.list_id, "total_items": len(rows), "_links": []}


def _member(audience: Audience, request: Request) -> dict[str, Any]:
    member = audience.members.get(writes.member_id(request))
    if member is None:
        raise not_found()
    return told(audience, member)


def _member_tags(audience: Audience, request: Request) -> dict[str, Any]:
    member_id = writes.member_id(request)
    if member_id not in audience.members:
        raise not_found()
    tags = audience.tags_of(member_id)
    return {"tags": page(tags, request.query_params), "total_items": len(tags)}


def _segments(audience: Audience, request: Request) -> dict[str, Any]:
    """Only static segments are simulated; another `type` has none."""
    query = request.query_params
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


def _segment_members(audience: Audience, request: Request) -> dict[str, Any]:
    query, segment_id = request.query_params, request.path_params["segment_id"]
    if segment_id not in audience.segments:
        raise not_found()
    statuses = ["subscribed", *(status for switch, status in INCLUDES.items() if query.get(switch) == "true")]
    rows = audience.tagged(segment_id, statuses)
    members = [{k: m[k] for k in SEGMENT_MEMBER} for m in page(rows, query)]
    return {"members": members, "total_items": len(rows)}


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
