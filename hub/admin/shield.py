"""Around every request: odd hosts and foreign origins are refused, every reply gets its headers, no error escapes."""

from __future__ import annotations

import logging
import re
import secrets
import traceback
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.store import waiting

log = logging.getLogger("hub.admin")

HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?", re.IGNORECASE)
READING = {"GET", "HEAD"}
HOOK = re.compile(r"/hooks/[^/]+")
API = "/api/"
MOST_BODY = 16_384
"""Bytes; the longest form has one token."""

HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    # not no-referrer: with it browsers send our own forms with `Origin: null`
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

ErrorPage = Callable[[int, str], Response]
"""Status and explanation -> the page."""


def is_hook(path: str) -> bool:
    """Whether a vendor calls here: without a session and from no page, but signed, which `hooks` looks at."""
    return HOOK.fullmatch(path) is not None


def is_api(path: str) -> bool:
    """Whether a program asks: with a token of its own, and never by a session."""
    return path.startswith(API)


class Shield:
    """The outermost layer of the app, outside of what Starlette answers by itself."""

    def __init__(self, app: ASGIApp, error_page: ErrorPage, api_error: ErrorPage) -> None:
        self.app = app
        self.error_page = error_page
        self.api_error = api_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        armoured = _Armoured(scope, send)
        if refusal := self._refusal(scope):
            await refusal(scope, receive, armoured)
            return
        try:
            await self.app(scope, receive, armoured)
        except Exception as error:
            if armoured.begun:
                raise
            answer = self._too_slow if waiting.took_too_long(error) else self._broken
            await answer(scope, error)(scope, receive, armoured)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not HOST.fullmatch(hosts[0]):
            return self._error(scope, 400, "The address of this page is not one that a browser asks for.")
        if scope["method"] in READING or is_hook(scope["path"]):
            return None
        if is_api(scope["path"]):
            return self._too_much_for_the_api(headers)
        if not _from_our_own_page(headers):
            return self.error_page(403, "This request did not come from a page of the hub.")
        if not _is_short(headers):
            return self.error_page(413, "That was more than these pages take.")
        return None

    def _too_much_for_the_api(self, headers: Headers) -> Response | None:
        """Where the request came from says nothing there: no browser adds a token to it by itself."""
        if "transfer-encoding" in headers and "content-length" not in headers:
            return self.api_error(411, "")
        is_empty = "content-length" not in headers
        return None if is_empty or _is_short(headers) else self.api_error(413, "")

    def _error(self, scope: Scope, status: int, told: str) -> Response:
        return (self.api_error if is_api(scope["path"]) else self.error_page)(status, told)

    def _broken(self, scope: Scope, error: Exception) -> Response:
        """A bug's kind and place go to the log, not its text, which may hold a person's data."""
        number = secrets.token_hex(4)
        last = traceback.extract_tb(error.__traceback__)[-1]
        log.error("error %s: %s in %s", number, type(error).__name__, _place(last))
        return self._error(scope, 500, f"Something went wrong here. The hub's log has it as error {number}.")

    def _too_slow(self, scope: Scope, error: Exception) -> Response:
        """The database stopped at its limit, so that nobody else has to wait; the log has who asked it."""
        ours = [one for one in traceback.extract_tb(error.__traceback__) if "sqlalchemy" not in one.filename]
        log.warning(
            "a question to the database took longer than %g s, in %s", waiting.STATEMENT_SECONDS, _place(ours[-1])
        )
        told = f"The database was stopped: this took longer than {waiting.STATEMENT_SECONDS:g} seconds."
        return self._error(scope, 503, f"{told} Ask for less, or try again in a moment.")


def _place(last: traceback.FrameSummary) -> str:
    file = last.filename.replace("\\", "/").rpartition("/")[2]
    return f"{last.name} ({file}:{last.lineno})"


def _is_short(headers: Headers) -> bool:
    """A body of no announced length is not read at all."""
    length = headers.get("content-length", "")
    return length.isdecimal() and int(length[:10]) <= MOST_BODY


def _from_our_own_page(headers: Headers) -> bool:
    """The ports and names must agree; the scheme need not, as a proxy may speak TLS for us."""
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    try:
        origin = urlsplit(headers.get("origin", ""))
    except ValueError:
        return False
    return origin.scheme in ("http", "https") and origin.netloc.lower() == headers["host"].lower()


class _Armoured:
    """A `send` that adds the headers. Pages are never stored; static files are asked for anew, by their ETag."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.send = send
        self.begun = False
        self.headers = {**HEADERS, "cache-control": "no-cache" if scope["path"].startswith("/static/") else "no-store"}
        if scope["scheme"] == "https":
            self.headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in self.headers.items():
                headers[name] = value
        await self.send(message)
