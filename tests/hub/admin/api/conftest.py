"""A hub with a segment, and programs with tokens of several scopes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from connectors.kit.testing import FakeClock
from hub.access.roles import Permission
from hub.admin.app import create_app
from tests.hub.admin import estate as estates
from tests.hub.admin.api.calling import EVERYTHING, Program, token_for
from tests.hub.admin.estate import Estate

SEGMENTS = {"segments": {"regulars": {"title": "Regulars", "all": [{"field": "name", "contains": "nguyen"}]}}}

DESK = [one | {"consent": "granted", "consent_at": "2026-01-01T10:00:00Z"} | one for one in estates.DESK]
"""Everybody's consent is known: Charlie's is a no."""


@pytest.fixture
def hub(tmp_path: Path, database_url: str) -> Iterator[Estate]:
    """A hub that knows Alice, Bob and Charlie, once on SQLite and once on PostgreSQL."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "segments.yaml").write_text(json.dumps(SEGMENTS))
    with estates.estate(tmp_path, database_url) as made:
        made.put(DESK, estates.LOYALTY, estates.ORDERS)
        yield made


@pytest.fixture
def app(hub: Estate, clock: FakeClock) -> FastAPI:
    return create_app(hub.store, hub.settings, clock.now)


MakeProgram = Callable[..., Program]


@pytest.fixture
def program(app: FastAPI, hub: Estate, clock: FakeClock) -> MakeProgram:
    """Makes a program that is called as said and has these scopes."""

    def make(name: str, *scopes: Permission) -> Program:
        return Program(app, token_for(hub.store, clock, name, scopes))

    return make


@pytest.fixture
def desk(program: MakeProgram) -> Program:
    """A program that may do everything."""
    return program("desk", *EVERYTHING)
