"""The base of every vendor's simulator: the vendor's wire format over real HTTP, with state, ledger and faults.

    class ShopSimulator(Simulator):
        def __init__(self, *, now: Callable[[], datetime] = utc_now) -> None:
            super().__init__(now=now)
            self.customers: dict[str, dict[str, Any]] = {}

        def routes(self) -> list[Route]:
            return [Route("/customers", self.list_customers), Route("/customers", self.add, methods=["POST"])]

        def list_customers(self, request: Request) -> Response:     # sync, quick, under self.lock
            page = list(self.customers.values())[:250]
            request.state.records = {"customers": len(page)}        # what the reply carries, for the ledger
            return JSONResponse({"customers": page})

        def add(self, request: Request) -> Response:
            customer = json_body(request)                           # or request.state.body, the raw bytes
            request.state.effect = {"before": None, "after": customer["consent"]}
            ...

    with serve(ShopSimulator()) as server:                          # or: server = serve(...); ...; server.stop()
        requests.get(server.base_url + "/customers")
        server.simulator.script(Fault(match="/customers", status=429, headers={"Retry-After": "2"}))

A scripted request never reaches the handler, except one with only a `delay` and one with `lose_reply`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.kit.base import utc_now

CONTROL = "/_sim/"
LINE = "contact_hub.line"
"""The ASGI extension of who calls in process: an object whose `hang_up()` ends the exchange without a reply."""

TOO_MANY = {"Retry-After": "1"}
"""What a vendor says with the 429 to who has called too often within a second."""

Handler = Callable[[Request], Response]


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as the vendor saw it. `records`: how many records of each stream the reply carried to the caller.

    `effect` is what a write did (for consent: the state before and after). `status` is 0 if no reply was sent.
    """

    at: datetime
    method: str
    path: str
    query: dict[str, str]
    status: int
    records: dict[str, int] = field(default_factory=dict)
    effect: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the requests whose path contains `match`: the first `after` pass, the next `times` are hit.

    Without a word on the reply the request is only late by `delay` seconds. `drop` closes the connection at once;
    `lose_reply` does the work and then closes it without an answer; `repeat` sends the reply before once more.
    """

    match: str = ""
    times: int = 1
    after: int = 0
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0
    drop: bool = False
    lose_reply: bool = False
    repeat: bool = False


class _Scripted:
    """A fault with the count of the requests it has met."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.met = 0

    def hits(self, path: str) -> bool:
        if self.fault.match not in path or self.met >= self.fault.after + self.fault.times:
            return False
        self.met += 1
        return self.met > self.fault.after


class Simulator(ABC):
    """A vendor's server in memory. Handlers run one at a time; whoever else touches the state takes `lock`."""

    def __init__(self, *, now: Callable[[], datetime] = utc_now) -> None:
        self._now = now
        self._scripted: list[_Scripted] = []
        self.clock_offset = timedelta(0)
        self.calls_a_second = 0
        """More calls than these within a second are turned away, as long as it is not 0; see `TOO_MANY`."""
        self._second = (0, 0)
        self.lock = threading.RLock()
        self.ledger: list[Entry] = []

    @abstractmethod
    def routes(self) -> list[Route]:
        """The vendor's paths, with synchronous handlers."""

    def now(self) -> datetime:
        """The vendor's clock (aware UTC): what its records and its Date header say."""
        return self._now() + self.clock_offset

    def script(self, *faults: Fault) -> None:
        """Let these happen, each from now on; the first one that fits a request takes it."""
        with self.lock:
            self._scripted.extend(_Scripted(fault) for fault in faults)

    def clear_faults(self) -> None:
        with self.lock:
            self._scripted.clear()

    @cached_property
    def app(self) -> ASGIApp:
        """The ASGI app; built when first asked for, so that a subclass may finish its __init__ before."""
        vendor: list[BaseRoute] = [
            Route(route.path, self._locked(route.endpoint), methods=list(route.methods or ()), name=route.name)
            for route in self.routes()
        ]
        return _Wire(self, Starlette(routes=[*self._control(), *vendor]))

    def _control(self) -> list[Route]:
        return [
            Route(CONTROL + "ledger", self._locked(self._show_ledger)),
            Route(CONTROL + "faults", self._locked(self._add_faults), methods=["POST"]),
            Route(CONTROL + "clock", self._locked(self._set_clock), methods=["POST"]),
        ]

    def _locked(self, handler: Handler) -> Callable[[Request], Any]:
        async def run(request: Request) -> Response:  # a coroutine spares the hop into a worker thread per request
            with self.lock:
                return handler(request)

        return run

    def _show_ledger(self, _request: Request) -> Response:
        return JSONResponse([{**asdict(entry), "at": entry.at.isoformat()} for entry in self.ledger])

    def _add_faults(self, request: Request) -> Response:
        """Body: one fault or a list of them, `body` as text."""
        given = json_body(request)
        for fault in given if isinstance(given, list) else [given]:
            self.script(Fault(**{**fault, "body": str(fault.get("body", "")).encode()}))
        return JSONResponse({"scripted": len(self._scripted)})

    def _set_clock(self, request: Request) -> Response:
        self.clock_offset = timedelta(seconds=float(json_body(request)["offset_seconds"]))
        return JSONResponse({"now": self.now().isoformat()})

    def _is_too_many(self) -> bool:
        """Count a call; whether this second has had its share, by a clock that nobody moves."""
        with self.lock:
            second, calls = int(time.monotonic()), 1
            if self._second[0] == second:
                calls += self._second[1]
            self._second = (second, calls)
            return 0 < self.calls_a_second < calls

    def _take_fault(self, path: str) -> Fault | None:
        with self.lock:
            return next((scripted.fault for scripted in self._scripted if scripted.hits(path)), None)


def json_body(request: Request) -> Any:
    """The request's body as JSON; raises json.JSONDecodeError."""
    return json.loads(request.state.body)


class _Wire:
    """Around the vendor's app: reads the body, lets scripted faults happen, dates the reply, writes the ledger."""

    def __init__(self, simulator: Simulator, app: ASGIApp) -> None:
        self.simulator = simulator
        self.app = app
        self.said: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["body"] = await _read(receive)
        is_control = scope["path"].startswith(CONTROL)
        if not is_control and self.simulator._is_too_many():
            await Response(b"", 429, TOO_MANY)(scope, receive, self._recording(scope, send))
            return
        fault = None if is_control else self.simulator._take_fault(scope["path"])
        if fault is None:
            await self.app(scope, receive, self._recording(scope, send))
            return
        if fault.delay and LINE not in scope.get("extensions", {}):  # in process nobody has the patience
            await asyncio.sleep(fault.delay)
        await self._suffer(fault, scope, receive, send)

    async def _suffer(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.drop or fault.lose_reply:
            if fault.lose_reply:
                await self.app(scope, receive, _nowhere)
            self._write(scope, 0)
            await _hang_up(scope, receive, send)
        elif fault.status is not None:
            reply = Response(fault.body, fault.status, dict(fault.headers))
            await reply(scope, receive, self._recording(scope, send))
        elif fault.repeat:
            for message in self.said:
                await send(message)
        else:
            await self.app(scope, receive, self._recording(scope, send))

    def _recording(self, scope: Scope, send: Send) -> Send:
        said: list[Message] = [] if scope["path"].startswith(CONTROL) else self.said

        async def recorded(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self.simulator.now(), usegmt=True).encode()
                kept = [header for header in message["headers"] if header[0].lower() != b"date"]
                message["headers"] = [*kept, (b"date", date)]
                self._write(scope, message["status"])
                said.clear()
            said.append(message)
            await send(message)

        return recorded

    def _write(self, scope: Scope, status: int) -> None:
        if scope["path"].startswith(CONTROL):
            return
        state = scope["state"]
        entry = Entry(
            at=self.simulator.now(),
            method=scope["method"],
            path=scope["path"],
            query=dict(Request(scope).query_params),
            status=status,
            records=state.get("records", {}) if status else {},
            effect=state.get("effect"),
        )
        with self.simulator.lock:
            self.simulator.ledger.append(entry)


async def _read(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def _nowhere(_message: Message) -> None:
    return


async def _hang_up(scope: Scope, receive: Receive, send: Send) -> None:
    # ASGI has no word for "close the line": in process there is one of ours, and uvicorn's send belongs to the object
    # that holds the transport.
    if line := scope.get("extensions", {}).get(LINE):
        line.hang_up()
        return
    send.__self__.transport.abort()  # type: ignore[attr-defined]
    while (await receive())["type"] != "http.disconnect":
        pass


class _Server(uvicorn.Server):
    """Stops within a hundredth of a second instead of a tenth: every connector test stops one."""

    async def main_loop(self) -> None:
        while not self.should_exit:
            await asyncio.sleep(0.01)


S = TypeVar("S", bound=Simulator)


class serve(Generic[S]):  # noqa: N801 - read as the verb it is at the call: `with serve(simulator) as server`
    """A simulator on 127.0.0.1 in a thread, running from construction to `stop()` or the end of the with block."""

    def __init__(self, simulator: S, port: int = 0) -> None:
        self.simulator = simulator
        # asyncio switches Nagle's delay off only for sockets that say they are TCP; with it a request takes 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            simulator.app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="simulator", daemon=True)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.002)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    def __enter__(self) -> serve[S]:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.stop()


def run_standalone(build: Callable[[Any], Simulator], argv: Sequence[str] | None = None) -> None:
    """What `python -m connectors.<kind>.simulator` does: serve until interrupted.

    `build` is given the seed file's JSON, or None without one.
    """
    parser = argparse.ArgumentParser(description="Serve this vendor's simulator on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed-file", type=Path, help="JSON the simulator starts with")
    options = parser.parse_args(argv)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would not hear it else
    seed = json.loads(options.seed_file.read_bytes()) if options.seed_file else None
    with serve(build(seed), options.port) as server:
        try:
            print(server.base_url, flush=True)
            threading.Event().wait()
        except KeyboardInterrupt:
            return
