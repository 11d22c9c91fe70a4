"""The gate: whoever has no open session is told how to open one; of others it is known who they are."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.admin import vitals
from hub.admin.sessions import LONGEST, Now, who_is, who_is_still
from hub.admin.shield import ErrorPage, is_api, is_hook
from hub.store.engine import Store

OPEN_PATHS = {"/sign-in", *vitals.PATHS}
OPEN_FOLDER = "/static/"
STILL_HEADER = "x-still"
"""What a page of ours says that was only left open and asks by itself: that keeps no session alive."""


class Gate:
    """Closed by default: a new route needs no line here to be behind it."""

    def __init__(self, app: ASGIApp, store: Store, now: Now, error_page: ErrorPage) -> None:
        self.app = app
        self.store = store
        self.now = now
        self.error_page = error_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_open(scope["path"]) or await self._lets_in(scope):
            await self.app(scope, receive, send)
            return
        refusal = self.error_page(401, "`hub up` prints a link that opens these pages. It works once, for 15 minutes.")
        refusal.headers["hx-refresh"] = "true"  # a search box that outlived its session loads the page that says so
        await refusal(scope, receive, send)

    async def _lets_in(self, scope: Scope) -> bool:
        """Whether there is a session; whose it is stands in the request's state then."""
        request = Request(scope)
        session_id = session_of(request)
        who = who_is_still if STILL_HEADER in request.headers else who_is
        viewer = await run_in_threadpool(who, self.store, session_id, self.now()) if session_id else None
        scope.setdefault("state", {})["viewer"] = viewer
        return viewer is not None


def _is_open(path: str) -> bool:
    """The API has a gate of its own, which knows no sessions."""
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDER) or is_hook(path) or is_api(path)


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
