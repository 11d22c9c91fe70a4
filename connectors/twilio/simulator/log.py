"""The simulated message log: Message resources, the filters and the paging of their list. No HTTP here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from connectors.twilio.simulator.wire import Problem

Message = dict[str, Any]
Query = Mapping[str, str]

API_VERSION = "2010-04-01"
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
MOST = 1000
FILTERS = ("To", "From", "DateSent", "DateSent>", "DateSent<")

Test = Callable[[int], bool]


class MessageLog:
    """Every message of the account, oldest first; the list shows them newest first."""

    def __init__(self, account_sid: str, now: Callable[[], datetime]) -> None:
        self.path = f"/{API_VERSION}/Accounts/{account_sid}/Messages"
        self._account_sid = account_sid
        self._now = now
        self._rows: list[Message] = []
        self._sent: list[datetime | None] = []
        self._places: dict[str, int] = {}

    def __iter__(self) -> Iterator[Message]:
        return iter(self._rows)

    def __getitem__(self, sid: str) -> Message:
        return self._rows[self._places[sid]]

    def add(self, given: Mapping[str, Any]) -> Message:
        """A message with what is given, the rest completed; sent now unless `date_sent` says otherwise."""
        now = format_datetime(self._now().astimezone(UTC))
        sid = given.get("sid") or f"SM{len(self._rows) + 1:032x}"
        uri = f"{self.path}/{sid}"
        message = {
            "sid": sid,
            "account_sid": self._account_sid,
            "messaging_service_sid": None,
            "body": "",
            "num_segments": "1",
            "num_media": "0",
            "error_code": None,
            "error_message": None,
            "price": None,
            "price_unit": "AUD",
            "date_created": given.get("date_sent") or now,
            "date_sent": now,
            "date_updated": now,
            "api_version": API_VERSION,
            "uri": f"{uri}.json",
            "subresource_uris": {"media": f"{uri}/Media.json"},
            **given,
        }
        self._places[sid] = len(self._rows)
        self._rows.append(message)
        self._sent.append(parsedate_to_datetime(message["date_sent"]) if message["date_sent"] else None)
        return message

    def change(self, sid: str, **changes: Any) -> None:
        """What a carrier's late report does: `date_updated` moves, and no filter finds it."""
        self[sid].update(changes, date_updated=format_datetime(self._now().astimezone(UTC)))

    def listing(self, query: Query) -> dict[str, Any]:
        """One page of the list with its envelope. Raises Problem for a filter or a page that is none."""
        size, number = _count(query, "PageSize", 50), _count(query, "Page", 0)
        place = self._begin(query.get("PageToken"), number)
        tests = self._tests(query)
        page: list[Message] = []
        while place >= 0 and len(page) < size:
            if all(test(place) for test in tests):
                page.append(self._rows[place])
            place -= 1
        while place >= 0 and not all(test(place) for test in tests):
            place -= 1
        kept = {name: query[name] for name in FILTERS if name in query}
        here = {**kept, "PageSize": str(size), "Page": str(number)}
        following = {**kept, "PageSize": str(size), "Page": str(number + 1)}
        return {
            "messages": page,
            "page": number,
            "page_size": size,
            "start": number * size,
            "end": number * size + max(len(page) - 1, 0),
            "uri": self._uri(here),
            "first_page_uri": self._uri({**here, "Page": "0"}),
            "previous_page_uri": None if number == 0 else self._uri({**here, "Page": str(number - 1)}),
            "next_page_uri": self._uri({**following, "PageToken": f"PA{page[-1]['sid']}"}) if place >= 0 else None,
        }

    def _uri(self, query: Query) -> str:
        return f"{self.path}.json?{urlencode(query)}"

    def _begin(self, token: str | None, number: int) -> int:
        if token is None and number == 0:
            return len(self._rows) - 1
        if token is None or token[2:] not in self._places:
            raise Problem(400, 20001, "Page can not be requested without a valid PageToken")
        return self._places[token[2:]] - 1

    def _tests(self, query: Query) -> list[Test]:
        tests: list[Test] = []
        for name, key in (("To", "to"), ("From", "from")):
            if name in query:
                tests.append(lambda place, key=key, value=query[name]: self._rows[place][key] == value)  # type: ignore[misc]
        since, until = _window(query)
        if since is not None or until is not None:
            tests.append(lambda place: _within(self._sent[place], since, until))
        return tests


def _within(sent: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    """A message that was never sent is in no window."""
    return sent is not None and (since is None or sent >= since) and (until is None or sent < until)


def _window(query: Query) -> tuple[datetime | None, datetime | None]:
    """The first moment that fits the filters and the first one after it that does not; both ends are inclusive."""
    exactly = _moment(query.get("DateSent"))
    since, until = exactly or _moment(query.get("DateSent>")), exactly or _moment(query.get("DateSent<"))
    return (since and since[0]), (until and until[1])


def _moment(text: str | None) -> tuple[datetime, datetime] | None:
    """A GMT day or a moment, as its first instant and the first one after it."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Problem(400, 20001, "DateSent is no date") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return moment, moment + (DAY if len(text) == len("2026-01-01") else SECOND)


def _count(query: Query, name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal():
        raise Problem(400, 20001, f"{name} is no number")
    return min(int(text), MOST) if name == "PageSize" else int(text)
