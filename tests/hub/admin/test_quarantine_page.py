"""The Quarantine page: groups that are read again or ignored, and whose sample who may see."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.access.roles import Role
from hub.admin import quarantine
from hub.jobs import replay
from hub.queries.quarantine import hash_of, held_back, held_groups
from hub.stages.land import landed
from hub.stages.map import refusals
from hub.stages.runs import runs
from tests.hub.admin.browsing import acts_of, post, signed_in, signed_in_as
from tests.hub.admin.estate import Estate
from tests.hub.admin.test_pages import read

REASON = "the name is too long"


def refuse(hub: Estate, external_id: str = "D1", reason: str = REASON) -> None:
    """As if an earlier mapping had refused a record that this one can read."""

    def work(db: object) -> None:
        found = db.execute(select(landed.c.id).where(landed.c.external_id == external_id)).scalar_one()  # type: ignore[attr-defined]
        row = {"record_id": found, "code": "too_long", "message": reason, "location": "desk.yaml:7"}
        db.execute(refusals.insert(), row)  # type: ignore[attr-defined]

    hub.store.write(work)


def group(reason: str = REASON, connection: str = "desk") -> dict[str, str]:
    return {"connection": connection, "stream": "people", "reason": hash_of(reason)}


def waiting(hub: Estate) -> list[str]:
    with hub.store.read() as db:
        return list(db.execute(select(runs.c.kind).where(runs.c.status == "queued")).scalars())


def test_a_group_is_read_again_and_what_follows_is_queued(either_hub: Estate) -> None:
    refuse(either_hub)
    refuse(either_hub, "D2", "another reason")
    browser = signed_in(either_hub)
    assert "1 desk people the name is too long desk.yaml:7" in read(browser, "/quarantine")
    assert post(browser, "/quarantine", do="replay", **group()).headers["location"] == "/quarantine?done=mended"
    with either_hub.store.read() as db:
        assert db.execute(select(refusals.c.message)).scalars().all() == ["another reason"]
    assert acts_of(either_hub.store) == [("owner", "quarantine.replay", "desk.people")]
    assert waiting(either_hub) == ["derive"]
    assert "can be used now" in read(browser, "/quarantine?done=mended")


def test_a_group_that_only_its_source_can_mend_offers_no_reading_again(hub: Estate, browser: TestClient) -> None:
    (hub.drop / "desk.jsonl").write_text("nonsense\n")
    hub.pull()
    with hub.store.read() as db:
        (found,) = held_groups(db)
    assert "Read again" not in browser.get("/quarantine").text
    answer = post(browser, "/quarantine", do="replay", **group(found["reason"]))
    assert answer.status_code == 409
    assert "only its source" in answer.text


def test_more_than_a_page_can_wait_for_names_the_command(
    hub: Estate, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "MOST_AT_ONCE", 0)
    refuse(hub)
    answer = post(browser, "/quarantine", do="replay", **group())
    assert answer.status_code == 409
    assert "hub quarantine --replay desk" in answer.text


def test_an_ignored_reason_is_counted_apart_until_it_is_heeded_again(either_hub: Estate) -> None:
    refuse(either_hub)
    refuse(either_hub, "L1")
    browser = signed_in(either_hub)
    assert post(browser, "/quarantine", do="ignore", **group()).status_code == 303
    with either_hub.store.read() as db:
        assert held_back(db) == 1
    text = read(browser, "/quarantine")
    assert "1 ignored reason" in text
    assert "by owner" in text
    assert post(browser, "/quarantine", do="heed", **group()).status_code == 303
    with either_hub.store.read() as db:
        assert held_back(db) == 2
    assert [action for _, action, _ in acts_of(either_hub.store)] == ["quarantine.ignore", "quarantine.heed"]


@pytest.mark.parametrize(
    "form", [{"do": "replay"}, {"do": "replay", **group("no such reason")}, {"do": "drop", **group()}], ids=str
)
def test_what_is_no_group_or_no_act_does_nothing(hub: Estate, browser: TestClient, form: dict[str, str]) -> None:
    refuse(hub)
    assert post(browser, "/quarantine", **form).status_code == 404
    assert waiting(hub) == []


@pytest.mark.fault("A07")
def test_a_sample_is_only_its_form_for_who_may_not_see_people(app: FastAPI, hub: Estate, clock: FakeClock) -> None:
    refuse(hub)
    assert "alice@example.com" in read(signed_in_as(app, hub.store, clock, Role.OPERATOR), "/quarantine")
    page = signed_in_as(app, hub.store, clock, Role.REVIEWER).get("/quarantine").text
    assert "alice" not in page.lower()
    assert "Xxxxx" in page
    assert "Read again" not in page


@pytest.mark.fault("A09")
def test_reasons_are_drawn_and_told_in_a_table_and_a_file(hub: Estate, browser: TestClient) -> None:
    refuse(hub, reason="=1+1")
    page = browser.get("/quarantine").text
    assert re.search(r"<rect [^>]*><title>=1\+1: 1</title>", page)
    assert browser.get("/quarantine/reasons.csv").text.splitlines()[1].startswith("desk,people,'=1+1,desk.yaml:7,1,")


def test_the_page_says_when_a_stream_is_being_read(
    hub: Estate, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise quarantine.AlreadyRunning("already running: sync.desk.people")

    refuse(hub)
    monkeypatch.setattr(quarantine, "replay_some", busy)
    answer = post(browser, "/quarantine", do="replay", **group())
    assert answer.status_code == 409
    assert "already running" in answer.text
