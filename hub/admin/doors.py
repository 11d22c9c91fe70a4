"""The doors of the pages: each names the permission it asks for, and every form is of the visitor's own session.

A route that is no `Door` must be one of those that are open on purpose, or a test fails.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.access.roles import Permission, Viewer
from hub.admin.gate import session_of
from hub.admin.sessions import form_token
from hub.admin.templates import Templates

Look = Callable[[Request], Response]
Act = Callable[[Request, FormData], Response]

STALE_FORM = "This form is not of your session. Load the page again and decide anew."
MOST_FIELDS = 200
FORM_HEADER = "x-form-token"
"""Where a script of our own puts what a form has in its field `form`."""


class Door(Route):
    """A route that is open to those who have one permission."""

    def __init__(
        self, path: str, endpoint: Callable[..., object], name: str, method: str, permission: Permission
    ) -> None:
        super().__init__(path, endpoint, methods=[method], name=name)
        self.permission = permission


class Doors:
    """Makes the doors of one site; the functions behind them run in a thread and may wait for the store."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def look(self, path: str, answer: Look, name: str, permission: Permission = Permission.LOOK) -> Door:
        """A page: asked for by GET, and changes nothing."""

        async def endpoint(request: Request) -> Response:
            if refusal := self._forbidden(request, permission):
                return refusal
            return await run_in_threadpool(answer, request)

        return Door(path, endpoint, name, "GET", permission)

    def act(self, path: str, answer: Act, name: str, permission: Permission) -> Door:
        """A form that was filled in: sent by POST with the token of the session that it was shown to."""

        async def endpoint(request: Request) -> Response:
            if refusal := self._forbidden(request, permission):
                return refusal
            async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
                if not _is_own(request, form):
                    return self._templates.error(403, STALE_FORM, viewer=viewer_in(request))
                return await run_in_threadpool(answer, request, form)

        return Door(path, endpoint, name, "POST", permission)

    def _forbidden(self, request: Request, permission: Permission) -> Response | None:
        viewer = viewer_in(request)
        if viewer.may(permission):
            return None
        told = f"Your role, {viewer.role or 'none'}, may not do this. An admin can change it: `hub user role`."
        return self._templates.error(403, told, viewer=viewer)


def viewer_in(request: Request) -> Viewer:
    """Who asks; the gate has put them there."""
    viewer: Viewer = request.state.viewer
    return viewer


def _is_own(request: Request, form: FormData) -> bool:
    given = str(form.get("form", "")) or request.headers.get(FORM_HEADER, "")
    return hmac.compare_digest(given.encode(), form_token(session_of(request)).encode())
