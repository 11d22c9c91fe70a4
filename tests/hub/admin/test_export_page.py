"""Contacts leave by a page for a stated reason, not too many at once, never as formulas, and written down before."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.access.roles import Role
from hub.admin import settings_export
from hub.admin.app import create_app
from hub.queries.acts import Wanted, acts
from hub.queries.cells import plain
from hub.store.engine import Store
from tests.hub.admin import estate as estates
from tests.hub.admin.browsing import ORIGIN, post, signed_in_as, text_of
from tests.hub.admin.estate import Estate

EXPORT = "/settings/export"


def written(store: Store) -> list[dict[str, Any]]:
    with store.read() as db:
        return acts(db, Wanted(action="export."), 10)


@pytest.mark.fault("A19")
def test_an_export_says_what_for_and_is_written_down_with_its_size(either_hub: Estate, clock: FakeClock) -> None:
    app = create_app(either_hub.store, either_hub.settings, clock.now)
    admin = signed_in_as(app, either_hub.store, clock, Role.ADMIN)
    assert "What for" in text_of(admin.get(EXPORT).text)
    answer = post(admin, EXPORT, format="jsonl", reason="the auditor's sample")
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert {row["name"]["full"] for row in rows} >= {"Bob Nguyen", "Charlie Ortiz"}
    assert answer.headers["content-disposition"] == 'attachment; filename="contacts.jsonl"'
    assert answer.headers["cache-control"] == "no-store"
    (row,) = written(either_hub.store)
    assert (row["actor"], row["details"]) == (
        "admin",
        {"reason": "the auditor's sample", "segment": None, "format": "jsonl", "rows": len(rows)},
    )


@pytest.mark.fault("A19")
def test_without_a_reason_and_beyond_the_cap_nothing_leaves(
    browser: TestClient, hub: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    for reason in ("", "  ok ", " " * 9):
        answer = post(browser, EXPORT, format="csv", reason=reason)
        assert answer.status_code == 422
        assert "Say what this is for" in answer.text
    assert post(browser, EXPORT, format="exe", reason="a test").status_code == 422
    assert post(browser, EXPORT, segment="nobody's", reason="a test").status_code == 422
    monkeypatch.setattr(settings_export, "MOST_ROWS", 2)
    answer = post(browser, EXPORT, reason="a test")
    assert answer.status_code == 409
    assert "more than 2 contacts" in answer.text
    assert "example" not in answer.text
    assert written(hub.store) == []


@pytest.mark.fault("A19")
@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER, Role.OPERATOR])
def test_who_may_see_everything_may_not_yet_take_it_out(
    app: FastAPI, hub: Estate, clock: FakeClock, role: Role
) -> None:
    client = signed_in_as(app, hub.store, clock, role)
    assert client.get(EXPORT).status_code == 403
    assert post(client, EXPORT, reason="a test").status_code == 403
    assert written(hub.store) == []


@pytest.mark.fault("A19")
def test_nothing_leaves_that_could_not_be_written_down(
    browser: TestClient, hub: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("hub.admin.settings_export.audit.note", full)
    answer = post(browser, EXPORT, reason="a test")
    assert answer.status_code == 500
    assert "Nguyen" not in answer.text


@pytest.mark.fault("A09")
def test_no_cell_is_a_formula_and_every_value_comes_back(tmp_path: Path, clock: FakeClock) -> None:
    with estates.estate(tmp_path, "sqlite:///hub.db") as made:
        made.put(desk=[{"id": "D1", **estates.ALICE, "job": '=HYPERLINK("http://evil.example")'}])
        app = create_app(made.store, made.settings, clock.now)
        admin = signed_in_as(app, made.store, clock, Role.ADMIN)
        (row,) = csv.DictReader(io.StringIO(post(admin, EXPORT, format="csv", reason="a test").text))
    assert row["job_title"].startswith("'=")
    assert plain(row["job_title"]) == '=HYPERLINK("http://evil.example")'
    assert ORIGIN not in str(row)
