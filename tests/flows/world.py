"""A small estate for the flows: simulators and file drops that hold it, and the configuration of a hub for them."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from connectors.mailchimp.simulator import MailchimpSimulator
from connectors.shopify.simulator import ShopifySimulator
from connectors.twilio.messages import counterpart
from hub.demo import drops
from hub.demo.estate import Estate, make_estate
from hub.demo.newsletter import LIST_ID
from hub.demo.vendors import SECRETS, Vendors, serving

DEMO = Path(str(files("hub"))) / "defaults" / "demo"


@dataclass(frozen=True)
class World:
    """Running simulators, file drops, and below `root` a config/ whose database is the variable HUB_DATABASE."""

    root: Path
    estate: Estate
    vendors: Vendors

    @property
    def shop(self) -> ShopifySimulator:
        return self.vendors.shop

    @property
    def newsletter(self) -> MailchimpSimulator:
        return self.vendors.newsletter

    @property
    def config(self) -> Path:
        return self.root / "config"

    def held(self) -> dict[str, int]:
        """How many records each stream's system holds now."""
        audience = self.newsletter.audiences[LIST_ID]
        return {
            "desk.people": len(self.estate.desk_rows),
            "help.tickets": len(self.vendors.help.account.tickets),
            "help.users": len(self.vendors.help.account.users),
            "loyalty.people": len(self.estate.loyalty_rows),
            "newsletter.members": len(audience.members),
            "newsletter.tags": sum(len(segment["members"]) for segment in audience.segments.values()),
            "shop.customers": len(self.shop.store.collections["customers"].nodes),
            "shop.orders": len(self.shop.store.collections["orders"].nodes),
            "texts.messages": len(list(self.vendors.texts.log)),
            "texts.numbers": len({counterpart(message) for message in self.vendors.texts.log}),
        }

    def served(self) -> dict[str, int]:
        """How many records each vendor's stream has given away, by the ledgers, since `forget`: each counts once."""
        given: Counter[str] = Counter()
        for connection, simulator in self.vendors:
            for entry in simulator.ledger:
                given.update({f"{connection}.{stream}": count for stream, count in entry.records.items()})
        given.subtract(self.edges())
        for stream in ("texts.messages", "texts.numbers"):  # one log, read once for each of them
            given[stream] //= 2
        return dict(given)

    def edges(self) -> Counter[str]:
        """Where one page of a Mailchimp listing met the next: one record was read twice, and dropped by its source."""
        pages = Counter(
            (stream, entry.path, entry.query.get("status"))
            for entry in self.newsletter.ledger
            for stream in entry.records
        )
        edges: Counter[str] = Counter()
        for (stream, *_), count in pages.items():
            edges[f"newsletter.{stream}"] += count - 1
        return edges

    def forget(self) -> None:
        """Begin the ledgers anew."""
        for _, simulator in self.vendors:
            with simulator.lock:
                simulator.ledger.clear()

    def drop(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        """Write a file into drop/, as if an hour ago: a file that is seconds old is read twice by design."""
        path = self.root / "drop" / name
        path.write_text(text, encoding=encoding, newline="")
        hour_ago = time.time() - 3600
        os.utime(path, (hour_ago, hour_ago))
        return path

    def drop_loyalty(self, rows: list[dict[str, str]]) -> Path:
        return self.drop("loyalty.csv", drops.as_csv(rows), "utf-8-sig")


@contextmanager
def running(root: Path, people: int) -> Iterator[World]:
    """An estate of so many people, served for the length of a block."""
    estate = make_estate(people)
    world = World(root, estate, Vendors())
    world.vendors.load(estate)
    (root / "drop").mkdir(parents=True)
    world.drop_loyalty(estate.loyalty_rows)
    world.drop("desk.jsonl", drops.as_jsonl(estate.desk_rows))
    with serving(world.vendors) as values:
        _configure(root, values)
        yield world


def _configure(root: Path, values: dict[str, str]) -> None:
    """The demo's own files, but for the database, and nothing is pushed: these flows are about what comes in."""
    for source in DEMO.rglob("*.yaml"):
        text = source.read_text(encoding="utf-8").replace("sqlite:///hub.db", "${env:HUB_DATABASE}")
        text = text.replace("mode: auto", "mode: off")
        for name, value in values.items():
            text = text.replace(name, value)
        target = root / "config" / source.relative_to(DEMO)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for name, secret in SECRETS.items():
        path = root / "secrets" / name
        path.parent.mkdir(exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secret)
