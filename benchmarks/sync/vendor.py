"""The vendor in a process of its own: our Zendesk simulator, walked once, and from then on answering from memory.

    python -m benchmarks.sync.vendor RECORDS

Prints its address and serves until stdin ends. Whoever asks for a page gets the very bytes that the simulator gave
for the same path and query; only a question that nobody has asked goes to the simulator. What a bench sets is below
/_bench/ and answered as JSON: `page?most=100` (the largest page from now on), `delay?ms=50` (before each page),
`change?count=1000` (so many users, and then the way to them is walked), `reset` and `served` (what was given since the
reset, and when the first page was asked for, in seconds of the wall clock).
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from urllib.parse import parse_qsl

import orjson
import requests

from benchmarks.sync.account import Desk
from benchmarks.sync.tape import Answer, Tape, framed
from connectors.kit.simulator import serve
from connectors.zendesk.simulator import TOKEN

EXPORT = "/api/v2/incremental/users/cursor"
PAGES = (1_000, 100)
CONTROL = "/_bench/"
NOTHING = {"records": 0, "pages": 0, "bytes": 0, "first": 0.0}


class Vendor:
    """The tape, what was served from it, and the simulator behind it at `origin`."""

    def __init__(self, desk: Desk, origin: str) -> None:
        self.desk, self.origin = desk, origin
        self.tape = Tape(self._ask)
        self.delay = 0.0
        self.host = ""
        self.served = NOTHING
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {TOKEN}"
        self._ends: dict[int, str] = {}

    def walk(self) -> None:
        """Ask for everything once at each size of page, as a contender's first run does."""
        for page in PAGES:
            self._ends[page] = self._follow(page, {"start_time": "1"})

    def control(self, command: str, given: dict[str, str]) -> object:
        if command == "page":
            self.tape.page = int(given["most"])
        elif command == "delay":
            self.delay = int(given["ms"]) / 1_000
        elif command == "change":
            self._change(int(given["count"]))
        elif command == "reset":
            self.served = NOTHING
        return self.served

    def _change(self, count: int) -> None:
        since = int(self.desk.newest.timestamp())
        self.desk.change(count)
        self.tape.answers.clear()
        for page in PAGES:
            self._follow(page, {"start_time": str(since)})
            self._ends[page] = self._follow(page, {"cursor": self._ends[page]})

    def _follow(self, page: int, query: dict[str, str]) -> str:
        """The cursor at the end of the export."""
        most, self.tape.page = self.tape.page, page
        at_end = False
        while not at_end:
            target = f"{EXPORT}?" + "&".join(f"{name}={value}" for name, value in query.items())
            document = orjson.loads(self.tape.answer(target).wire.partition(b"\r\n\r\n")[2])
            at_end, query = document["end_of_stream"], {"cursor": document["after_cursor"]}
        self.tape.page = most
        return query["cursor"]

    def _ask(self, target: str) -> Answer:
        reply = self._session.get(self.origin + target, headers={"Host": self.host}, timeout=60)
        rows = orjson.loads(reply.content).get("users", ())
        return Answer(framed(reply.status_code, reply.headers["content-type"], reply.content), len(rows))

    def count(self, answer: Answer, asked: float) -> None:
        before = self.served
        self.served = {
            "records": before["records"] + answer.records,
            "pages": before["pages"] + 1,
            "bytes": before["bytes"] + len(answer.wire),
            "first": before["first"] or asked,
        }


class Wire(asyncio.Protocol):
    """The least HTTP that answers a GET: whole requests, one after the other."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while b"\r\n\r\n" in self.waiting:
            head, _, self.waiting = self.waiting.partition(b"\r\n\r\n")
            self._answer(head.split(b" ", 2)[1].decode())

    def _answer(self, target: str) -> None:
        if target.startswith(CONTROL):
            command, _, query = target.removeprefix(CONTROL).partition("?")
            told = orjson.dumps(self.vendor.control(command, dict(parse_qsl(query))))
            self.transport.write(framed(200, "application/json", told))
            return
        answer = self.vendor.tape.answer(target)
        asyncio.get_running_loop().call_later(self.vendor.delay, self._send, answer, time.time())

    def _send(self, answer: Answer, asked: float) -> None:
        if not self.transport.is_closing():
            self.vendor.count(answer, asked)
            self.transport.write(answer.wire)


async def serving(vendor: Vendor, ready: Callable[[str], None]) -> None:
    """Serves until stdin ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Wire(vendor), "127.0.0.1", 0)
    vendor.host = "{}:{}".format(*server.sockets[0].getsockname())
    vendor.walk()
    ready(f"http://{vendor.host}")
    over = asyncio.Event()
    threading.Thread(target=_wait_for_the_end, args=(loop, over), daemon=True).start()
    await over.wait()


def _wait_for_the_end(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    sys.stdin.buffer.read()
    loop.call_soon_threadsafe(over.set)


def main(records: int) -> None:
    desk = Desk(records)
    with serve(desk.simulator) as simulator:
        asyncio.run(serving(Vendor(desk, simulator.base_url), lambda url: print(url, flush=True)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
