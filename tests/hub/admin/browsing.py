"""What a browser does with the pages: signs in, sends forms, takes HTML apart."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi import FastAPI
from sqlalchemy import Connection, select
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.access.roles import Role
from hub.admin.app import create_app
from hub.admin.sessions import form_token, make_link
from hub.audit import entries, verify
from hub.stages.runs import runs
from hub.store.engine import Store
from hub.users.accounts import add_user, viewer_of
from tests.hub.admin.estate import Estate

ORIGIN = "http://hub.test:8448"


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["token"][0]


def new_token(store: Store, clock: FakeClock) -> str:
    return token_of(make_link(store, ORIGIN, clock.now))


def post(client: TestClient, path: str, headers: dict[str, str] | None = None, **form: str | list[str]) -> Any:
    """Send a form as our own pages do, with the session's own token; with other headers just as it is given."""
    if headers is None:
        headers = {"Origin": ORIGIN}
        if session := client.cookies.get("hub_session"):
            form = {"form": form_token(session), **form}
    return client.post(path, data=form, headers=headers)


def sign_in(client: TestClient, store: Store, clock: FakeClock) -> str:
    """Use a new link; the session's id."""
    assert post(client, "/sign-in", token=new_token(store, clock)).status_code == 303
    return client.cookies["hub_session"]


def signed_in(estate: Estate) -> TestClient:
    """A browser that is signed in to a hub of its own."""
    clock = FakeClock()
    client = TestClient(create_app(estate.store, estate.settings, clock.now), base_url=ORIGIN, follow_redirects=False)
    sign_in(client, estate.store, clock)
    return client


def signed_in_as(app: FastAPI, store: Store, clock: FakeClock, role: Role) -> TestClient:
    """The browser of a user of that role, who is called like it and made when there is none yet."""
    name = role.value
    client = TestClient(app, base_url=ORIGIN, follow_redirects=False)

    def add(db: Connection) -> None:
        if viewer_of(db, name) is None:
            add_user(db, name, role, clock.now())

    store.write(add)
    token = token_of(make_link(store, ORIGIN, clock.now, name))
    assert post(client, "/sign-in", token=token).status_code == 303
    return client


def acts_of(store: Store) -> list[tuple[str, str, str]]:
    """Who did what to whom since they signed in, from the audit, whose chain is whole."""
    with store.read() as db:
        assert verify(db) is None
        rows = db.execute(select(entries).where(entries.c.action != "sign-in").order_by(entries.c.id)).all()
    return [(row.actor, row.action, row.subject) for row in rows]


def waiting_runs(store: Store) -> list[str]:
    """The kinds of runs that are queued, in their order."""
    with store.read() as db:
        return list(db.execute(select(runs.c.kind).where(runs.c.status == "queued").order_by(runs.c.id)).scalars())


class Structure(HTMLParser):
    """The elements of a page, as (tag, attribute) pairs, its links, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shape: set[tuple[str, str]] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape |= {(tag, "")} | {(tag, name) for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data


class _Words(Structure):
    def handle_data(self, data: str) -> None:
        self.text += f" {data} "


def text_of(html: str) -> str:
    """What a person reads, with single spaces, also between elements."""
    return " ".join(_Words(html).text.split())
