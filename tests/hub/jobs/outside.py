"""A shop whose customers come and go, automations that listen, and short ways to tell them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from connectors.kit.base import Record
from hub.jobs.herald import Herald
from hub.jobs.inline import Runner
from hub.segments.compile import compile_segment
from hub.segments.spec import SegmentSpec
from hub.settings.settings import Connection, Settings
from hub.stages.notices import attempts, notices
from hub.stages.order import derive
from hub.stages.pull import Wish
from hub.store.engine import Store
from tests.hub.stages.consent_world import TRUSTING, shop
from tests.hub.watch.receivers import Receiver, web_server
from tests.hub.world import Silent, rows, settings

SECRET = "whsec_" + base64.b64encode(b"a key of the tests, 32 bytes long").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the key that was used before now!").decode()
SENDABLE = {"title": "May be written to", "all": [{"field": "may_send.email", "is": True}]}
HOOK = "hook:crm"


def said_at(day: int) -> str:
    return datetime(2026, 1, day, tzinfo=UTC).isoformat()


def subscriber(receiver: Receiver, **more: Any) -> dict[str, Any]:
    return {"url": f"{receiver.url}/in", "secret": SECRET, "allow_private": True, **more}


@dataclass
class Outside:
    """The hub between its shop and those who listen."""

    store: Store
    crm: Receiver
    hub: dict[str, Any] = field(default_factory=dict)
    segments: Mapping[str, Any] = field(default_factory=lambda: {"sendable": SENDABLE})
    connections: tuple[Connection, ...] = ()

    @property
    def settings(self) -> Settings:
        given = self.hub or {"subscribers": {"crm": subscriber(self.crm)}}
        segments = {
            name: compile_segment(name, SegmentSpec.model_validate(spec)) for name, spec in self.segments.items()
        }
        found = settings(shop([]), *self.connections, **given)
        return replace(found, consent=TRUSTING, segments=segments)

    def hear(self, *records: Record) -> None:
        """Pull these from the shop, and derive everything."""
        found = replace(self.settings, connections={"shop": shop(records)} | dict(self._others()))
        ends = Runner(self.store, found, Silent()).run_all([found.connections["shop"]], Wish())
        assert {end.status for end in ends} == {"ok"}, ends
        derive(self.store, found)

    def _others(self) -> Iterator[tuple[str, Connection]]:
        yield from ((one.name, one) for one in self.connections)

    def herald(self) -> Herald:
        return Herald(self.store, self.settings, lambda: False, rest_seconds=0)

    def tell(self) -> None:
        """One round of everything that is due."""
        herald = self.herald()
        herald.begin_due()
        herald.wait()

    def wait_for_the_next_try(self) -> None:
        """As if the pause after a failed attempt were over."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        own = notices.c.status.in_(("waiting", "sent"))
        self.store.write(lambda db: db.execute(update(notices).where(own).values(next_try_at=past)))

    def notices(self) -> list[dict[str, Any]]:
        return sorted(rows(self.store, notices), key=lambda row: row["id"])

    def attempts(self) -> list[dict[str, Any]]:
        return sorted(rows(self.store, attempts), key=lambda row: (row["notice_id"], row["number"]))


@contextmanager
def outside(store: Store) -> Iterator[Outside]:
    with web_server() as crm:
        yield Outside(store, crm)


@contextmanager
def receivers(number: int) -> Iterator[list[Receiver]]:
    with ExitStack() as stack:
        yield [stack.enter_context(web_server()) for _ in range(number)]


def bodies(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(body) for _, _, body in receiver.posts]


def kinds(receiver: Receiver) -> list[str]:
    return [body["type"] for body in bodies(receiver)]


def until(condition: Any, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
