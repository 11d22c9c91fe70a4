"""Webhooks in: what a vendor has signed is kept before it is answered, and what it hints at is queued to be read."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import Connection as Db
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from connectors.kit.webhook import Delivery, Forged, News, Webhook
from hub.admin.sessions import Now
from hub.jobs.queue import PULL, REFETCH, queue_run, queue_soon, refetch_place
from hub.settings.settings import Connection, Settings
from hub.stages.heard import take_news
from hub.stages.order import place_of
from hub.store.engine import Store

log = logging.getLogger("hub.admin.hooks")

MOST_BODY = 256 * 1024
"""Bytes of one delivery."""

ANSWERS = {
    401: "The signature is missing or wrong.",
    404: "Nothing is listening here.",
    405: "Only POST.",
    413: "Too much.",
}


def refusal(status: int) -> Response:
    """The whole answer to what is not taken; the same to everybody, so that it tells nothing of what there is."""
    return PlainTextResponse(ANSWERS.get(status, "Not possible."), status)


@dataclass(frozen=True, slots=True)
class Hooks:
    """Law: nothing of a delivery is used before its signature holds, and it is answered only after the commit."""

    store: Store
    settings: Settings
    now: Now
    _polled: dict[str, str] = field(default_factory=dict)

    async def receive(self, request: Request) -> Response:
        connection, webhook = self._listening(request)
        if connection is None or webhook is None:
            return refusal(404)
        body = await _body(request)
        if body is None:
            return refusal(413)
        delivery = Delivery(str(request.url), dict(request.headers), body, self.now())
        try:
            webhook.verify(connection.config, delivery)
        except Forged:
            log.warning("a webhook of %s was refused: its signature is missing, wrong or too old", connection.name)
            await run_in_threadpool(self._poll_early, connection)
            return refusal(401)
        await run_in_threadpool(self._take, connection, webhook, delivery)
        return Response(webhook.answer, 200, media_type=webhook.content_type)

    async def greet(self, request: Request) -> Response:
        """A vendor's look whether somebody listens; nobody else learns of it."""
        connection, webhook = self._listening(request)
        if connection is None or webhook is None or webhook.greets is None:
            return refusal(405)
        delivery = Delivery(str(request.url), dict(request.headers), b"", self.now())
        return Response(b"", 200) if webhook.greets(connection.config, delivery) else refusal(405)

    def _listening(self, request: Request) -> tuple[Connection | None, Webhook | None]:
        connection = self.settings.connections.get(request.path_params["connection"])
        return connection, connection.connector.webhook if connection is not None else None

    def _take(self, connection: Connection, webhook: Webhook, delivery: Delivery) -> None:
        news = webhook.tells(connection.config, delivery)
        key = sha256(delivery.body).hexdigest()
        if news != News():
            self.store.write(lambda db: self._keep(db, connection, key, news))

    def _keep(self, db: Db, connection: Connection, key: str, news: News) -> None:
        wanted = take_news(db, self.settings, connection, key, news, self.now())
        if connection.paused:
            return
        if wanted.refetch:
            place = refetch_place(self.settings.hub.installation, connection.name)
            queue_soon(db, place, REFETCH, "a webhook has told of it")
        for stream in sorted(wanted.streams):
            self._pull(db, connection, stream, f"hint {self.now():%Y-%m-%dT%H:%M}", "a webhook has told of it")

    def _poll_early(self, connection: Connection) -> None:
        """What was refused may have told of something: it is looked for, but not more often than once in an hour."""
        slot = f"refused {self.now():%Y-%m-%dT%H}"

        def work(db: Db) -> None:
            for stream in connection.streams:
                self._pull(db, connection, stream.name, slot, "a webhook was refused")

        if not connection.paused and self._polled.get(connection.name) != slot:
            self.store.write(work)
            self._polled[connection.name] = slot  # so that a flood does not keep the database busy

    def _pull(self, db: Db, connection: Connection, stream: str, slot: str, reason: str) -> None:
        queue_run(db, place_of(self.settings, connection.name, stream), PULL, slot, reason)


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
