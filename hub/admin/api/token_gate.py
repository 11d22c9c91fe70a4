"""The gate of the API: whoever brings no valid token gets a problem, and each token only so many answers."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.access.roles import Viewer
from hub.admin.api.limits import Limits
from hub.admin.api.problems import CHALLENGE, Refused
from hub.admin.sessions import Now
from hub.admin.shield import is_api
from hub.store.engine import Store
from hub.users.tokens import who_calls


class TokenGate:
    """Closed by default. A cookie is never looked at here, so that no other site can ask with a visitor's session."""

    def __init__(self, app: ASGIApp, store: Store, now: Now, limits: Limits) -> None:
        self.app = app
        self.store = store
        self.now = now
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_api(scope["path"]):
            await self.app(scope, receive, send)
            return
        try:
            viewer = await self._let_in(scope)
        except Refused as refused:
            await refused.response(scope, receive, send)
            return
        scope.setdefault("state", {})["viewer"] = viewer
        await self.app(scope, receive, send)

    async def _let_in(self, scope: Scope) -> Viewer:
        token = _token_in(Headers(scope=scope))
        viewer = await run_in_threadpool(self._viewer, token) if token else None
        if viewer is None:
            challenge = f'{CHALLENGE}, error="invalid_token"' if token else CHALLENGE
            raise Refused(401, headers={"WWW-Authenticate": challenge})
        self.limits.take(viewer.name)
        return viewer

    def _viewer(self, token: str) -> Viewer | None:
        return who_calls(self.store, token, self.now())


def _token_in(headers: Headers) -> str:
    """The token of the one header that carries it; of two nobody knows which is meant."""
    given = headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" else ""
