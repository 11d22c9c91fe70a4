"""Webhooks in: what a vendor has signed is landed, mapped and taken as evidence before it is answered."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection as Db
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from connectors.kit.base import Record
from connectors.kit.destination import Delivery, Forged, Webhook
from hub.admin.sessions import Now
from hub.consent.keywords import meaning_of_message
from hub.settings.settings import Connection, ConnectionStream, Settings
from hub.stages.land import arrivals, known_hashes
from hub.stages.observe import rules_of, take_in
from hub.stages.place import Place
from hub.store.engine import Store
from mapping.models import Message

log = logging.getLogger("hub.admin.hooks")

MOST_BODY = 256 * 1024
"""Bytes of one delivery."""

ANSWERS = {
    401: "The signature is missing or wrong.",
    404: "Nothing is listening here.",
    405: "Only POST.",
    413: "Too much.",
}

Told = Sequence[tuple[str, Record]]


def refusal(status: int) -> Response:
    """The whole answer to what is not taken; the same to everybody, so that it tells nothing of what there is."""
    return PlainTextResponse(ANSWERS.get(status, "Not possible."), status)


@dataclass(frozen=True, slots=True)
class Hooks:
    """Law: nothing of a delivery is used before its signature holds, and it is answered only after the commit."""

    store: Store
    settings: Settings
    now: Now

    async def receive(self, request: Request) -> Response:
        connection = self.settings.connections.get(request.path_params["connection"])
        if connection is None or (webhook := connection.connector.webhook) is None:
            return refusal(404)
        body = await _body(request)
        if body is None:
            return refusal(413)
        delivery = Delivery(str(request.url), dict(request.headers), body)
        try:
            await run_in_threadpool(self._take, connection, webhook, delivery)
        except Forged:
            log.warning("a webhook of %s was refused: its signature is missing or wrong", connection.name)
            return refusal(401)
        return Response(webhook.answer, 200, media_type=webhook.content_type)

    def _take(self, connection: Connection, webhook: Webhook, delivery: Delivery) -> None:
        """Raises Forged."""
        webhook.verify(connection.config, delivery)
        told = webhook.records(delivery, self.now())
        if told:
            self.store.write(lambda db: self._land(db, connection, told))

    def _land(self, db: Db, connection: Connection, told: Told) -> None:
        rules = rules_of(self.settings, connection)
        for stream in connection.streams:
            place = Place(self.settings.hub.installation, connection.name, stream.name)
            records = [record for name, record in told if name == stream.name]
            if new := [record for record in _unknown(db, place, records) if not _is_a_yes(stream, record)]:
                take_in(db, place, stream, rules, new)


async def _body(request: Request) -> bytes | None:
    """The body as it came; None as soon as it is too long, whatever length was announced."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BODY:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)


def _unknown(db: Db, place: Place, records: Sequence[Record]) -> list[Record]:
    """What was never landed: a delivery that comes again, or after a poll has brought it, changes nothing."""
    arriving, _ = arrivals(records)
    known = known_hashes(db, place, arriving)
    return [one.record for one in arriving if one.record.id not in known]


def _is_a_yes(stream: ConnectionStream, record: Record) -> bool:
    """A yes is left to the next poll, which knows when it was sent: one that arrives late would undo a newer no."""
    value = stream.mapper(record.data).value
    if not isinstance(value, Message) or value.direction != "in":
        return False
    return meaning_of_message(value.text, value.verdict) == "start"
