"""The Runs pages: finding a run, its held-back rows, and what a person does about it."""

from __future__ import annotations

import json
import re

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.access.roles import Role
from hub.admin import runs as page
from hub.admin.app import create_app
from hub.audit import entries
from hub.jobs.inline import Runner
from hub.stages.land import landed
from hub.stages.pull import Wish
from hub.stages.runs import runs
from tests.hub.admin import estate as estates
from tests.hub.admin.browsing import Structure, acts_of, post, signed_in, signed_in_as
from tests.hub.admin.estate import Estate
from tests.hub.admin.test_pages import NOW, note_run, read


def shown(browser: TestClient, path: str) -> list[int]:
    links = Structure(browser.get(path).text).links
    return [int(link[6:]) for link in links if link.startswith("/runs/") and link[6:].isdecimal()]


def test_runs_are_found_by_connection_state_and_what_went_wrong(either_hub: Estate) -> None:
    browser = signed_in(either_hub)
    failed = note_run(either_hub, status="failed")
    lost = note_run(either_hub, "orders", "orders", status="lost")
    ok = note_run(either_hub)
    assert {failed, ok} <= set(shown(browser, "/runs?connection=desk"))
    assert lost not in shown(browser, "/runs?connection=desk")
    assert shown(browser, "/runs?failed=1") == [lost, failed]
    assert shown(browser, "/runs?failed=1&connection=orders") == [lost]
    assert shown(browser, "/runs?status=lost") == [lost]
    assert "No such runs." in read(browser, "/runs?connection=nobody")
    assert "Nothing went wrong." in read(browser, "/runs?failed=1&connection=loyalty")


def test_older_runs_are_a_page_further_and_none_is_skipped(
    hub: Estate, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "A_PAGE", 3)
    numbers = [note_run(hub) for _ in range(5)]
    found, path = [], "/runs?connection=desk"
    for _ in range(2):
        found += shown(browser, path)
        older = [link for link in Structure(browser.get(path).text).links if "before=" in link]
        path = next(iter(older), "/runs?before=1")
    assert [number for number in found if number in numbers] == sorted(numbers, reverse=True)


@pytest.mark.fault("A03")
@pytest.mark.parametrize("text", ["' OR '1'='1", "desk'--", "\x00", "9" * 40, "-1", "é"])
def test_what_stands_in_the_address_is_no_sql(browser: TestClient, text: str) -> None:
    for name in ("connection", "status", "failed", "before"):
        assert browser.get("/runs", params={name: text}).status_code == 200


def hold_back(hub: Estate) -> int:
    """Pull a row without an id, and one that is no JSON; the run's number."""
    (hub.drop / "desk.jsonl").write_text('{"name": "=Alice", "email": "alice@example.com"}\n=1+1\n')
    hub.pull()
    with hub.store.read() as db:
        own = (runs.c.connection == "desk") & (runs.c.kind == "pull")
        return int(db.execute(select(runs.c.id).where(own).order_by(runs.c.id.desc()).limit(1)).scalar_one())


def test_a_run_shows_the_rows_that_it_held_back_and_says_what_is_not_kept(either_hub: Estate) -> None:
    number = hold_back(either_hub)
    text = read(signed_in(either_hub), f"/runs/{number}")
    assert "is no JSON" in text
    assert "alice@example.com" in text
    assert "is not kept by run" in text
    with either_hub.store.read() as db:
        first = db.execute(select(runs.c.id).order_by(runs.c.id).limit(1)).scalar_one()
    assert "No failed rows" in read(signed_in(either_hub), f"/runs/{first}")


@pytest.mark.fault("A07")
def test_who_may_not_see_people_sees_the_form_of_a_row(app: FastAPI, hub: Estate, clock: FakeClock) -> None:
    number = hold_back(hub)
    text = read(signed_in_as(app, hub.store, clock, Role.VIEWER), f"/runs/{number}")
    assert "alice@example.com" not in text
    assert "is no JSON" in text
    assert "Take them along" not in text


def test_a_run_that_waits_or_runs_can_be_cancelled_and_says_by_whom(either_hub: Estate) -> None:
    browser = signed_in(either_hub)
    waits, running = note_run(either_hub, status="queued"), note_run(either_hub, status="running")
    assert post(browser, f"/runs/{waits}", do="cancel").headers["location"] == f"/runs/{waits}?done=cancelled"
    assert post(browser, f"/runs/{running}", do="cancel").headers["location"] == f"/runs/{running}?done=asked"
    assert "cancelled by owner" in read(browser, f"/runs/{waits}")
    assert "Cancelled by owner" in read(browser, f"/runs/{running}")
    either_hub.store.write(lambda db: db.execute(update(runs).where(runs.c.id == running).values(status="ok")))
    refused = post(browser, f"/runs/{running}", do="cancel")
    assert refused.status_code == 409
    assert "has ended already" in refused.text


def test_a_run_is_queued_again(hub: Estate, browser: TestClient) -> None:
    number = note_run(hub, status="failed", finished_at=NOW)
    assert post(browser, f"/runs/{number}", do="again").headers["location"] == f"/runs/{number}?done=again"
    assert post(browser, f"/runs/{number}", do="again").headers["location"] == f"/runs/{number}?done=waits"
    with hub.store.read() as db:
        assert db.execute(select(runs.c.message).where(runs.c.status == "queued")).scalars().all() == [
            "asked for by owner"
        ]


def test_a_run_of_what_is_configured_no_longer_cannot_be_repeated(hub: Estate, browser: TestClient) -> None:
    number = note_run(hub, "old", "members", status="failed")
    assert "Run it again" not in browser.get(f"/runs/{number}").text
    for do in ("again", "replay"):
        assert post(browser, f"/runs/{number}", do=do).status_code == 409
    assert post(browser, f"/runs/{number}", do="drop").status_code == 404
    assert post(browser, "/runs/9999", do="cancel").status_code == 404


@pytest.mark.fault("A09")
@pytest.mark.fault("A19")
def test_the_rows_of_a_run_are_taken_along_for_a_reason_that_is_written_down(hub: Estate, browser: TestClient) -> None:
    number = hold_back(hub)
    csv = post(browser, f"/runs/{number}/rows", format="csv", reason="ask the desk")
    assert csv.headers["content-disposition"] == f'attachment; filename="run-{number}-held-back.csv"'
    assert csv.text.splitlines()[0] == "row,reason,location,last_seen_at,raw"
    lines = post(browser, f"/runs/{number}/rows", format="jsonl", reason="ask the desk").text.splitlines()
    assert "=1+1" in {json.loads(line)["raw"].strip() for line in lines}
    assert "'=1+1" in csv.text
    assert ",=1" not in csv.text
    with hub.store.read() as db:
        told = [dict(row.details) for row in db.execute(select(entries).where(entries.c.action == "run.rows"))]
    assert told == [{"rows": 2, "reason": "ask the desk"}] * 2


@pytest.mark.fault("A19")
@pytest.mark.parametrize(
    "form", [{"format": "csv"}, {"format": "csv", "reason": " "}, {"format": "exe", "reason": "x"}]
)
def test_without_a_reason_or_a_form_nothing_is_taken_along(
    hub: Estate, browser: TestClient, form: dict[str, str]
) -> None:
    number = hold_back(hub)
    answer = post(browser, f"/runs/{number}/rows", **form)
    assert (answer.status_code, "content-disposition" in answer.headers) == (400, False)


def test_records_by_day_are_drawn_and_told_in_a_table_and_a_file(either_hub: Estate) -> None:
    note_run(either_hub, applied=40, fetched=40, finished_at=NOW)
    browser = signed_in(either_hub)
    assert "Records taken over, by day" in read(browser, "/runs")
    lines = browser.get("/runs/days.csv").text.splitlines()
    assert (len(lines), lines[0]) == (15, "day,records")
    assert lines[-1].endswith(",40")


def gone_run(hub: Estate) -> str:
    """The page of a run that found Bob and Charlie gone from the desk, which is more than the guard allows."""
    first = json.dumps(estates.DESK[0]) + "\n"
    (hub.drop / "desk.jsonl").write_text(first)
    Runner(hub.store, hub.settings, estates.Quiet()).run_all([hub.settings.connections["desk"]], Wish(reconcile=True))
    with hub.store.read() as db:
        number = db.execute(select(runs.c.id).where(runs.c.kind == "reconcile")).scalars().one()
    return f"/runs/{number}"


def plan_on(browser: TestClient, path: str) -> str:
    (plan,) = re.findall(r'name="plan" value="(\w+)"', browser.get(path).text)
    return plan


def alive_at_the_desk(hub: Estate) -> int:
    with hub.store.read() as db:
        return len(db.execute(select(landed).where(landed.c.connection == "desk", landed.c.deleted.is_(False))).all())


def test_what_a_run_found_gone_is_deleted_by_a_yes_to_exactly_that(either_hub: Estate) -> None:
    browser = signed_in(either_hub)
    path = gone_run(either_hub)
    told = read(browser, path)
    assert "2 of 3 records were not listed any more" in told
    assert "D2 D3" in told
    plan = plan_on(browser, path)
    refused = post(browser, path, do="approve", plan="000000000000")
    assert refused.status_code == 409
    assert "other records are gone now than those that were shown" in refused.text
    assert alive_at_the_desk(either_hub) == 3
    done = post(browser, path, do="approve", plan=plan)
    assert (done.status_code, alive_at_the_desk(either_hub)) == (303, 1)
    assert "exactly what was shown" in read(browser, done.headers["location"])
    for act in ("approve", "deny"):
        again = post(browser, path, do=act, plan=plan)
        assert again.status_code == 409
        assert "nothing of this run waits for an answer: owner said yes: 2 records are gone" in again.text
    assert acts_of(either_hub.store) == [("owner", "gone.approve", f"run:{path.rpartition('/')[2]}")]


def test_a_no_keeps_what_is_gone_and_is_not_asked_again(hub: Estate) -> None:
    browser = signed_in(hub)
    path = gone_run(hub)
    plan = plan_on(browser, path)
    assert post(browser, path, do="deny", plan=plan).status_code == 303
    assert alive_at_the_desk(hub) == 3
    assert "Delete exactly these" not in read(browser, path)
    again = post(browser, path, do="approve", plan=plan)
    assert again.status_code == 409
    assert "owner said no: nothing was deleted" in again.text
    assert post(browser, "/runs/999999", do="approve", plan=plan).status_code == 404


def test_what_is_gone_shows_hints_to_those_who_may_not_see_it_and_no_button(hub: Estate) -> None:
    path, clock = gone_run(hub), FakeClock()
    viewer = signed_in_as(create_app(hub.store, hub.settings, clock.now), hub.store, clock, Role.VIEWER)
    page_of_it = viewer.get(path).text
    assert "were not listed any more" in page_of_it
    assert "D2" not in page_of_it
    assert "Delete exactly these" not in page_of_it
    assert post(viewer, path, do="approve", plan="0" * 12).status_code == 403
