"""Stand-ins for connectors, so that these tests do not depend on any vendor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.kit.base import Cursor, Finding, Page, Source, Stream
from connectors.kit.connector import Connector
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


class FilesConfig(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: str = Field(json_schema_extra={"relative_to": "root"})
    format: Literal["csv", "jsonl"] = "csv"
    ids: dict[str, str] = {}


class FilesSource(ShopSource):
    streams: ClassVar[tuple[Stream, ...]] = ()


KINDS = {
    "files": Connector("files", "Files", FilesConfig, FilesSource),
    "shopify": Connector("shopify", "Shopify", ShopConfig, ShopSource, Path(__file__).with_name("vendor.yaml")),
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
    "connections/shop.yaml": (
        "kind: shopify\n"
        'config: {store: acme, token: "${env:SHOP_TOKEN}"}\n'
        "streams:\n"
        "  customers: {every: 15m, lookback: 10m}\n"
        '  orders: {cron: "0 2 * * *", timezone: Australia/Perth}\n'
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
