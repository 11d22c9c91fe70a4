"""What machines ask: is it alive, is it ready, how does it do. Nothing here shows a person's data."""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from hub.settings.settings import Settings
from hub.store.engine import Store
from hub.watch.figures import figures
from hub.watch.metrics import CONTENT_TYPE, exposition
from hub.watch.pulse import Asked, health, readiness
from hub.watch.room import room_for

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
"""Open to those without a session; /metrics looks itself at who asks."""

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Vitals:
    """The routes of a process that serves this store."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._health = Asked(lambda: health(store))
        self._readiness = Asked(lambda: readiness(store, settings))

    async def healthz(self, _request: Request) -> Response:
        answer = await self._health.answer()
        return JSONResponse(answer.as_json(), answer.status)

    async def readyz(self, _request: Request) -> Response:
        answer = await self._readiness.answer()
        return JSONResponse(answer.as_json(), answer.status)

    def metrics(self, request: Request) -> Response:
        if not self._may_read(request):
            told = "Metrics are for this machine, or for whoever shows the token of metrics: in hub.yaml.\n"
            return PlainTextResponse(told, 401, headers={"www-authenticate": "Bearer"})
        try:
            with self._store.read() as db:
                found = figures(db, self._settings)
        except SQLAlchemyError:
            return PlainTextResponse("The database does not answer.\n", 503)
        return PlainTextResponse(exposition(found, room_for(self._settings.database_url)), media_type=CONTENT_TYPE)

    def _may_read(self, request: Request) -> bool:
        token = self._settings.hub.metrics.token
        if token is None:
            return _is_local(request)
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and hmac.compare_digest(given.encode(), token.get_secret_value().encode())


def _is_local(request: Request) -> bool:
    """From this machine and through no proxy; the name that was asked for is ours too, or a page may have lied."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        own = ip_address(request.client.host).is_loopback
    except ValueError:
        return False
    return own and urlsplit(f"//{request.headers.get('host', '')}").hostname in LOCAL_NAMES
