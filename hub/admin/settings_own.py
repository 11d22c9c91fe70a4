"""The Settings page that everybody has: the own password and the own sessions."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub import audit
from hub.access.roles import OWNER, Permission
from hub.admin.doors import viewer_in
from hub.admin.gate import drop_session, keep_session, session_of
from hub.admin.sessions import close_all, sessions_of, start_session
from hub.admin.sign_in import BUSY, DIFFERENT
from hub.admin.site import Site
from hub.admin.words import span
from hub.users.accounts import password_of, set_password
from hub.users.passwords import TooBusy, hash_password, is_right, weakness
from hub.users.tries import begin_try, forgive

WITHOUT_ONE = "You have no password yet: behind the link of `hub user link {name}` you choose one."
WRONG_OLD = "That is not your password as it is now."
CHANGED = "Your password is changed. Everywhere else you are signed out."


def doors(site: Site) -> list[BaseRoute]:
    own = Own(site)
    return [
        site.doors.look("/settings", own.show, "settings"),
        site.doors.act("/settings/password", own.change_password, "own_password", Permission.LOOK),
        site.doors.act("/settings/sessions", own.end_sessions, "own_sessions", Permission.LOOK),
    ]


@dataclass(frozen=True, slots=True)
class Own:
    """Law: a password is changed only by who knows the old one, so that a borrowed session cannot take a user over."""

    site: Site

    def show(self, request: Request) -> Response:
        return self._page(request, done=CHANGED if request.query_params.get("changed") else "")

    def change_password(self, request: Request, form: FormData) -> Response:
        name = viewer_in(request).name
        old, new, again = (str(form.get(field, "")) for field in ("old", "password", "again"))
        if problem := (DIFFERENT if new != again else weakness(name, new)):
            return self._page(request, 422, problem)
        try:
            if problem := self._problem_of_old(request, name, old):
                return self._page(request, 422, problem)
            hashed = hash_password(new)
        except TooBusy:
            return self._page(request, 503, BUSY)
        session_id = self.site.store.write(lambda db: self._change(db, name, hashed, session_of(request)))
        response = self.site.to(request, "settings", "?changed=1")
        keep_session(request, response, session_id)
        return response

    def end_sessions(self, request: Request, _form: FormData) -> Response:
        name = viewer_in(request).name

        def end(db: Connection) -> int:
            ended = close_all(db, _user(name))
            audit.note(db, self.site.now(), name, "user.sign-out", name, {"sessions": ended})
            return ended

        self.site.store.write(end)
        response = self.site.templates.error(200, "You are signed out everywhere.")
        drop_session(request, response)
        return response

    def _problem_of_old(self, request: Request, name: str, old: str) -> str:
        """Guessing it costs as much as at the sign-in. Raises TooBusy."""
        address, now = request.client.host if request.client else "", self.site.now()
        if wait := self.site.store.write(lambda db: begin_try(db, name, address, now)):
            return f"That was wrong too often. Try again in {span(wait)}."
        with self.site.store.read() as db:
            kept = password_of(db, name)
        if kept is None:
            return WITHOUT_ONE.format(name=name)
        if not is_right(old, kept):
            return WRONG_OLD
        self.site.store.write(lambda db: forgive(db, name, address, now))
        return ""

    def _change(self, db: Connection, name: str, hashed: str, before: str) -> str:
        now = self.site.now()
        set_password(db, name, hashed)
        close_all(db, name)
        audit.note(db, now, name, "user.password", name, {"by": "old password"})
        return start_session(db, name, before, now)

    def _page(self, request: Request, status: int = 200, problem: str = "", done: str = "") -> Response:
        name = viewer_in(request).name
        with self.site.store.read() as db:
            found = sessions_of(db, _user(name), session_of(request), self.site.now())
            has_password = password_of(db, name) is not None
        without = "" if name == OWNER else WITHOUT_ONE.format(name=name)
        return self.site.page(
            request,
            "settings_own",
            status,
            sessions=found,
            has_password=has_password,
            without=without,
            problem=problem,
            done=done,
        )


def _user(name: str) -> str | None:
    """The owner's sessions are those of no user."""
    return None if name == OWNER else name
