"""One HTTP exchange, bounded in time and size. No retries, no judgement: a Reply or a Broken."""

from __future__ import annotations

import http.client
import io
import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connectors.kit.door import Door
from connectors.kit.door import Refused as DoorShut
from connectors.kit.errors import BadPayload
from connectors.kit.reply import Reply

MAX_BODY = 64 * 1024 * 1024
MAX_RATIO = 200
SMALL = 1024 * 1024
"""Decoded bytes below which the ratio is not looked at: a small body may be as dense as it likes."""
CHUNK = 64 * 1024


_HEADERS = {"User-Agent": "contact-hub", "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}


class Broken(Exception):
    """No whole reply came. Says what broke in words of our own: the libraries' texts quote the URL with its query."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: for a connection to stand, for each single read, and for the whole exchange."""

    connect: float
    read: float
    deadline: float


class Deadline:
    """The moment by which the exchange under way must be over, and how long the next read may take.

    By the system's monotonic clock, also in tests: it measures a real wire, where no fake clock says what passes.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._at = 0.0

    def start(self) -> None:
        self._at = time.monotonic() + self._limits.deadline

    def remaining(self) -> float:
        return self._at - time.monotonic()

    def next_read(self) -> float:
        """Raises TimeoutError when the deadline is past."""
        remaining = self.remaining()
        if remaining <= 0:
            raise TimeoutError("deadline")
        return min(self._limits.read, remaining)


class Transport:
    """One session: kept connections, verified TLS, no redirects, nothing from .netrc. Not for several threads.

    With a `door` every connection goes to an address that it has judged, and none through a proxy, which would look
    the name up by itself; `by_proxy`: where the environment names one it is used, and left to judge.
    `may_be_empty`: a 200 that announces no body and has none is a whole reply.
    """

    def __init__(
        self,
        limits: Limits,
        headers: Mapping[str, str],
        auth: tuple[str, str] | None,
        door: Door | None = None,
        *,
        may_be_empty: bool = False,
        by_proxy: bool = False,
    ) -> None:
        self._may_be_empty = may_be_empty
        self._deadline = Deadline(limits)
        self._limits = limits
        self._session = _Session()
        if door is not None and not by_proxy:
            self._session.trust_env = False
            self._session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True  # the one word of the environment kept
        # Without an auth of our own, requests would put a .netrc login over the Authorization header.
        self._session.auth = auth or _keep_headers
        self._session.headers.update({**_HEADERS, **headers})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _DeadlineAdapter(self._deadline, door))

    def send(self, method: str, url: str, **body: Any) -> Reply:
        """Raises Broken when no whole reply came, BadPayload when it is larger than any honest one."""
        self._deadline.start()
        timeout = (self._limits.connect, self._limits.read)
        try:
            with self._session.request(
                method, url, timeout=timeout, stream=True, allow_redirects=False, **body
            ) as response:
                content = self._read(response.raw)
                if not content and not self._may_be_empty and _promised_a_body(response):
                    raise EOFError("a head that was cut looks like a reply without a body")
                return Reply(response.status_code, response.headers, content, without_query(url))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, EOFError) as error:
            broken = self._name(error)
        raise Broken(broken)

    def header(self, name: str, value: str) -> None:
        self._session.headers[name] = value

    def close(self) -> None:
        self._session.close()

    def _read(self, raw: Any) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while chunk := raw.read(CHUNK, decode_content=True):
            size += len(chunk)
            if size > MAX_BODY:
                raise BadPayload(f"the reply is larger than {MAX_BODY} bytes; ask the vendor for smaller pages")
            if size > SMALL and size > MAX_RATIO * raw.tell():
                raise BadPayload(f"the reply unpacks to more than {MAX_RATIO} times its size; no honest page does")
            if self._deadline.remaining() <= 0:
                raise TimeoutError("deadline")
            chunks.append(chunk)
        return b"".join(chunks)

    def _name(self, error: Exception) -> str:
        if shut := _what_shut(error):
            return shut
        if self._deadline.remaining() <= 0:
            return f"no whole reply within {self._limits.deadline:g} s"
        for kind, words in _WORDS:
            if isinstance(error, kind):
                return words
        return "the connection broke before the whole reply was here"


_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.SSLError, "the TLS certificate could not be verified"),
    (requests.exceptions.ProxyError, "the proxy could not be used"),
    (requests.exceptions.ConnectTimeout, "no connection in time"),
    (requests.exceptions.Timeout, "no answer in time"),
    (urllib3.exceptions.TimeoutError, "no answer in time"),
    (urllib3.exceptions.DecodeError, "the body could not be unpacked"),
)


def _what_shut(error: BaseException | None) -> str:
    """What the door said when it refused, which is somewhere among the causes; "" where it did not."""
    while error is not None:
        if isinstance(error, DoorShut):
            return str(error)
        error = error.__cause__ or error.__context__
    return ""


def _promised_a_body(response: requests.Response) -> bool:
    return response.status_code in (200, 201) and "Content-Length" not in response.headers


def without_query(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: what must be equal for a secret to be sent there. Raises ValueError for no URL.

    Read with the parser that makes the connection: two parsers disagree about where `http://a\\@b/` leads.
    """
    parts = urllib3.util.parse_url(url)
    scheme = parts.scheme or ""
    return scheme, parts.host or "", parts.port or {"http": 80, "https": 443}.get(scheme)


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class _Session(requests.Session):
    def get_redirect_target(self, _response: requests.Response) -> None:
        """None, always: to offer the next request, requests would read the redirect's body without a bound."""


class _TimedReader(io.RawIOBase):
    """A socket's reader that gives each read no more time than is left.

    requests' time-out is per read: a body, or a header, that trickles byte by byte never meets it.
    """

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, next_read: Callable[[], float]) -> None:
        self._sock = sock
        self._raw = raw
        self._next_read = next_read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._next_read())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _DeadlineAdapter(HTTPAdapter):
    """requests' adapter over connections whose replies are read by a _TimedReader."""

    def __init__(self, deadline: Deadline, door: Door | None) -> None:
        self._deadline = deadline
        self._door = door
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._deadline, self._door)


def _pools(deadline: Deadline, door: Door | None) -> dict[str, type[HTTPConnectionPool]]:
    class TimedResponse(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            super().__init__(sock, *args, **kwargs)
            self.fp = io.BufferedReader(_TimedReader(sock, self.fp.detach(), deadline.next_read), CHUNK)

    class PlainConnection(HTTPConnection):
        response_class = TimedResponse

        def _new_conn(self) -> socket.socket:
            if door is None:
                return super()._new_conn()
            name = self._dns_host
            try:
                return self._first_of(door.ways(name, self.port))
            finally:
                self._dns_host = name  # what the certificate is checked against

        def _first_of(self, addresses: list[str]) -> socket.socket:
            """Connected to the first of these that answers."""
            *others, last = addresses
            for self._dns_host in others:
                with suppress(urllib3.exceptions.HTTPError):
                    return super()._new_conn()
            self._dns_host = last
            return super()._new_conn()

    class TLSConnection(PlainConnection, HTTPSConnection):
        pass

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class TLSPool(HTTPSConnectionPool):
        ConnectionCls = TLSConnection

    return {"http": PlainPool, "https": TLSPool}
