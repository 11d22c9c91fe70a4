"""Zendesk's side we pull from: the incremental cursor exports of users and tickets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar, NamedTuple

from connectors.kit.base import Cursor, Finding, Page, Source, Stream
from connectors.kit.clock import SYSTEM, Clock
from connectors.kit.cursors import start_of
from connectors.kit.errors import AuthError, BadPayload, ConfigError, ConnectorError
from connectors.kit.pagination import LoopGuard
from connectors.zendesk.api import Gone, ZendeskApi
from connectors.zendesk.config import ZendeskConfig
from connectors.zendesk.fields import field_findings, user_fields
from connectors.zendesk.rows import listed, sorted_out

PAGE_SIZE = 1000
HELD_BACK = timedelta(minutes=1)
NEWEST_START = timedelta(minutes=2)
"""A start must be a minute old by the vendor's clock; the second minute is for clocks that differ."""

EARLIEST = 1
SKEW = timedelta(seconds=60)

USERS = Stream("users", record="person", lag=HELD_BACK)
TICKETS = Stream("tickets", record="ticket", lag=HELD_BACK)


class Export(NamedTuple):
    """One page of an export. `after`: where the next one, or the next run, goes on."""

    rows: list[Any]
    after: str | None
    at_end: bool


class ZendeskSource(Source):
    """The export is sorted by a time that the vendor does not show, so the bookmark is its opaque cursor alone.

    Ten export calls a minute are all the account has; past them the vendor says how long to wait.
    """

    streams: ClassVar[tuple[Stream, ...]] = (USERS, TICKETS)

    def __init__(self, config: ZendeskConfig, *, clock: Clock = SYSTEM, page_size: int = PAGE_SIZE) -> None:
        self._config = config
        self._clock = clock
        self._page_size = page_size
        self._api = ZendeskApi(config, clock)

    def check(self) -> Iterator[Finding]:
        try:
            found = self._export(USERS.name, {"start_time": EARLIEST, "per_page": 1}).rows
            held = user_fields(self._api)
        except ConnectorError as error:
            yield Finding(_subject(error), ok=False, message=str(error))
            return
        yield Finding("reach", ok=True)
        yield Finding("auth", ok=True)
        yield Finding("sample", ok=True, message=f"the export of users has {'some' if found else 'none yet'}")
        yield from field_findings(self._config.consent_fields, held)
        yield self._look_at_the_clock()

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """The same row may come several times. A user's deletion and a ticket's are tombstones."""
        guard = LoopGuard()
        after: str | None = cursor.seen.get("after") if cursor else None
        query: dict[str, Any] = {"cursor": after} if after else {"start_time": self._start(cursor, stream)}
        while True:
            export = self._export(stream.name, {**query, "per_page": self._page_size})
            after = export.after or after
            records, rejects = sorted_out(stream.name, export.rows)
            yield Page(records, Cursor(seen={"after": after}) if after else Cursor(), rejects)
            if export.at_end:
                return
            guard.step(export.after, b"")
            query = {"cursor": after}

    def close(self) -> None:
        self._api.close()

    def _start(self, cursor: Cursor | None, stream: Stream) -> int:
        since = start_of(cursor, stream)
        if since is None:
            return EARLIEST
        return max(EARLIEST, int(min(since, self._clock.now() - NEWEST_START).timestamp()))

    def _export(self, name: str, query: dict[str, Any]) -> Export:
        """Raises BadPayload for anything but a page whose end, or way on, is beyond doubt."""
        try:
            page = self._api.get(f"incremental/{name}/cursor", query).json()
        except Gone:
            raise ConfigError("there is no such Zendesk account: correct `subdomain` or `base_url`") from None
        rows = listed(page, name)
        after, at_end = page.get("after_cursor"), page.get("end_of_stream")
        if not isinstance(at_end, bool) or not (at_end or isinstance(after, str)):
            raise BadPayload("Zendesk sent a page that does not say where the next one begins")
        return Export(rows, after if isinstance(after, str) else None, at_end)

    def _look_at_the_clock(self) -> Finding:
        ours = self._clock.now()
        skew = abs((self._api.server_now or ours) - ours)
        return Finding("clock", skew <= SKEW, f"our clock and Zendesk's differ by {round(skew.total_seconds())} s")


def _subject(error: ConnectorError) -> Any:
    return "auth" if isinstance(error, AuthError) else "reach"
