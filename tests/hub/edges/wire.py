"""What stands before each simulator: it lets time pass, people act meanwhile, replies be lost and reads be stale."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from starlette.types import Message, Receive, Scope, Send

from connectors.kit.simulator import Fault
from tests.hub.edges.judge import Verdict, judge_write
from tests.hub.edges.kinds import LIST
from tests.hub.edges.town import Town

TRIP = 0.04
"""Seconds that a request takes."""

LOST = 0.01
STALE = 0.01

MEMBER = re.compile(rf"/3\.0/lists/{LIST}/members/([0-9a-f]+)\Z")


class Late:
    """What people do while a round runs: one thing now and then, between two requests."""

    def __init__(self) -> None:
        self.acts: list[Callable[[], None]] = []

    def perhaps(self, town: Town) -> None:
        if self.acts and town.rng.random() < 0.5:
            self.next(town)

    def next(self, town: Town) -> None:
        """Nobody does two things in one second: a gateway's log could not tell which came first."""
        town.clock.sleep(1)
        self.acts.pop()()


class Wire:
    """One vendor's end of the line."""

    def __init__(self, town: Town, place: str, late: Late, verdict: Verdict) -> None:
        self.town, self.place, self.late, self.verdict = town, place, late, verdict
        self.simulator = town.simulators[place]
        self.old: dict[str, Any] = {}

    @property
    def app(self) -> Wire:
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()

        async def again() -> Message:
            return message

        told = len(self.simulator.ledger)
        ids, is_write = self._before(scope, message["body"])
        with self._stale(ids):
            if is_write and self.town.rng.random() < LOST:
                self.simulator.script(Fault(match=scope["path"], lose_reply=True))
            await self.simulator.app(scope, again, send)
        for entry in self.simulator.ledger[told:]:
            judge_write(self.town, self.verdict, self.place, entry)
        self.simulator.ledger.clear()

    def _before(self, scope: Scope, body: bytes) -> tuple[list[str], bool]:
        """The ids of a read of single records, and whether it is a write."""
        self.town.clock.sleep(TRIP)
        self.late.perhaps(self.town)
        kind, ids = READ_BY[self.place](scope, body)
        if kind == "pull":
            self.town.began(self.place)
        return ids, kind == "write"

    @contextmanager
    def _stale(self, ids: list[str]) -> Iterator[None]:
        """Now and then a single read shows a record as it was when it was last read."""
        held, swapped = _records(self.town, self.place), {}
        for one in ids:
            key: Any = int(one) if self.place == "desk" else one
            owner = self.town.owners.get((self.place, one), "")
            old, now = self.old.get(one), held.get(key)
            self.town.asked[self.place, owner] = self.town.clock.now()
            if now is not None and old is not None and old is not now and self.town.rng.random() < STALE:
                swapped[key], held[key] = now, old
                continue
            self.old[one] = now
            self.town.fetched[self.place, owner] = self.town.clock.now()
        try:
            yield
        finally:
            held.update(swapped)


def _records(town: Town, place: str) -> dict[Any, Any]:
    if place == "shop":
        return town.shop.store.collections["customers"].nodes
    if place == "newsletter":
        return town.audience.members
    return town.desk.account.users if place == "desk" else {}


def _of_shop(_scope: Scope, body: bytes) -> tuple[str, list[str]]:
    asked = orjson.loads(body)
    text, given = asked["query"].lstrip(), asked["variables"]
    if text.startswith("mutation"):
        return "write", []
    if text.startswith("query Nodes"):
        return "fetch", list(given["ids"])
    return ("pull" if given.get("after") is None else "page"), []


def _of_newsletter(scope: Scope, _body: bytes) -> tuple[str, list[str]]:
    if scope["method"] != "GET":
        return "write", []
    found = MEMBER.match(scope["path"])
    if found is not None:
        return "fetch", [] if b"fields=status" in scope["query_string"] else [found[1]]
    begins = scope["path"].endswith("/members") and b"offset=0" in scope["query_string"]
    return ("pull" if begins and b"status=archived" not in scope["query_string"] else "page"), []


def _of_texts(scope: Scope, _body: bytes) -> tuple[str, list[str]]:
    if scope["method"] != "GET":
        return "write", []
    return ("page" if b"PageToken" in scope["query_string"] else "pull"), []


def _of_desk(scope: Scope, _body: bytes) -> tuple[str, list[str]]:
    if scope["method"] != "GET":
        return "write", []
    if "show_many" in scope["path"]:
        ids = scope["query_string"].decode().partition("ids=")[2].partition("&")[0].replace("%2C", ",")
        return "fetch", ids.split(",")
    return ("pull" if "incremental" in scope["path"] else "page"), []


READ_BY: dict[str, Callable[[Scope, bytes], tuple[str, list[str]]]] = {
    "shop": _of_shop,
    "newsletter": _of_newsletter,
    "texts": _of_texts,
    "desk": _of_desk,
}
