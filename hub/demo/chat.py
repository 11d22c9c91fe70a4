"""The text messages of the estate: parcel notices and what people answer, as Twilio's message log has them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any

from connectors.twilio.simulator import NUMBER, SENDER
from hub.demo import names
from hub.demo.people import END, START, Sighting, Text, moment
from hub.demo.shop import e164

STOP, BACK = "STOP", "START"
ANSWERS, STOPS = 0.3, 0.2
COMES_BACK = 0.35

LAST_NOTICE = END - timedelta(days=20)


def some_texts(rng: Random) -> tuple[Text, ...]:
    """One to four notices; some people answer the last one, some stop them, and of these some start them again."""
    texts = [Text(at, names.NOTICE) for at in sorted(_moments(rng, rng.randint(1, 4)))]
    chance, last = rng.random(), texts[-1].at
    if chance < STOPS:
        stopped = _soon(rng, last)
        texts.append(Text(stopped, STOP, inbound=True))
        if rng.random() < COMES_BACK:
            texts.append(Text(_soon(rng, stopped), BACK, inbound=True))
    elif chance < STOPS + ANSWERS:
        texts.append(Text(_soon(rng, last), rng.choice(names.REPLIES), inbound=True))
    return tuple(texts)


def log(seen: Iterable[Sighting]) -> list[dict[str, Any]]:
    """Everybody's messages, oldest first, without the ids, which the vendor gives."""
    told = [(text, e164(each.phone)) for each in seen for text in each.texts]
    return [_message(text, number) for text, number in sorted(told, key=lambda one: (one[0].at, one[1]))]


def _message(text: Text, number: str) -> dict[str, Any]:
    way = {"from": number, "to": NUMBER} if text.inbound else {"from": NUMBER, "to": number}
    return {
        **way,
        "messaging_service_sid": SENDER,
        "body": text.body,
        "direction": "inbound" if text.inbound else "outbound-api",
        "status": "received" if text.inbound else "delivered",
        "date_sent": format_datetime(text.at),
        "date_updated": format_datetime(text.at),
    }


def _moments(rng: Random, count: int) -> list[datetime]:
    return [moment(rng, START, LAST_NOTICE) for _ in range(count)]


def _soon(rng: Random, after: datetime) -> datetime:
    return after + timedelta(minutes=rng.randint(1, 10_000))
