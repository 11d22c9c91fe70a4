"""A town whose newsletter takes five calls a second and has a backlog of many thousand changes; and the service."""

from __future__ import annotations

import hmac
import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, insert, select

from hub.stages.gaps import gaps
from hub.stages.ledger import events
from hub.stages.sights import deliveries
from hub.store.engine import Store, open_store
from hub.store.migrate import prepare
from tests.flows.consent.town import FILES, LIST, SECRETS, Somebody, Town, configure, open_town
from tests.flows.terminal import Hub, attended

CALLS_A_SECOND = 5
PEOPLE = 120
"""Those of the backlog who are at the newsletter: more than leave while a test looks."""

HOOK_SECRET = "the-client-secret-of-the-town"
SHOP = FILES["connections/shop.yaml"].replace("base_url", 'webhook_secret: "${env:SHOP_HOOK}", base_url')
LANES = ((0, "out", "email"), (2, "add", "tag:VIP"), (3, "in", "email"))


@dataclass
class Backlog:
    """The town, the database of its hub, and Charlie, whom all four vendors know."""

    town: Town
    store: Store
    hub: Hub
    charlie: Somebody

    def says_no(self, url: str) -> None:
        """Charlie unsubscribes at the shop, which tells the hub by a webhook for each channel."""
        number = int(self.charlie.customer.rpartition("/")[2])
        now = self.town.shop.now().isoformat()
        for channel in ("email", "sms"):
            self.town.shop.unsubscribe(self.charlie.customer, channel)
            said = {"state": "unsubscribed", "consent_updated_at": now}
            address = {"email_address": self.charlie.email} if channel == "email" else {"phone": self.charlie.phone}
            body = json.dumps({"customer_id": number, **address, f"{channel}_marketing_consent": said}).encode()
            headers = {
                "X-Shopify-Topic": f"customers_{channel}_marketing_consent/update",
                "X-Shopify-Hmac-SHA256": b64encode(hmac.digest(HOOK_SECRET.encode(), body, "sha256")).decode(),
            }
            assert requests.post(f"{url}/hooks/shop", body, headers=headers, timeout=10).status_code == 200

    def known_at(self) -> datetime:
        """When the hub had Charlie's no."""
        mine = (events.c.action == "withdraw") & (events.c.address == self.charlie.email)
        with self.store.read() as db:
            found: datetime = db.execute(select(func.min(events.c.observed_at)).where(mine)).scalar_one()
        return found

    def arrived(self, connection: str, channel: str) -> datetime | None:
        """When a vendor was told of Charlie's no, by its ledger."""
        address = self.charlie.email if channel == "email" else self.charlie.phone
        told = (channel, address, "out")
        return next((at for at, one in self.writes(connection) if _line(one) == told), None)

    def writes(self, connection: str) -> list[tuple[datetime, dict[str, Any]]]:
        """What a vendor was told, in order."""
        simulator = self.town.simulators[connection]
        with simulator.lock:
            ledger = list(simulator.ledger)
        return [
            (entry.at, one)
            for entry in ledger
            for kind in ("consents", "tags")
            for one in (entry.effect or {}).get(kind, ())
        ]

    def turned_away(self) -> int:
        with self.town.newsletter.lock:
            return sum(entry.status == 429 for entry in self.town.newsletter.ledger)

    def queued_at(self) -> datetime | None:
        """When Charlie's no was queued for the newsletter."""
        mine = (deliveries.c.destination == "newsletter") & (deliveries.c.address == self.charlie.email)
        with self.store.read() as db:
            found: datetime | None = db.execute(
                select(deliveries.c.created_at).where(mine, deliveries.c.wanted == "out")
            ).scalar()
        return found

    def is_busy(self) -> bool:
        """Whether the newsletter is being told of the backlog, as fast as it lets us."""
        return len(self.writes("newsletter")) > CALLS_A_SECOND and self.turned_away() > 0


def _line(effect: dict[str, Any]) -> tuple[Any, Any, Any]:
    return effect.get("channel"), effect["address"], effect["wanted"]


@contextmanager
def backlog(root: Path, database: str, rows: int, redis: str = "") -> Iterator[Backlog]:
    """Everybody has said what they want, the hub knows it, and nothing has left; `rows` changes are queued."""
    with ExitStack() as stack:
        town = stack.enter_context(open_town(root))
        configure(
            root, town.urls, connections_shop=SHOP, hub=FILES["hub.yaml"] + (f'redis: "{redis}"\n' if redis else "")
        )
        for number in range(PEOPLE):
            email = f"reader-{number}@example.org"
            town.newsletter.add_without_consent(LIST, email)
            town.shop.unsubscribe(town.shop.create_customer(email=email, firstName=f"R{number}"), "email")
        charlie = town.welcome("Charlie", 158)
        hub = Hub(root / "config", database, {**SECRETS, "SHOP_HOOK": HOOK_SECRET})
        store = open_store(database)
        stack.callback(store.close)
        prepare(store)
        hub.here("sync", "--no-push")
        store.write(lambda db: queue_many(db, rows, town.newsletter.now()))
        town.forget()
        town.newsletter.calls_a_second = CALLS_A_SECOND
        yield Backlog(town, store, hub, charlie)


def queue_many(db: Any, number: int, now: datetime) -> None:
    """Changes as a push queues them, with the differences that they were made of."""
    common = {"destination": "newsletter", "stream": "members", "scope": f"newsletter/{LIST}", "channel": "email"}
    rows, waiting = [], []
    for one in range(number):
        lane, wanted, field = LANES[one % len(LANES)]
        who = {**common, "record": f"{one:032x}", "address": f"somebody-{one}@example.net"}
        sent = {"correlation": f"queued-{one}", "plan": "of-yesterday", "lane": lane, "field": field, "wanted": wanted}
        kind = {
            "kind": "tag" if lane == 2 else "consent",
            "reason": "vip" if lane == 2 else "granted",
            "status": "queued",
        }
        rows.append({**who, **sent, **kind, "decided_by": "", "was": "", "message": "", "job": "", "created_at": now})
        gap = {"shown": "never", "wanted": "", "reason": "granted", "withheld": "under_way", "decided_by": ""}
        if lane != 2:
            waiting.append({**who, **gap})
    db.execute(insert(deliveries), rows)
    db.execute(insert(gaps), waiting)


@contextmanager
def serving(of: Backlog, *others: str) -> Iterator[str]:
    """The service: `hub up`, or `hub web` with these others; the address of its pages."""
    with ExitStack() as stack:
        first = "web" if others else "up"
        log = stack.enter_context((of.town.root / "service.log").open("w"))
        process = of.hub.start(first, "--port", "0", stderr=log)
        stack.enter_context(attended(process))
        for command in others:
            stack.enter_context(attended(of.hub.start(command, stdout=log, stderr=log)))
        assert process.stdout is not None
        link = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
        yield "/".join(link.split("/")[:3])


def until(found: Callable[[], Any], seconds: float = 60) -> Any:
    """What `found` gives as soon as that is something."""
    end = time.monotonic() + seconds
    while not (what := found()):
        assert time.monotonic() < end, f"it did not happen within {seconds} s"
        time.sleep(0.05)
    return what
