"""Twilio's side we pull from: the message log, read once as the numbers in it and once as its messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from connectors.kit.base import Cursor, Finding, Page, Source, Stream
from connectors.kit.clock import SYSTEM, Clock
from connectors.kit.cursors import advance, start_of
from connectors.kit.errors import AuthError, BadPayload, ConfigError, ConnectorError
from connectors.kit.http import Http
from connectors.kit.pagination import LoopGuard
from connectors.twilio.config import TwilioConfig
from connectors.twilio.judge import judge_for
from connectors.twilio.messages import message_records, number_records, opened

PAGE_SIZE = 1000
SKEW = timedelta(seconds=60)

LOOKBACK = timedelta(days=15)
"""A message's status and error may be set days after it was sent, and no filter finds what was changed."""
LAG = timedelta(seconds=10)

NUMBERS = Stream("numbers", record="person", lookback=LOOKBACK, lag=LAG, forgets=True)
MESSAGES = Stream("messages", record="message", lookback=LOOKBACK, lag=LAG, forgets=True)


class TwilioSource(Source):
    """One account's log; a sub-account has its own. Deleted messages are not seen, redacted ones come without text.

    A message that has never been sent (`date_sent` is null) is listed by a pull from the very start and by no other.
    """

    streams: ClassVar[tuple[Stream, ...]] = (NUMBERS, MESSAGES)

    def __init__(self, config: TwilioConfig, *, clock: Clock = SYSTEM, page_size: int = PAGE_SIZE) -> None:
        self._config = config
        self._clock = clock
        self._page_size = page_size
        self._path = f"2010-04-01/Accounts/{config.account_sid}/Messages.json"
        self._http = self._open(config.messages_address)

    def close(self) -> None:
        self._http.close()

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """The log comes newest first, so only its last page may move the cursor: until then older ones are missing.

        A number comes once a page, and again with every page it is on.
        """
        guard = LoopGuard()
        moved, began = cursor, None
        place, query = self._path, self._query(start_of(cursor, stream))
        while True:
            reply = self._http.get(place, query)
            listing = opened(reply.json())
            began = began or self._now()
            messages, rejects = message_records(listing.items)
            moved = advance(moved, messages, stream, began)
            if stream.name == NUMBERS.name:
                records, rejects = number_records(messages), ()
            else:
                records = messages
            if listing.next is None:
                yield Page(records, moved, rejects)
                return
            guard.step(listing.next, reply.content if listing.items else b"")
            yield Page(records, cursor or Cursor(), rejects)
            place, query = listing.next, None  # the path has its own query

    def check(self) -> Iterator[Finding]:
        try:
            opened(self._http.get(self._path, {"PageSize": "1"}).json())
            sample = self._look_at_the_sender()
        except ConnectorError as error:
            yield Finding(_subject(error), ok=False, message=str(error))
            return
        yield Finding("reach", ok=True)
        yield Finding("auth", ok=True)
        yield Finding("sample", ok=True, message=sample)
        yield self._look_at_the_clock()

    def _look_at_the_sender(self) -> str:
        """Raises ConfigError when there is no such messaging service."""
        if not self._config.sender.startswith("MG"):
            return "the message log is readable"
        with closing(self._open(self._config.messaging_address)) as http:
            found = http.get(f"v1/Services/{self._config.sender}").json()
        if not isinstance(found, dict) or found.get("sid") != self._config.sender:
            raise BadPayload("Twilio did not describe the messaging service: is messaging_url its API?")
        return f"the message log is readable, the messaging service is {found.get('friendly_name')}"

    def _look_at_the_clock(self) -> Finding:
        skew = abs(self._now() - self._clock.now())
        seconds = round(skew.total_seconds())
        return Finding("clock", ok=skew <= SKEW, message=f"our clock and Twilio's differ by {seconds} s")

    def _open(self, address: str) -> Http:
        config = self._config
        return Http(address, auth=config.login, judge=judge_for(config), clock=self._clock, secrets=config.secrets)

    def _query(self, start: datetime | None) -> dict[str, str] | None:
        query = {"PageSize": str(self._page_size)}
        if start is not None:
            query["DateSent>"] = start.strftime("%Y-%m-%dT%H:%M:%SZ")  # the name ends in >, and "=" makes it inclusive
        return query

    def _now(self) -> datetime:
        """The vendor's clock where it tells it: its messages are dated by it."""
        return self._http.server_now or self._clock.now()


def _subject(error: ConnectorError) -> Literal["auth", "sample", "reach"]:
    if isinstance(error, AuthError):
        return "auth"
    return "sample" if isinstance(error, ConfigError) else "reach"
