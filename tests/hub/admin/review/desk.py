"""A reviewer at work without scripts: takes questions, reads them, answers by the forms of the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from starlette.testclient import TestClient

from hub.stages.increment import reviews
from hub.stages.reading import decisions
from hub.store.engine import Store
from tests.hub.admin.browsing import ORIGIN, post, text_of

HIDDEN = re.compile(r'name="(ticket|shown)" value="([^"]*)"')


@dataclass
class Desk:
    """One reviewer's browser."""

    client: TestClient
    store: Store
    query: str = ""

    def take(self) -> str:
        """The next question's item; "" when the queue is clear."""
        return self.arrived(post(self.client, f"/review/next{self.query}"))

    def arrived(self, reply: Any) -> str:
        assert reply.status_code == 303, text_of(reply.text)
        path = str(reply.headers["location"]).partition("?")[0]
        return path.removeprefix("/review/items/") if path.startswith("/review/items/") else ""

    def page(self, item: str) -> str:
        reply = self.client.get(f"/review/items/{item}{self.query}")
        assert reply.status_code == 200, text_of(reply.text)
        return str(reply.text)

    def read(self, item: str) -> str:
        return text_of(self.page(item))

    def form(self, item: str) -> dict[str, str]:
        """What the page's own form carries."""
        return dict(HIDDEN.findall(self.page(item)))

    def answer(self, item: str, said: str, form: dict[str, str] | None = None, note: str = "") -> Any:
        carried: dict[str, Any] = dict(form or self.form(item))
        return post(self.client, f"/review/items/{item}{self.query}", answer=said, note=note, **carried)

    def undo(self) -> Any:
        return post(self.client, f"/review/undo{self.query}")

    def news(self, path: str, **fields: str) -> Any:
        """Asked as the script does."""
        token = re.search(r'data-token="(\w+)"', self.page(fields.pop("at")))
        assert token
        headers = {"Origin": ORIGIN, "X-Review": "script", "X-Form-Token": token[1]}
        return self.client.post(path, data=fields, headers=headers)

    def decided(self) -> list[tuple[str, bool]]:
        """Every decision's kind, and whether it stands."""
        with self.store.read() as db:
            rows = db.execute(select(decisions).order_by(decisions.c.id)).all()
        return [(row.kind, row.revoked_at is None) for row in rows]

    def open_pairs(self) -> set[str]:
        with self.store.read() as db:
            return {f"{row.left_id}-{row.right_id}" for row in db.execute(select(reviews))}
