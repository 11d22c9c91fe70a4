"""The simulated account's API on the wire: paths, bearer tokens, limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.kit.base import utc_now
from connectors.kit.destination import effect_of_tag
from connectors.kit.simulator import Simulator, json_body
from connectors.zendesk.simulator.account import Account, address_of, tag_list
from connectors.zendesk.simulator.export import start_cursor
from connectors.zendesk.simulator.jobs import Jobs
from connectors.zendesk.simulator.wire import Problem, Window, bad_request, invalid, not_found

TOKEN = "zendesk-simulated-token"  # noqa: S105 - opens nothing but this simulator
CLIENT_ID = "contact_hub"
CLIENT_SECRET = "zendesk-simulated-secret"  # noqa: S105 - likewise
MOST = 100
PAGE = 1000
TICKET_FIELDS = ("subject", "external_id", "priority", "type", "tags", "requester_id")
CONSENT_FIELDS = {"email": "consent_email", "sms": "consent_sms"}


class ZendeskApiSimulator(Simulator):
    """The half of the simulator that answers requests; see ZendeskSimulator for what people do.

    Knobs: `hold_back` of the export; `repeats`, how many rows of the page before a page brings again;
    `incremental_limit` and `user_limit`, calls a minute; `admin`: whether the token's user may export.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = utc_now,
        token: str = TOKEN,
        consent_fields: Mapping[str, str] = CONSENT_FIELDS,
    ) -> None:
        super().__init__(now=now)
        self.account = Account(self.now, consent_fields)
        self.jobs = Jobs(self.account)
        self.tokens = {token}
        self.issued: set[str] = set()
        self.hold_back = timedelta(minutes=1)
        self.repeats = 1
        self.incremental_limit = 10
        self.user_limit = 5
        self.admin = True
        self._window = Window()

    def routes(self) -> list[Route]:
        paths: list[tuple[str, str, Callable[[Request], Any]]] = [
            ("/api/v2/incremental/users/cursor", "GET", lambda request: self._export(request, "users")),
            ("/api/v2/incremental/tickets/cursor", "GET", lambda request: self._export(request, "tickets")),
            ("/api/v2/user_fields", "GET", self._user_fields),
            ("/api/v2/users/show_many", "GET", self._show_many),
            ("/api/v2/users/update_many", "PUT", self._update_many),
            ("/api/v2/users/{user_id:int}", "GET", lambda request: {"user": self._shown(self._user(request))}),
            ("/api/v2/users/{user_id:int}", "PUT", self._update),
            ("/api/v2/users/{user_id:int}", "DELETE", self._delete),
            ("/api/v2/deleted_users/{user_id:int}", "DELETE", self._forget),
            ("/api/v2/users/{user_id:int}/tags", "GET", lambda request: self._tags_of(self._user(request))),
            ("/api/v2/users/{user_id:int}/tags", "PUT", self._write_tags),
            ("/api/v2/users/{user_id:int}/tags", "POST", self._write_tags),
            ("/api/v2/users/{user_id:int}/tags", "DELETE", self._write_tags),
            ("/api/v2/tickets", "GET", self._list_tickets),
            ("/api/v2/tickets", "POST", self._create_ticket),
            ("/api/v2/job_statuses/{job_id:str}", "GET", self._job),
        ]
        routes = [Route("/oauth/tokens", self._answer(self._issue, open_to_all=True), methods=["POST"])]
        for path, method, handler in paths:  # the suffix first: {job_id} would take it for a part of the id
            routes += [Route(path + end, self._answer(handler), methods=[method]) for end in (".json", "")]
        return routes

    def _answer(self, handler: Callable[[Request], Any], *, open_to_all: bool = False) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            try:
                if not open_to_all:
                    self._authorise(request)
                document, status, headers = handler(request), 201 if _creates(request) else 200, {}
            except Problem as problem:
                document, status, headers = problem.document, problem.status, problem.headers
            except json.JSONDecodeError:
                document, status, headers = {"error": "Unparsable JSON"}, 400, {}
            return Response(orjson.dumps(document), status, headers, media_type="application/json; charset=utf-8")

        return answer

    def _authorise(self, request: Request) -> None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.tokens | self.issued:
            raise Problem(401, {"error": "Couldn't authenticate you"})

    def _issue(self, request: Request) -> Any:
        body = json_body(request)
        if body.get("grant_type") != "client_credentials":
            raise Problem(400, {"error": "unsupported_grant_type", "error_description": "Not supported here."})
        if (body.get("client_id"), body.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise Problem(401, {"error": "invalid_client", "error_description": "No such client"})
        token = f"zendesk-issued-{len(self.ledger)}"
        self.issued.add(token)
        return {"access_token": token, "token_type": "bearer", "scope": body.get("scope", "read")}

    def _export(self, request: Request, stream: str) -> Any:
        if not self.admin:
            raise Problem(403, {"error": {"title": "Forbidden", "message": "You do not have access to this page."}})
        self._window.take("incremental", self.incremental_limit, self.now())
        query = request.query_params
        given = query.get("cursor")
        cursor = start_cursor(self._start_time(query.get("start_time"))) if given is None else given
        count = min(int(query.get("per_page", PAGE)), PAGE)
        until = int((self.now() - self.hold_back).timestamp())
        try:
            repeats = self.repeats if given is not None else 0
            part = self.account.logs[stream].page(cursor, until=until, count=count, repeats=repeats)
        except ValueError:
            raise bad_request("The cursor is not valid") from None
        rows = [
            self.account.shown_user(record_id) if stream == "users" else self.account.shown_ticket(record_id, generated)
            for record_id, generated in part.rows
        ]
        request.state.records = {stream: len(rows)}
        after_url = f"{request.url.scheme}://{request.url.netloc}{request.url.path}?cursor={part.cursor}"
        ends = {"before_cursor": None, "before_url": None, "end_of_stream": part.at_end}
        return {stream: rows, "after_cursor": part.cursor, "after_url": after_url, **ends}

    def _start_time(self, text: str | None) -> int:
        if text is None or not text.isdecimal():
            raise bad_request("start_time is missing or no unix time")
        if int(text) > self.now().timestamp() - 60:
            raise Problem(
                422, {"error": "InvalidValue", "description": "Too recent start_time. Use one older than 60 seconds"}
            )
        return int(text)

    def _user_fields(self, request: Request) -> Any:
        rows = list(self.account.fields.values())
        size, start = int(request.query_params.get("page[size]", MOST)), int(request.query_params.get("page[after]", 0))
        more = start + size < len(rows)
        meta = {"has_more": more, "after_cursor": str(start + size) if more else None, "before_cursor": None}
        return {"user_fields": rows[start : start + size], "meta": meta, "links": {"next": None, "prev": None}}

    def _show_many(self, request: Request) -> Any:
        ids = [int(one) for one in request.query_params.get("ids", "").split(",") if one.isdecimal()]
        if len(ids) > MOST:
            raise bad_request(f"Too many ids: {MOST} at most")
        users = [self._shown(user_id) for user_id in dict.fromkeys(ids) if user_id in self.account.users]
        return {"users": users, "next_page": None, "previous_page": None, "count": len(users)}

    def _update_many(self, request: Request) -> Any:
        body, ids = json_body(request), request.query_params.get("ids", "")
        rows = body.get("users") or [{**body.get("user", {}), "id": int(one)} for one in ids.split(",") if one]
        if not rows or len(rows) > MOST:
            raise bad_request(f"Give 1 to {MOST} users")
        job, request.state.effect = self.jobs.start(rows, self.now())
        return job.told("queued")

    def _job(self, request: Request) -> Any:
        return self.jobs.show(request.path_params["job_id"], self.now())

    def _update(self, request: Request) -> Any:
        user_id = self._user(request)
        self._window.take(f"user {user_id}", self.user_limit, self.now())
        given, before = json_body(request).get("user") or {}, self.account.users[user_id]
        wrong = self.account.refused_field(given.get("user_fields") or {})
        if not wrong:
            self.account.update(user_id, given)
        request.state.effect = self.account.effect(user_id, given, before)
        if wrong:
            raise invalid(wrong, f"{wrong}: the value is invalid")
        return {"user": self._shown(user_id)}

    def _delete(self, request: Request) -> Any:
        user_id, request.state.effect = self._user(request), {}
        self.account.edit_user(user_id, {"active": False})
        return {"user": self._shown(user_id)}

    def _forget(self, request: Request) -> Any:
        user_id, request.state.effect = request.path_params["user_id"], {}
        if self.account.users.get(user_id, {}).get("active", True):
            raise not_found()
        nothing: dict[str, Any] = {"email": None, "phone": None, "external_id": None, "tags": [], "user_fields": {}}
        self.account.edit_user(user_id, {"name": "Permanently Deleted User", **nothing})
        return {"deleted_user": self._shown(user_id)}

    def _write_tags(self, request: Request) -> Any:
        """PUT adds, POST replaces all, DELETE removes."""
        user_id = self._user(request)
        self._window.take(f"user {user_id}", self.user_limit, self.now())
        before = self.account.users[user_id]
        asked, held = tag_list(json_body(request)["tags"]), before["tags"]
        if request.method == "DELETE":
            left = [tag for tag in held if tag not in asked]
        else:
            left = asked if request.method == "POST" else tag_list([*held, *asked])
        self.account.edit_user(user_id, {"tags": left})
        request.state.effect = {"tags": self._tag_effects(request.method, before, asked)}
        return {"tags": left}

    def _tag_effects(self, method: str, before: Mapping[str, Any], asked: list[str]) -> list[dict[str, Any]]:
        if method == "POST":
            return self.account.tag_effects(dict(before), asked)
        wanted, address = "remove" if method == "DELETE" else "add", address_of(dict(before), "email")
        return [effect_of_tag(str(before["id"]), address, tag, wanted, True) for tag in asked]

    def _list_tickets(self, request: Request) -> Any:
        wanted = request.query_params.get("external_id")
        rows = [row for row in self.account.tickets.values() if wanted is None or row["external_id"] == wanted]
        meta = {"has_more": len(rows) > MOST, "after_cursor": None, "before_cursor": None}
        return {"tickets": rows[:MOST], "meta": meta, "links": {"next": None, "prev": None}}

    def _create_ticket(self, request: Request) -> Any:
        """Makes another one whenever it is asked: `external_id` need not be unique."""
        given = json_body(request).get("ticket") or {}
        comment = given.get("comment") or {}
        if not comment.get("body"):
            raise invalid("comment", "Description: cannot be blank")
        known = {name: given[name] for name in TICKET_FIELDS if name in given}
        public = bool(comment.get("public", True))
        row = {**known, "raw_subject": given.get("subject", ""), "description": comment["body"], "is_public": public}
        ticket_id = self.account.add_ticket(row)
        request.state.effect = {"ticket": ticket_id, "external_id": given.get("external_id"), "public": public}
        return {"ticket": self.account.tickets[ticket_id], "audit": {"id": ticket_id, "ticket_id": ticket_id}}

    def _user(self, request: Request) -> int:
        user_id: int = request.path_params["user_id"]
        if user_id not in self.account.users or (request.method != "GET" and not self.account.users[user_id]["active"]):
            raise not_found()
        return user_id

    def _shown(self, user_id: int) -> dict[str, Any]:
        return self.account.shown_user(user_id)

    def _tags_of(self, user_id: int) -> dict[str, Any]:
        return {"tags": self.account.users[user_id]["tags"]}


def _creates(request: Request) -> bool:
    return request.method == "POST" and request.url.path.removesuffix(".json").endswith(("/tags", "/tickets"))
