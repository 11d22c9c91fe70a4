"""A hub with pairs to decide about, and two reviewers in browsers of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.access.roles import Role
from hub.admin.app import create_app
from hub.admin.sessions import make_link
from hub.users.accounts import add_user
from tests.hub.admin import estate as estates
from tests.hub.admin.browsing import ORIGIN, post, signed_in_as, token_of
from tests.hub.admin.estate import Estate
from tests.hub.admin.review.crowd import pairs
from tests.hub.admin.review.desk import Desk


@pytest.fixture
def pairs_hub(tmp_path: Path, database_url: str) -> Iterator[Estate]:
    """A dozen pairs that may be one person each."""
    with estates.estate(tmp_path, database_url) as made:
        made.put(*pairs(12))
        yield made


@pytest.fixture
def review_app(pairs_hub: Estate, clock: FakeClock) -> FastAPI:
    return create_app(pairs_hub.store, pairs_hub.settings, clock.now)


@pytest.fixture
def olive(review_app: FastAPI, pairs_hub: Estate, clock: FakeClock) -> Desk:
    """A reviewer."""
    return Desk(signed_in_as(review_app, pairs_hub.store, clock, Role.REVIEWER), pairs_hub.store)


@pytest.fixture
def peter(review_app: FastAPI, pairs_hub: Estate, clock: FakeClock) -> Desk:
    """Another reviewer."""
    pairs_hub.store.write(lambda db: add_user(db, "peter", Role.REVIEWER, clock.now()))
    client = TestClient(review_app, base_url=ORIGIN, follow_redirects=False)
    assert post(client, "/sign-in", token=token_of(make_link(pairs_hub.store, ORIGIN, clock.now, "peter")))
    return Desk(client, pairs_hub.store)
