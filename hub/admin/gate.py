"""The gate: whoever has no open session gets the page that tells how to open one, whatever they asked for."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.admin.sessions import LONGEST, Now, is_signed_in
from hub.admin.shield import ErrorPage, is_hook
from hub.store.engine import Store

OPEN_PATHS = {"/sign-in"}
OPEN_FOLDER = "/static/"


class Gate:
    """Closed by default: a new route needs no line here to be behind it."""

    def __init__(self, app: ASGIApp, store: Store, now: Now, error_page: ErrorPage) -> None:
        self.app = app
        self.store = store
        self.now = now
        self.error_page = error_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_open(scope["path"]) or await self._is_signed_in(Request(scope)):
            await self.app(scope, receive, send)
            return
        refusal = self.error_page(401, "`hub up` prints a link that opens these pages. It works once, for 15 minutes.")
        refusal.headers["hx-refresh"] = "true"  # a search box that outlived its session loads the page that says so
        await refusal(scope, receive, send)

    async def _is_signed_in(self, request: Request) -> bool:
        session_id = session_of(request)
        return bool(session_id) and await run_in_threadpool(is_signed_in, self.store, session_id, self.now())


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDER) or is_hook(path)


def cookie_name(request: Request) -> str:
    """Over https the name itself binds the cookie to this host and to https."""
    return "__Host-hub_session" if request.url.scheme == "https" else "hub_session"


def session_of(request: Request) -> str:
    return request.cookies.get(cookie_name(request), "")


def keep_session(request: Request, response: Response, session_id: str) -> None:
    response.set_cookie(
        cookie_name(request),
        session_id,
        max_age=int(LONGEST.total_seconds()),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def drop_session(request: Request, response: Response) -> None:
    response.delete_cookie(cookie_name(request), secure=request.url.scheme == "https", httponly=True, samesite="lax")
