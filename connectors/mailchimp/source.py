"""Mailchimp's side we pull from: members of one audience and their tags."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.kit.base import Cursor, Finding, Page, Record, Reject, Source, Stream
from connectors.kit.clock import SYSTEM, Clock
from connectors.kit.cursors import advance, start_of
from connectors.kit.errors import AuthError, BadPayload, ConfigError, ConnectorError
from connectors.kit.pagination import LoopGuard
from connectors.mailchimp.api import audience_path, open_http
from connectors.mailchimp.config import MailchimpConfig
from connectors.mailchimp.judge import SegmentGone
from connectors.mailchimp.lanes import LANES, Lane, Lanes
from connectors.mailchimp.walk import Fetch, Item, Listing, Place, Step, changed_at, walk

PAGE_SIZE = 1000
SKEW = timedelta(seconds=60)

MEMBERS = Stream("members", record="person", lookback=timedelta(minutes=1), lag=timedelta(seconds=10))
TAGS = Stream("tags", record="tag", snapshot=True)

BY_CHANGE = {"sort_field": "last_changed", "sort_dir": "ASC", "exclude_fields": "_links,members._links"}
LISTED_BY: dict[Lane, dict[str, str]] = {"listed": BY_CHANGE, "archived": {**BY_CHANGE, "status": "archived"}}
STATIC = {"type": "static", "fields": "segments.id,segments.name,total_items"}
WHOLE_SEGMENT = {
    "include_cleaned": "true",
    "include_unsubscribed": "true",
    "include_transactional": "true",
    "fields": "members.id,members.email_address,total_items",
}

ASKS = "the audience asks everybody to confirm by e-mail (double opt-in): set `double_optin: true`"
DOES_NOT_ASK = (
    "`double_optin: true`, but the audience asks nobody to confirm: set it to false, or switch double opt-in on in the "
    "audience's settings; as it is, a yes that nobody confirmed would count as confirmed"
)


class MailchimpSource(Source):
    """Reads one request at a time: the account's ten connections are shared with the customer's other tools."""

    streams: ClassVar[tuple[Stream, ...]] = (MEMBERS, TAGS)

    def __init__(self, config: MailchimpConfig, *, clock: Clock = SYSTEM, page_size: int = PAGE_SIZE) -> None:
        """`page_size` is at least 2: one record of each page shows that nothing has moved since the page before."""
        self._clock = clock
        self._page_size = page_size
        self._config = config
        self._http = open_http(config, clock)

    def check(self) -> Iterator[Finding]:
        try:
            self._http.get("3.0/ping")
            found = self._http.get(self._path(), {"fields": "id,name,double_optin,stats.member_count"}).json()
            name, count, asks = found["name"], found["stats"]["member_count"], found["double_optin"]
        except ConnectorError as error:
            yield Finding(_subject(error), ok=False, message=str(error))
            return
        except (KeyError, TypeError):
            yield Finding("sample", ok=False, message="Mailchimp did not describe the audience: is base_url its API?")
            return
        yield Finding("reach", ok=True)
        yield Finding("auth", ok=True)
        yield Finding("sample", ok=True, message=f"audience {name}: {count} subscribed members")
        if asks is not self._config.double_optin:
            yield Finding("sample", ok=False, message=ASKS if asks else DOES_NOT_ASK)
        yield self._look_at_the_clock()

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        if stream.name == TAGS.name:
            return self._pull_tags(cursor)
        return self._pull_members(stream, cursor)

    def close(self) -> None:
        self._http.close()

    def _pull_members(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """The plain listing, then the archived members: one archived between the two is still met."""
        lanes, total = Lanes.load(cursor), 0
        for lane in LANES:
            start = start_of(lanes.of(lane), stream)
            steps = walk(self._fetch(self._path("members"), "members", LISTED_BY[lane]), start)
            for number, step in enumerate(steps):
                total += step.total if number == 0 else 0
                records = tuple(Record(item["id"], item, changed_at(item)) for item in step.fresh if _has_id(item))
                lanes = lanes.moved(lane, advance(lanes.of(lane), records, stream, self._now()))
                if lane == LANES[-1] and step.complete:
                    lanes = lanes.settled()
                yield Page(records, lanes.save(), _rejects(step), total)

    def _pull_tags(self, cursor: Cursor | None) -> Iterator[Page]:
        """Every tag of every member, from the beginning each time; only the last page's cursor is a new one."""
        for segment in self._segments():
            path = self._path(f"segments/{segment['id']}/members")
            try:
                for step in walk(self._fetch(path, "members", WHOLE_SEGMENT)):
                    yield Page(_tags(segment, step), cursor or Cursor(), _rejects(step))
            except SegmentGone:
                continue
        yield Page((), Cursor(seen={"complete": True}))

    def _segments(self) -> list[Item]:
        """The tags: static segments, each once. Raises BadPayload for one without id or name."""
        found: dict[int, Item] = {}
        for step in walk(self._fetch(self._path("segments"), "segments", STATIC)):
            for segment in step.fresh:
                if not isinstance(segment.get("id"), int) or not isinstance(segment.get("name"), str):
                    raise BadPayload("Mailchimp listed a tag without id or name: nothing of the listing was used")
                found[segment["id"]] = segment
        return list(found.values())

    def _fetch(self, path: str, key: str, query: Mapping[str, str]) -> Fetch:
        guard = LoopGuard()

        def fetch(place: Place) -> Listing:
            params = {**query, "count": str(self._page_size), "offset": str(place.offset)}
            if place.since is not None:
                params["since_last_changed"] = _zulu(place.since)
            reply = self._http.get(path, params)
            listing = _listing(reply.json(), key)
            # a new attempt at the same second may rightly bring the page that was just seen
            guard.step(str(place), reply.content if listing.items and not place.attempt else b"")
            return listing

        return fetch

    def _path(self, below: str = "") -> str:
        return audience_path(self._config, below)

    def _now(self) -> datetime:
        """The vendor's clock where it tells it: its records are dated by it."""
        return self._http.server_now or self._clock.now()

    def _look_at_the_clock(self) -> Finding:
        skew = abs(self._now() - self._clock.now())
        seconds = round(skew.total_seconds())
        return Finding("clock", ok=skew <= SKEW, message=f"our clock and Mailchimp's differ by {seconds} s")


def _listing(document: Any, key: str) -> Listing:
    """Raises BadPayload for anything but {key: [objects], total_items: number}: that is never "no records"."""
    items = document.get(key) if isinstance(document, dict) else None
    total = document.get("total_items") if isinstance(document, dict) else None
    if not isinstance(items, list) or type(total) is not int:
        raise BadPayload(f"Mailchimp answered without {key} or total_items: is base_url its API?")
    if not all(isinstance(item, dict) for item in items):
        raise BadPayload(f"Mailchimp listed something among the {key} that is no object: nothing of the page was used")
    return Listing(tuple(items), total)


def _tags(segment: Item, step: Step) -> tuple[Record, ...]:
    """The vendor has no record of one tag on one member: it is put together from the two, both as they came."""
    return tuple(
        Record(f"{segment['id']}:{member['id']}", {"tag": segment, "member": member})
        for member in step.fresh
        if _has_id(member)
    )


def _has_id(item: Item) -> bool:
    return isinstance(item.get("id"), str) and bool(item["id"])


def _rejects(step: Step) -> tuple[Reject, ...]:
    return tuple(Reject(json.dumps(item), "the member has no id") for item in step.fresh if not _has_id(item))


def _subject(error: ConnectorError) -> Any:
    if isinstance(error, AuthError):
        return "auth"
    return "sample" if isinstance(error, ConfigError) else "reach"


def _zulu(moment: datetime) -> str:
    """With Z: the + of +00:00 would arrive as a blank if anything on the way forgot to encode it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
