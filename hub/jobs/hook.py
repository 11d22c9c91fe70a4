"""One signed HTTP request to a subscriber, as Standard Webhooks 1.0.0 says, and what its answer means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from connectors.kit.door import Door
from connectors.kit.errors import BadPayload
from connectors.kit.redact import redact
from connectors.kit.reply import Reply, asked_wait
from connectors.kit.transport import Broken, Limits, Transport
from hub.settings.automations import Subscriber
from hub.stages.notices import Became
from hub.watch.signing import signed

SECONDS = 15.0
"""A receiver that has not answered by then is asked again later."""

LIMITS = Limits(connect=5.0, read=SECONDS, deadline=SECONDS)

GONE = 410
BUSY = frozenset({408, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one attempt. `in_trouble`: the receiver as a whole, so that the next notice would fare alike.

    `wait`: the seconds for which it asks to be left alone; None where it says nothing of that.
    """

    became: Became
    message: str = ""
    in_trouble: bool = False
    wait: float | None = None


def body_of(kind: str, happened_at: datetime, data: Mapping[str, Any]) -> bytes:
    return orjson.dumps({"type": kind, "timestamp": happened_at.isoformat(), "data": data})


def send(subscriber: Subscriber, event: str, body: bytes, at: int, door: Door) -> Answer:
    """Send it once, through this door. No redirect is followed: what is signed goes where it was meant, or nowhere."""
    headers = {"Content-Type": "application/json", **signed(subscriber.secrets, event, at, body)}
    transport = Transport(LIMITS, headers, None, replace(door, private=subscriber.allow_private), may_be_empty=True)
    try:
        reply = transport.send("POST", subscriber.url, data=body)
    except Broken as broken:
        return Answer("failed", str(broken), in_trouble=True)
    except BadPayload as bad:
        return Answer("failed", redact(str(bad), subscriber.secrets))
    finally:
        transport.close()
    return _judged(reply)


def _judged(reply: Reply) -> Answer:
    status = reply.status
    if 200 <= status < 300:
        return Answer("delivered")
    if status == GONE:
        return Answer("refused", "410: the receiver has switched this off")
    if 300 <= status < 400:
        return Answer("failed", f"{status}: a redirect, which is not followed; correct the subscriber's address", True)
    wait = asked_wait(reply, datetime.now(UTC)) if status in (429, 503) else None
    return Answer("failed", f"{status}", in_trouble=status in BUSY or status >= 500, wait=wait)
