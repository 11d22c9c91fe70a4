"""A server of bare sockets that says wrong, cut or endless things: what no HTTP library lets a server say.

with FaultServer(reset(), whole(b"{}")) as server:      # one behaviour per request, the last one for all further
    ...Http(server.base_url).get("customers")
server.heads                                            # what the callers sent, one bytes per request
"""

from __future__ import annotations

import gzip
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple

Behaviour = Callable[[socket.socket, threading.Event], None]
"""Answers one request on a connection, which is closed afterwards; the event ends what would never end."""


def whole(body: bytes, kind: str = "application/json", status: str = "200 OK") -> Behaviour:
    return raw(_head(status, f"Content-Type: {kind}", f"Content-Length: {len(body)}") + body)


def raw(answer: bytes) -> Behaviour:
    return lambda line, _stop: line.sendall(answer)


def cut(body: bytes, at: int) -> Behaviour:
    """Promises the whole body and closes after `at` bytes of it."""
    return raw(_head("200 OK", "Content-Type: application/json", f"Content-Length: {len(body)}") + body[:at])


def cut_chunked(body: bytes, at: int) -> Behaviour:
    """One chunk with `at` bytes of the body, then the line ends without the last chunk."""
    head = _head("200 OK", "Content-Type: application/json", "Transfer-Encoding: chunked")
    return raw(head + f"{at:x}\r\n".encode() + body[:at] + b"\r\n")


def reset() -> Behaviour:
    """Ends the connection with a TCP reset instead of an answer."""

    def behave(line: socket.socket, _stop: threading.Event) -> None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


def trickle(start: bytes, drop: bytes = b"x", every: float = 0.02) -> Behaviour:
    """Says `start`, then `drop` again and again, slower than anybody should wait for."""

    def behave(line: socket.socket, stop: threading.Event) -> None:
        line.sendall(start)
        while not stop.wait(every):
            line.sendall(drop)

    return behave


def slow_body() -> Behaviour:
    return trickle(_head("200 OK", "Content-Type: application/json", "Content-Length: 1000000"))


def slow_header() -> Behaviour:
    return trickle(b"HTTP/1.1 200 OK\r\nX-Endless: ")


def endless_headers() -> Behaviour:
    return trickle(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n" * 20, every=0.001)


def endless_body() -> Behaviour:
    """Chunks of a megabyte for ever."""
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    return trickle(_head("200 OK", "Transfer-Encoding: chunked"), chunk, every=0)


def bomb(megabytes: int, layers: int = 1, status: str = "200 OK", more: str = "X-Bomb: yes") -> Behaviour:
    """A small gzip body that unpacks to so many megabytes."""
    body, coding = b" " * (megabytes * 1024 * 1024), ", ".join(["gzip"] * layers)
    for _ in range(layers):
        body = gzip.compress(body)
    return raw(_head(status, more, f"Content-Encoding: {coding}", f"Content-Length: {len(body)}") + body)


def redirect(location: str, status: str = "302 Found") -> Behaviour:
    return raw(_head(status, f"Location: {location}", "Content-Length: 0"))


def _head(status: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "Connection: close", "", ""]).encode()


class Address(NamedTuple):
    host: str
    port: int


class FaultServer:
    """Serves one connection at a time on 127.0.0.1, from construction to `close()` or the end of the with block."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self.heads: list[bytes] = []
        self._behaviours = list(behaviours)
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = Address(*self._listener.getsockname())
        self.base_url = f"http://{self.address.host}:{self.address.port}"
        self._thread = threading.Thread(target=self._serve, name="faults", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        with suppress(OSError):
            socket.create_connection(self.address, timeout=1).close()  # wakes the accept
        self._thread.join()
        self._listener.close()

    def __enter__(self) -> FaultServer:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            line, _ = self._listener.accept()
            with line, suppress(OSError):  # the caller may hang up at any time: that is what is tested
                self._answer(line)

    def _answer(self, line: socket.socket) -> None:
        line.settimeout(5)
        head = _request(line)
        if head:
            behave = self._behaviours[min(len(self.heads), len(self._behaviours) - 1)]
            self.heads.append(head)
            behave(line, self._stop)


def _request(line: socket.socket) -> bytes:
    """The request's head and what came with it; the requests of these tests have small bodies or none."""
    head = b""
    while b"\r\n\r\n" not in head:
        received = line.recv(65536)
        if not received:
            return b""
        head += received
    return head
