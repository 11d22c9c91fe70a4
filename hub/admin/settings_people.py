"""The Settings page of people: users with their roles and sessions, and the tokens of programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.access.roles import ROLES, Permission, Role
from hub.admin import acts
from hub.admin.doors import viewer_in
from hub.admin.sessions import make_link
from hub.admin.site import Site
from hub.users.accounts import CannotChangeUser
from hub.users.tokens import CannotMakeToken, all_tokens, is_known

LASTS = {"30": "30 days", "90": "90 days", "365": "a year", "": "until it is revoked"}
"""Days -> what the form says."""

NOT_ONESELF = "Not for yourself: another admin does this, or `hub user` on the hub's own terminal."


def doors(site: Site) -> list[BaseRoute]:
    people = People(site)
    own = partial(site.doors.act, permission=Permission.PEOPLE)
    return [
        site.doors.look("/settings/people", people.show, "people", Permission.PEOPLE),
        own("/settings/people", people.add, "add_user"),
        own("/settings/people/{user}/role", people.role, "user_role"),
        own("/settings/people/{user}/disable", people.disable, "disable_user"),
        own("/settings/people/{user}/enable", people.enable, "enable_user"),
        own("/settings/people/{user}/sign-out", people.sign_out, "sign_out_user"),
        own("/settings/people/{user}/link", people.link, "link_user"),
        own("/settings/tokens", people.make_token, "make_token"),
        own("/settings/tokens/{token}/revoke", people.revoke_token, "revoke_token"),
    ]


@dataclass(frozen=True, slots=True)
class People:
    """Law: nobody makes less or more of themselves here, so that no slip and no borrowed session locks all out."""

    site: Site

    def show(self, request: Request) -> Response:
        return self._page(request)

    def add(self, request: Request, form: FormData) -> Response:
        name, role = str(form.get("name", "")).strip().lower(), str(form.get("role", ""))
        if role not in ROLES:
            return self._page(request, 422, problem="Choose one of the roles.")

        def work(db: Connection, by: str) -> None:
            acts.add_user(db, by, name, Role(role), self.site.now())
            acts.note_link(db, by, name, self.site.now())

        return self._done(request, work) or self._with_link(request, name)

    def role(self, request: Request, form: FormData) -> Response:
        role = str(form.get("role", ""))
        if role not in ROLES:
            return self._page(request, 422, problem="Choose one of the roles.")
        return self._of_another(
            request, lambda db, by, name: acts.change_role(db, by, name, Role(role), self.site.now())
        )

    def disable(self, request: Request, _form: FormData) -> Response:
        return self._of_another(request, lambda db, by, name: acts.disable(db, by, name, self.site.now()))

    def enable(self, request: Request, _form: FormData) -> Response:
        return self._of_another(request, lambda db, by, name: acts.enable(db, by, name, self.site.now()))

    def sign_out(self, request: Request, _form: FormData) -> Response:
        return self._of_another(request, lambda db, by, name: acts.sign_out(db, by, name, self.site.now()))

    def link(self, request: Request, _form: FormData) -> Response:
        answer = self._of_another(request, lambda db, by, name: acts.note_link(db, by, name, self.site.now()))
        return answer if answer.status_code >= 400 else self._with_link(request, request.path_params["user"])

    def make_token(self, request: Request, form: FormData) -> Response:
        name, days = str(form.get("name", "")).strip(), str(form.get("lasts", "90"))
        scopes = [Permission(one) for one in form.getlist("scope") if one in set(Permission)]
        now, by = self.site.now(), viewer_in(request).name
        expires = now + timedelta(days=int(days if days in LASTS else "90")) if days else None
        try:
            made = self.site.store.write(lambda db: acts.make_token(db, by, name, scopes, now, expires))
        except CannotMakeToken as reason:
            return self._page(request, 422, problem=str(reason))
        return self._page(request, shown=("The token, shown this once. Put it where the program finds it:", made))

    def revoke_token(self, request: Request, _form: FormData) -> Response:
        name = request.path_params["token"]
        return self._done(request, lambda db, by: acts.revoke_token(db, by, name, self.site.now())) or self._again(
            request
        )

    def _of_another(self, request: Request, work: Callable[[Connection, str, str], object]) -> Response:
        name = request.path_params["user"]
        if name == viewer_in(request).name:
            return self._page(request, 409, problem=NOT_ONESELF)
        return self._done(request, lambda db, by: work(db, by, name)) or self._again(request)

    def _done(self, request: Request, work: Callable[[Connection, str], object]) -> Response | None:
        """Do it in one transaction; the page with the reason where it cannot be."""
        by = viewer_in(request).name
        try:
            self.site.store.write(lambda db: work(db, by))
        except (CannotChangeUser, CannotMakeToken) as reason:
            return self._page(request, 409, problem=str(reason))
        return None

    def _again(self, request: Request) -> Response:
        return self.site.to(request, "people")

    def _with_link(self, request: Request, name: str) -> Response:
        link = make_link(self.site.store, str(request.base_url), self.site.now, name)
        told = f"For {name} alone. It works once, for 15 minutes; behind it they choose their password:"
        return self._page(request, shown=(told, link))

    def _page(
        self, request: Request, status: int = 200, problem: str = "", shown: tuple[str, str] | None = None
    ) -> Response:
        with self.site.store.read() as db:
            users, tokens = acts.everybody(db, self.site.now()), all_tokens(db)
        told: dict[str, Any] = {"problem": problem, "shown": shown, "roles": list(Role), "scopes": list(Permission)}
        told |= {"users": users, "tokens": tokens, "lasts": LASTS, "is_known": is_known, "now": self.site.now()}
        return self.site.page(request, "settings_people", status, **told)
