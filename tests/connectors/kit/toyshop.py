"""A vendor of the tests' own with a source that reads it rightly: the smallest pair that keeps the laws."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.kit.base import Cursor, Finding, Page, Record, Source, Stream
from connectors.kit.clock import Clock
from connectors.kit.cursors import advance, start_of
from connectors.kit.errors import AuthError, BadPayload, ConnectorError
from connectors.kit.http import Http, Reply
from connectors.kit.pagination import LoopGuard
from connectors.kit.simulator import Simulator, json_body

TOKEN = "toy-secret-token"
PEOPLE = Stream("people", "person", lookback=timedelta(minutes=1), lag=timedelta(seconds=30))


class ToySimulator(Simulator):
    """Seven people, two on a page, two of them changed in one instant."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(now=clock.now)
        dawn = self.now() - timedelta(days=1)
        self.people = {str(n): dawn + timedelta(minutes=10 * (n // 2)) for n in range(7)}

    def routes(self) -> list[Route]:
        return [Route("/people", self.list_people), Route("/people/{id}", self.touch, methods=["POST"])]

    def list_people(self, request: Request) -> Response:
        if request.headers.get("X-Token") != TOKEN:
            return JSONResponse({"error": "who are you?"}, 401)
        since = request.query_params.get("since", "")
        ordered = sorted((at.isoformat(), name) for name, at in self.people.items() if at.isoformat() >= since)
        start = int(request.query_params.get("offset", 0))
        page = ordered[start : start + 2]
        request.state.records = {"people": len(page)}
        more = start + 2 if start + 2 < len(ordered) else None
        return JSONResponse({"people": [{"id": name, "changed": at} for at, name in page], "next": more})

    def touch(self, request: Request) -> Response:
        name = request.path_params["id"]
        request.state.effect = {"before": self.people[name].isoformat(), "after": json_body(request)["at"]}
        self.people[name] = datetime.fromisoformat(json_body(request)["at"])
        return JSONResponse({})


class ToySource(Source):
    """Reads the toy shop; see the module."""

    streams: ClassVar[tuple[Stream, ...]] = (PEOPLE,)

    def __init__(self, base_url: str, token: str, clock: Clock) -> None:
        self.clock = clock
        self.http = Http(base_url, headers={"X-Token": token}, judge=self.judge, clock=clock, secrets=[token])

    def judge(self, reply: Reply) -> None:
        if reply.ok and not isinstance(reply.json(), dict):
            raise BadPayload("the toy shop answered something else than a page")

    def check(self) -> Iterator[Finding]:
        try:
            self.http.get("people")
        except AuthError as error:
            yield Finding("auth", ok=False, message=str(error))
        except ConnectorError as error:
            yield Finding("reach", ok=False, message=str(error))
        else:
            yield Finding("auth", ok=True)

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        guard, since = LoopGuard(), start_of(cursor, stream)
        asked: dict[str, Any] = {"since": since.isoformat()} if since else {}
        while True:
            reply = self.http.get("people", asked)
            page = reply.json()
            records = tuple(Record(p["id"], p, datetime.fromisoformat(p["changed"])) for p in page["people"])
            cursor = advance(cursor, records, stream, self.clock.now())
            yield Page(records, cursor)
            if page["next"] is None:
                return
            asked["offset"] = page["next"]
            guard.step(str(page["next"]), reply.content)

    def close(self) -> None:
        self.http.close()
