"""The pages around a session: the printed link and the button behind it, name and password, and signing out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub import audit
from hub.access.roles import OWNER, Permission
from hub.admin.doors import viewer_in
from hub.admin.gate import drop_session, keep_session, session_of
from hub.admin.sessions import close_all, close_session, is_open_link, open_session, start_session, user_of_link
from hub.admin.site import Site
from hub.admin.words import span
from hub.users.accounts import is_known, password_of, set_password, viewer_of
from hub.users.passwords import TooBusy, hash_password, is_right, weakness
from hub.users.tries import begin_try, forgive

USED = "This link was used before, or is older than 15 minutes. `hub up` prints a new one."
WRONG = "The name or the password is not right."
BUSY = "Too many people sign in at this moment. Try again in a few seconds."
DIFFERENT = "The two passwords are not the same."
LONGEST_NAME = 64


def doors(site: Site) -> list[BaseRoute]:
    sign_in = SignIn(site)
    return [
        Route("/sign-in", sign_in.show, name="sign_in"),
        Route("/sign-in", sign_in.open, methods=["POST"], name="open_session"),
        site.doors.act("/sign-out", sign_in.close, "sign_out", Permission.LOOK),
    ]


class _LinkIsOver(Exception):
    """Nothing of what was begun with the link happens."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Laws: only the POST uses a link up, so that a mail scanner or a prefetching browser cannot; and who does not
    know a password learns nothing: unknown names, wrong passwords and disabled users get one answer for one work."""

    site: Site

    def show(self, request: Request) -> Response:
        token = request.query_params.get("token", "")
        with self.site.store.read() as db:
            if is_open_link(db, token, self.site.now()):
                return self._link_page(token, user_of_link(db, token, self.site.now()))
        return self._form(401, USED) if token else self._form(200)

    async def open(self, request: Request) -> Response:
        async with request.form(max_files=0) as form:
            return await run_in_threadpool(self._by_link if "token" in form else self._by_password, request, form)

    def close(self, request: Request, _form: FormData) -> Response:
        name = viewer_in(request).name

        def end(db: Connection) -> None:
            close_session(db, session_of(request))
            audit.note(db, self.site.now(), name, "sign-out", name)

        self.site.store.write(end)
        response = self.site.templates.error(200, "You are signed out.")
        drop_session(request, response)
        return response

    def _by_link(self, request: Request, form: FormData) -> Response:
        """Opens a session; of a user who chose a password behind the link, that is theirs from then on."""
        token, password = str(form.get("token", "")), str(form.get("password", ""))
        with self.site.store.read() as db:
            name = user_of_link(db, token, self.site.now())
        hashed = None
        if name is not None and (password or form.get("again")):
            problem = DIFFERENT if password != str(form.get("again", "")) else weakness(name, password)
            if problem:
                return self._link_page(token, name, problem)
            try:
                hashed = hash_password(password)
            except TooBusy:
                return self._link_page(token, name, BUSY)
        try:
            session_id = self.site.store.write(lambda db: self._open(db, token, session_of(request), hashed))
        except _LinkIsOver:
            return self._form(401, USED)
        return self._signed_in(request, session_id)

    def _open(self, db: Connection, token: str, before: str, hashed: str | None) -> str:
        now = self.site.now()
        name = user_of_link(db, token, now)
        if name is not None and hashed is not None:
            set_password(db, name, hashed)
            close_all(db, name)
            audit.note(db, now, name, "user.password", name, {"by": "link"})
        session_id = open_session(db, token, before, now)
        if session_id is None or viewer_of(db, name) is None:
            raise _LinkIsOver
        audit.note(db, now, name or OWNER, "sign-in", name or OWNER, {"by": "link"})
        return session_id

    def _by_password(self, request: Request, form: FormData) -> Response:
        name = str(form.get("name", "")).strip().lower()[:LONGEST_NAME]
        address = request.client.host if request.client else ""
        if wait := self.site.store.write(lambda db: begin_try(db, name, address, self.site.now())):
            return self._too_soon(wait)
        with self.site.store.read() as db:
            kept = password_of(db, name)
        try:
            right = is_right(str(form.get("password", "")), kept)
        except TooBusy:
            return self._form(503, BUSY)
        if not right:
            self.site.store.write(lambda db: self._note_failure(db, name))
            return self._form(401, WRONG)
        session_id = self.site.store.write(lambda db: self._start(db, name, address, session_of(request)))
        return self._signed_in(request, session_id)

    def _note_failure(self, db: Connection, name: str) -> None:
        """By its name only for a user there is: what stands in that field may be a password."""
        known = name if is_known(db, name) else "unknown"
        audit.note(db, self.site.now(), known, "sign-in.failed", known)

    def _start(self, db: Connection, name: str, address: str, before: str) -> str:
        now = self.site.now()
        forgive(db, name, address, now)
        audit.note(db, now, name, "sign-in", name, {"by": "password"})
        return start_session(db, name, before, now)

    def _signed_in(self, request: Request, session_id: str) -> Response:
        response = self.site.to(request, "home")
        keep_session(request, response, session_id)
        return response

    def _too_soon(self, wait: timedelta) -> Response:
        seconds = int(wait.total_seconds()) + 1
        response = self._form(429, f"That was wrong too often. Try again in {span(timedelta(seconds=seconds))}.")
        response.headers["retry-after"] = str(seconds)
        return response

    def _form(self, status: int, problem: str = "") -> Response:
        return self.site.templates.page("sign_in", status, problem=problem)

    def _link_page(self, token: str, name: str | None, problem: str = "") -> Response:
        return self.site.templates.page(
            "sign_in_link", 422 if problem else 200, token=token, user=name, problem=problem
        )
