"""A program with a token that asks the API."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.access.roles import Permission
from hub.admin.api.problems import KIND, MEDIA_TYPE
from hub.store.engine import Store
from hub.users.tokens import make_token
from tests.hub.admin.browsing import ORIGIN

ROOT = "/api/v1"
EVERYTHING = tuple(Permission)


class Program:
    """Asks below /api/v1 with its token; `refused` and `given` also look at the form of the answer."""

    def __init__(self, app: FastAPI, token: str) -> None:
        self.token = token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = TestClient(app, base_url=ORIGIN, headers=headers, follow_redirects=False)

    def get(self, path: str, **how: Any) -> Any:
        return self.client.get(ROOT + path, **how)

    def post(self, path: str, body: Any = None, **how: Any) -> Any:
        return self.client.post(ROOT + path, json=body, **how) if body is not None else self.client.post(ROOT + path)

    def given(self, path: str, **how: Any) -> Any:
        answer = self.get(path, **how)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def done(self, path: str, body: Any = None, **how: Any) -> Any:
        answer = self.post(path, body, **how)
        assert answer.status_code < 300, answer.text
        return answer.json()


def problem(answer: Any, status: int, kind: str) -> dict[str, Any]:
    """What a refusal says; it has the form that RFC 9457 gives it."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE), answer.text
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    assert told["type"] == KIND + kind
    assert re.search(r"\w", told["title"])
    assert re.search(r"\w", told["detail"])
    return told


def token_for(store: Store, clock: FakeClock, name: str, scopes: Iterable[Permission] = EVERYTHING) -> str:
    return store.write(lambda db: make_token(db, name, scopes, "owner", clock.now(), None))
