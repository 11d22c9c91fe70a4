"""A Singer tap for the vendor, as the SDK's own template would make it, run in the rivals' own environment: a program.

    python -m benchmarks.rivals.singer_tap --config CONFIG.json [--state STATE.json] | target-...

The page is read without the SDK's JSONPath, and a record is JSON text beside its id and its change time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from singer_sdk import RESTStream, Stream, Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import BearerTokenAuthenticator
from singer_sdk.pagination import BaseAPIPaginator

from benchmarks.rivals.raw import EXPORT, PAGE, TABLE, TOKEN, row, start_time


class Export(BaseAPIPaginator[str]):
    def get_next(self, response: Any) -> str | None:
        page = response.json()
        return None if page["end_of_stream"] else str(page["after_cursor"])


class Users(RESTStream[str]):
    name = TABLE
    path = f"/{EXPORT}"
    primary_keys: ClassVar[tuple[str, ...]] = ("id",)
    replication_key = "updated_at"
    is_sorted = True
    schema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("id", th.IntegerType, required=True),
        th.Property("updated_at", th.StringType),
        th.Property("data", th.StringType),
    ).to_dict()

    @property
    def url_base(self) -> str:
        return str(self.config["vendor"])

    @property
    def authenticator(self) -> BearerTokenAuthenticator:
        return BearerTokenAuthenticator(token=TOKEN)

    def get_new_paginator(self) -> Export:
        return Export("")

    def get_url_params(self, context: Mapping[str, Any] | None, next_page_token: str | None) -> dict[str, Any]:
        if next_page_token:
            return {"cursor": next_page_token, "per_page": PAGE}
        since = self.get_starting_replication_key_value(context)
        return {"start_time": start_time(since) if since else 1, "per_page": PAGE}

    def parse_response(self, response: Any) -> Iterable[dict[str, Any]]:
        return map(row, response.json()["users"])


class Zendesk(Tap):
    name = "tap-bench"
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("vendor", th.StringType, required=True)
    ).to_dict()

    def discover_streams(self) -> list[Stream]:
        return [Users(self)]


if __name__ == "__main__":
    Zendesk.cli()
