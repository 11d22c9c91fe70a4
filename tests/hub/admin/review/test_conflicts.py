"""What no rule settles of a field, and consent that wants evidence: asked beside the queue, never decided upward."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select, update
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.access.roles import Role
from hub.admin.app import create_app
from hub.consent.events import Event
from hub.queries.consent import consent_of
from hub.queries.find import find
from hub.queries.parts import fields_of
from hub.record import Statement, withdraw
from hub.stages.consent import states
from hub.stages.ledger import events, keep, mark
from hub.stages.order import derive
from tests.hub.admin.browsing import Structure, acts_of, post, signed_in_as, text_of, waiting_runs
from tests.hub.admin.estate import Estate
from tests.hub.admin.review.desk import Desk

BOB = ("email", "bob@example.com")


def at(day: int) -> datetime:
    return datetime(2026, 4, day, 9, 0, tzinfo=UTC)


def browser_of(hub: Estate, role: Role = Role.REVIEWER) -> TestClient:
    clock = FakeClock()
    return signed_in_as(create_app(hub.store, hub.settings, clock.now), hub.store, clock, role)


def unproven_yes(number: str, day: int) -> Event:
    known = {"channel": BOB[0], "address": BOB[1], "source": "loyalty", "method": "import", "basis": "express"}
    return Event(id=number * 32, action="grant", occurred_at=at(day), observed_at=at(day), **known)  # type: ignore[arg-type]


@pytest.fixture
def doubtful(either_hub: Estate) -> Estate:
    """Bob said no on the second of April; an import says since that he said yes."""

    def told(db: Connection) -> None:
        withdraw(db, [BOB], Statement("owner", at(2), method="link"))
        hear(db, unproven_yes("a", 5))

    either_hub.store.write(told)
    derive(either_hub.store, either_hub.settings)
    return either_hub


def hear(db: Connection, event: Event) -> None:
    keep(db, [event])
    mark(db, [BOB])


def state_of(hub: Estate) -> tuple[str, bool, bool]:
    with hub.store.read() as db:
        (entry,) = consent_of(db, hub.settings, BOB[1])["entries"]
    return entry["state"], entry["may_send"], entry["review"]


def asked_on(browser: TestClient) -> list[str]:
    """The addresses of the questions."""
    links = Structure(browser.get("/review/consent").text).links
    return [link for link in links if link.startswith("/review/consent/")]


def test_a_reviewer_sees_the_evidence_and_no_button_that_says_yes(doubtful: Estate) -> None:
    browser = browser_of(doubtful)
    assert "Consent to look at: 1" in text_of(browser.get("/review").text)
    (path,) = asked_on(browser)
    page = browser.get(path).text
    told = text_of(page)
    assert "Must not be sent to" in told
    assert "an import or a copied state" in told
    assert BOB[1] not in page
    assert re.findall(r'name="do" value="(\w+)"', page) == ["leave", "withdraw"]
    assert BOB[1] in browser_of(doubtful, Role.OPERATOR).get(path).text
    for do in ("grant", "lift", ""):
        assert post(browser, path, do=do, where="at the till", day="2026-04-09").status_code == 404
    assert state_of(doubtful) == ("withdrawn", False, True)


def test_a_no_with_its_evidence_is_recorded_and_pushed(doubtful: Estate) -> None:
    browser = browser_of(doubtful)
    (path,) = asked_on(browser)
    done = post(browser, path, do="withdraw", where="call of 9 April", note="please stop", day="2026-04-09")
    assert done.status_code == 303
    assert "The no is recorded" in text_of(browser.get(done.headers["location"]).text)
    assert state_of(doubtful) == ("withdrawn", False, False)
    with doubtful.store.read() as db:
        row = db.execute(select(events).where(events.c.actor == "reviewer")).one()
    said = (row.action, row.method, row.evidence, row.precision)
    assert said == ("withdraw", "agent", "call of 9 April: please stop", "date")
    assert acts_of(doubtful.store)[-1] == ("reviewer", "consent.withdraw", f"event:{row.id}")
    assert waiting_runs(doubtful.store) == ["derive"]
    assert asked_on(browser) == []
    assert post(browser, path, do="withdraw", where="again", day="2026-04-09").status_code == 409


def test_left_as_it_is_it_is_asked_again_when_evidence_comes_in(doubtful: Estate) -> None:
    browser = browser_of(doubtful)
    (path,) = asked_on(browser)
    assert post(browser, path, do="leave", where="the signup tool", note="no such sign-up").status_code == 303
    assert asked_on(browser) == []
    assert browser.get(path).status_code == 404
    assert state_of(doubtful) == ("withdrawn", False, True)
    actor, action, subject = acts_of(doubtful.store)[-1]
    assert (actor, action) == ("reviewer", "consent.leave")
    with doubtful.store.read() as db:
        own = (events.c.action == "withdraw") & (events.c.address == BOB[1])
        assert subject == f"event:{db.execute(select(events.c.id).where(own)).scalar_one()}"
    doubtful.store.write(lambda db: hear(db, unproven_yes("b", 7)))
    derive(doubtful.store, doubtful.settings)
    (again,) = asked_on(browser)
    assert again != path


def test_a_question_for_a_brand_that_the_policy_has_not_any_more_is_none(doubtful: Estate) -> None:
    doubtful.store.write(lambda db: db.execute(update(states).values(brand="a brand of last year")))
    browser = browser_of(doubtful)
    (path,) = asked_on(browser)
    assert browser.get(path).status_code == 404


def test_evidence_lacks_nothing_and_no_day_of_the_future(doubtful: Estate) -> None:
    browser = browser_of(doubtful)
    (path,) = asked_on(browser)
    lacking: list[dict[str, Any]] = [
        {"do": "withdraw", "day": "2026-04-09"},
        {"do": "withdraw", "where": "a call"},
        {"do": "withdraw", "where": "a call", "day": "9/4"},
        {"do": "withdraw", "where": "a call", "day": "2999-01-01"},
        {"do": "leave", "note": "nothing"},
    ]
    for form in lacking:
        assert post(browser, path, **form).status_code == 422, form
    assert acts_of(doubtful.store)[-1][0] != "reviewer"
    assert browser.get("/review/consent/cnothing").status_code == 404
    viewer = browser_of(doubtful, Role.VIEWER)
    assert viewer.get(path).status_code == 403
    assert post(viewer, path, do="leave", where="x").status_code == 403


def name_of(hub: Estate) -> tuple[str, str]:
    with hub.store.read() as db:
        (found,) = (one for one in fields_of(db, alice(hub)) if one["field"] == "name")
    return found["values"][0]["value"]["full"], found["values"][0]["rule"]


def alice(hub: Estate) -> str:
    with hub.store.read() as db:
        return find(db, "desk:people:D1", "AU").contact_id


def test_a_field_that_no_rule_settles_is_taken_seen_and_pinned(either_hub: Estate) -> None:
    browser = browser_of(either_hub)
    assert name_of(either_hub) == ("Alice Nguyen", "arrived first")
    assert "Fields that no rule settles: 1" in text_of(browser.get("/review").text)
    own = f"/review/fields/{alice(either_hub)}"
    assert "Alise" not in browser.get(f"{own}?field=name").text
    taken = post(browser, f"{own}/take", field="name")
    page = browser.get(taken.headers["location"]).text
    (choice,) = re.findall(r'value="([^"]+)" required data-key="2"', page)
    assert "Alise Nguyen" in page
    assert post(browser, own, field="name", value=choice, reason="her card").status_code == 303
    assert name_of(either_hub) == ("Alise Nguyen", "pinned")
    assert acts_of(either_hub.store) == [("reviewer", "decision.pin", "decision:1")]
    assert "Every field is settled" in browser.get("/review/fields").text
    assert post(browser, own, field="name", value=choice).status_code == 409
    assert post(browser, f"/contacts/{alice(either_hub)}/undo", decision="1").status_code == 303
    assert "Fields that no rule settles: 1" in text_of(browser.get("/review").text)


def test_one_reviewer_at_a_time_has_a_field_and_it_is_no_question_of_the_queue(olive: Desk, peter: Desk) -> None:
    item = olive.take()
    assert olive.answer(item, "merge").status_code == 303
    (path,) = [one for one in Structure(olive.client.get("/review/fields").text).links if one.endswith("/take")]
    assert post(olive.client, path, field="name").status_code == 303
    assert post(peter.client, path, field="name").status_code == 409
    assert post(peter.client, path.removesuffix("/take"), field="name", value="0-1").status_code == 409
    assert olive.take() not in ("", item)
    assert olive.client.get(f"{path.removesuffix('/take')}?field=gender").status_code == 404


def test_what_differs_in_its_spelling_alone_and_what_a_rule_settles_is_not_asked(empty: Estate) -> None:
    one = {"id": "D1", "name": "Alice Nguyen", "email": "alice@example.com", "phone": "0412 345 678"}
    empty.put([one], [{**one, "id": "L1", "name": "ALICE NGUYEN"}])
    assert "Every field is settled" in browser_of(empty).get("/review/fields").text
    empty.put([one], [{**one, "id": "L1", "name": "Alice Mary Nguyen"}])
    assert "Every field is settled" in browser_of(empty).get("/review/fields").text
