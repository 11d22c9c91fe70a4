"""Simulators without sockets: requests to their addresses are answered in the thread that asks.

with inprocess({"http://shop.sim": simulator}):
    requests.get("http://shop.sim/customers")
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from starlette.types import ASGIApp, Message, Scope
from urllib3 import HTTPHeaderDict, HTTPResponse

from connectors.kit.simulator import LINE

__all__ = ["inprocess"]


class Served(Protocol):
    """What can be asked: a simulator, or what stands before one."""

    @property
    def app(self) -> ASGIApp: ...


@contextmanager
def inprocess(places: Mapping[str, Served]) -> Iterator[None]:
    """Let every session of requests find these simulators at these addresses ("http://shop.sim"); others stay.

    An error inside a simulator is raised to who asks it, instead of the status 500 of a server.
    """
    adapters = {address.rstrip("/") + "/": _Adapter(served) for address, served in places.items()}
    original = requests.Session.get_adapter

    def get_adapter(session: requests.Session, url: str) -> Any:
        scheme, _, rest = url.partition("://")
        found = adapters.get(f"{scheme}://{rest.partition('/')[0].partition('?')[0]}/")
        return found or original(session, url)

    requests.Session.get_adapter = get_adapter  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        requests.Session.get_adapter = original  # type: ignore[method-assign]


class _Adapter(HTTPAdapter):
    """Calls the app by hand, with no event loop: nothing in a simulator waits for anything."""

    def __init__(self, served: Served) -> None:
        super().__init__(pool_connections=1)
        self._served = served

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Raises ConnectionError where the simulator hangs up."""
        exchange = _Exchange(request)
        _run(self._served.app(exchange.scope, exchange.receive, exchange.send))  # type: ignore[arg-type]
        if exchange.hung_up:
            raise requests.ConnectionError("the simulator hung up", request=request)
        return self.build_response(request, exchange.reply())


class _Exchange:
    """One request and what the app sends for it; also the line that a simulator may cut."""

    def __init__(self, request: requests.PreparedRequest) -> None:
        parts = urlsplit(request.url or "")
        self._body = _bytes(request.body)
        self.hung_up = False
        self._start: Message = {}
        self._chunks: list[bytes] = []
        self.scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": parts.scheme,
            "server": (parts.hostname, parts.port or 80),
            "client": None,
            "root_path": "",
            "path": unquote(parts.path) or "/",
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": [(b"host", parts.netloc.encode()), *_headers(request)],
            "extensions": {LINE: self},
        }

    async def receive(self) -> Message:
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._chunks.append(message.get("body", b""))

    def hang_up(self) -> None:
        self.hung_up = True

    def reply(self) -> HTTPResponse:
        headers = self._start["headers"]
        return HTTPResponse(
            body=BytesIO(b"".join(self._chunks)),
            headers=HTTPHeaderDict([(name.decode("latin-1"), told.decode("latin-1")) for name, told in headers]),
            status=self._start["status"],
            preload_content=False,
        )


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Raises what the app raises, and RuntimeError if it waits for something that only a loop could bring."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("a simulator that is asked in process must not wait")


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""


def _headers(request: requests.PreparedRequest) -> list[tuple[bytes, bytes]]:
    return [(_latin(name).lower(), _latin(value)) for name, value in request.headers.items()]


def _latin(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
