"""Stand-ins for connectors, so that these tests do not depend on any vendor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.kit.base import Cursor, Finding, Page, Record, Source, Stream
from connectors.kit.connector import Connector
from connectors.kit.destination import Capabilities, ConsentChange, Destination, Outcome, Permitted, SegmentChange
from connectors.kit.registry import UnknownConnector


class ShopConfig(BaseModel):
    model_config = ConfigDict(extra="forbid")

    store: str
    token: SecretStr = Field(min_length=1)
    page_size: int = 100
    base_url: str | None = None


class ShopSource(Source):
    streams: ClassVar[tuple[Stream, ...]] = (
        Stream("customers", "person", lookback=timedelta(minutes=5)),
        Stream("orders", "order"),
    )
    findings: ClassVar[list[Finding]] = []
    error: ClassVar[Exception | None] = None

    def __init__(self, config: ShopConfig) -> None:
        self.config = config
        if self.error is not None:
            raise self.error

    def check(self) -> Iterator[Finding]:
        yield from self.findings

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        return iter(())


class FakeDestination(Destination):
    """Is there, so that a connection can be written to; the configuration never opens it."""

    def __init__(self, config: BaseModel) -> None:
        raise AssertionError("opened")

    def fetch(self, ids: Sequence[str]) -> list[Record]:
        return []

    def write_consent(self, changes: Sequence[Permitted[ConsentChange]]) -> list[Outcome]:
        return []

    def write_tags(self, changes: Sequence[SegmentChange]) -> list[Outcome]:
        return []


class NewsConfig(BaseModel):
    """A newsletter whose readers must confirm a second yes; in a `quiet` one we may only write a no."""

    model_config = ConfigDict(extra="forbid")

    quiet: bool = False


class FilesConfig(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: str = Field(json_schema_extra={"relative_to": "root"})
    format: Literal["csv", "jsonl"] = "csv"
    ids: dict[str, str] = {}


class FilesSource(ShopSource):
    streams: ClassVar[tuple[Stream, ...]] = ()


class NewsSource(ShopSource):
    streams: ClassVar[tuple[Stream, ...]] = (Stream("customers", "person"),)


def _shop_can(config: ShopConfig) -> Capabilities:
    return Capabilities("customers", ("email", "sms"), resubscribe="plain", tags=True)


def _news_can(config: NewsConfig) -> Capabilities:
    if config.quiet:
        return Capabilities("customers", ("email",), directions=("out",))
    return Capabilities("customers", ("email",), resubscribe="pending")


_VENDOR = Path(__file__).with_name("vendor.yaml")
KINDS = {
    "files": Connector("files", "Files", FilesConfig, FilesSource),
    "news": Connector("news", "News", NewsConfig, NewsSource, _VENDOR, FakeDestination, capabilities=_news_can),
    "shopify": Connector(
        "shopify", "Shopify", ShopConfig, ShopSource, _VENDOR, FakeDestination, capabilities=_shop_can
    ),
}


def get(kind: str) -> Connector:
    if kind not in KINDS:
        raise UnknownConnector(kind, ())
    return KINDS[kind]


def kinds() -> tuple[str, ...]:
    return tuple(KINDS)


def write(root: Path, files: dict[str, Any]) -> Path:
    """Lay the files below root/config, or beside it with a leading ../; None takes one away. Gives the folder.

    All have mode 0640, but for one named "open".
    """
    for name, text in files.items():
        path = (root / "config" / name).resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            path.chmod(0o644 if path.name == "open" else 0o640)
    return root / "config"


GOOD = {
    "hub.yaml": "version: 1\nregion: AU\ntimezone: Australia/Sydney\n",
    "survivorship.yaml": "fields:\n  name: [trusted_source: [shop], most_recent]\n",
    "consent.yaml": (
        "consent:\n"
        "  default_jurisdiction: AU\n"
        "  grant_sources: {email: [shop], sms: [shop.form]}\n"
        "  due: {AU: 5bd, default: 36h}\n"
        "destinations:\n"
        "  shop: {resubscribe: never}\n"
    ),
    "segments.yaml": (
        "segments:\n"
        "  vip:\n"
        "    title: Regular customers\n"
        "    all: [{field: orders, at_least: 5}, {any: [{field: spent, at_least: 500}]}]\n"
    ),
    "connections/shop.yaml": (
        "kind: shopify\n"
        'config: {store: acme, token: "${env:SHOP_TOKEN}"}\n'
        "streams:\n"
        "  customers: {every: 15m, lookback: 10m}\n"
        '  orders: {cron: "0 2 * * *", timezone: Australia/Perth}\n'
        "push: {mode: plan, consent: [email]}\n"
    ),
    "connections/loyalty.yaml": (
        "kind: files\n"
        'config: {path: "drop/*.csv"}\n'
        "streams:\n"
        "  people:\n"
        "    id: member_no\n"
        "    record: person\n"
        "    map:\n"
        "      name: {first: given, last: surname}\n"
        "      emails: [email]\n"
        "      phones: [{value: mobile, region: AU}]\n"
    ),
}
TOKEN = "shpat_canary_0123456789abcdef01234567"
