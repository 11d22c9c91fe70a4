"""The pages around a session: the one behind the printed link, the button on it, and signing out."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.admin.gate import drop_session, keep_session, session_of
from hub.admin.sessions import Now, close_session, is_open_link, open_session
from hub.admin.templates import Templates
from hub.store.engine import Store

USED = "This link was used before, or is older than 15 minutes. `hub up` prints a new one."


@dataclass(frozen=True, slots=True)
class SignIn:
    """Law: only the POST uses a link up, so that a mail scanner or a prefetching browser cannot."""

    store: Store
    templates: Templates
    now: Now

    def show(self, request: Request) -> Response:
        token = request.query_params.get("token", "")
        with self.store.read() as db:
            if not is_open_link(db, token, self.now()):
                return self.templates.error(401, USED)
        return self.templates.page("sign_in", token=token)

    async def open(self, request: Request) -> Response:
        async with request.form(max_files=0) as form:
            token = str(form.get("token", ""))
        session_id = await run_in_threadpool(self._open, token, session_of(request))
        if session_id is None:
            return self.templates.error(401, USED)
        response = RedirectResponse(str(request.app.url_path_for("home")), status_code=303)
        keep_session(request, response, session_id)
        return response

    def _open(self, token: str, before: str) -> str | None:
        return self.store.write(lambda db: open_session(db, token, before, self.now()))

    def close(self, request: Request) -> Response:
        self.store.write(lambda db: close_session(db, session_of(request)))
        response = self.templates.error(200, "You are signed out. `hub up` prints a link to sign in again.")
        drop_session(request, response)
        return response
