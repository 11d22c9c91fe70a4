"""Decisions by way of the API: made as the token's, worked out at once, and undone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from hub.access.masking import DOTS
from hub.access.roles import Permission
from hub.audit import verify
from hub.store.operating.audit import AuditEntry
from hub.store.sql import table
from tests.hub.admin.api.calling import Program, problem
from tests.hub.admin.api.conftest import MakeProgram
from tests.hub.admin.estate import Estate

ALICE, BOB = "alice@example.com", "bob@example.com"


def contact_of(program: Program, key: str) -> str:
    found: str = program.done("/identify", {"key": key})["contact"]["id"]
    return found


def decide(program: Program, kind: str, **what: Any) -> dict[str, Any]:
    told: dict[str, Any] = program.done("/decisions", {"kind": kind, **what})
    return told


def test_a_merge_makes_two_contacts_one_and_undone_two_again(desk: Program) -> None:
    before = {key: contact_of(desk, key) for key in (ALICE, BOB)}
    made = desk.post("/decisions", {"kind": "merge", "contacts": [ALICE, before[BOB]], "reason": "the same desk"})
    assert made.status_code == 201
    number = made.json()["number"]
    assert made.headers["location"] == f"/api/v1/decisions/{number}"
    assert (made.json()["author"], made.json()["reason"]) == ("token:desk", "the same desk")
    assert contact_of(desk, ALICE) == contact_of(desk, BOB)
    problem(desk.post("/decisions", {"kind": "merge", "contacts": [ALICE, BOB]}), 409, "cannot-decide")
    undone = desk.done(f"/decisions/{number}/undo")
    assert undone["revoked_by"] == "token:desk"
    assert {key: contact_of(desk, key) for key in (ALICE, BOB)} == before
    problem(desk.post(f"/decisions/{number}/undo"), 409, "cannot-decide")


def test_two_contacts_are_said_to_be_two_people(desk: Program) -> None:
    told = decide(desk, "apart", contacts=[ALICE, BOB])
    assert {one["link"] for one in told["links"]} == {"cannot"}
    decide(desk, "merge", contacts=[ALICE, BOB])
    assert contact_of(desk, ALICE) == contact_of(desk, BOB)  # the newest decision wins


def test_a_record_is_split_off(desk: Program) -> None:
    decide(desk, "split", records=["loyalty:people:L1"], reason="her mother")
    assert contact_of(desk, "loyalty:people:L1") != contact_of(desk, "desk:people:D1")


def test_two_records_of_one_contact_are_confirmed(desk: Program) -> None:
    told = decide(desk, "merge", contacts=["desk:people:D1", "loyalty:people:L1"])
    assert [one["link"] for one in told["links"]] == ["must"]


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"kind": "merge", "contacts": [ALICE, "nobody@example.com"]}, 404, "not-found"),
        ({"kind": "merge", "contacts": [ALICE, "0412 345 678"]}, 409, "several-contacts"),
        ({"kind": "merge", "contacts": [ALICE]}, 422, "not-valid"),
        ({"kind": "merge", "contacts": [ALICE, BOB, ALICE]}, 422, "not-valid"),
        ({"kind": "merge", "contacts": [ALICE, BOB], "author": "Olive"}, 422, "not-valid"),
        ({"kind": "merge", "records": [ALICE, BOB]}, 422, "not-valid"),
        ({"kind": "split", "records": [ALICE]}, 422, "not-valid"),
        ({"kind": "split", "records": []}, 422, "not-valid"),
        ({"kind": "split", "records": ["desk:people:D2"]}, 409, "cannot-decide"),
        ({"kind": "erase", "contacts": [ALICE, BOB]}, 422, "not-valid"),
        ([], 422, "not-valid"),
    ],
    ids=str,
)
def test_a_decision_that_makes_no_sense_is_refused(desk: Program, body: Any, status: int, kind: str) -> None:
    answer = desk.post("/decisions", body)
    problem(answer, status, kind)
    assert "nobody@" not in answer.text
    assert desk.given("/decisions")["decisions"] == []


def test_decisions_come_newest_first_page_by_page(desk: Program) -> None:
    numbers = [decide(desk, kind, contacts=[ALICE, BOB])["number"] for kind in ("apart", "merge")]
    first = desk.given("/decisions?limit=1")
    second = desk.given(f"/decisions?limit=1&cursor={first['next']}")
    assert [one["number"] for page in (first, second) for one in page["decisions"]] == numbers[::-1]
    assert second["next"] is None


def test_an_undo_that_rests_on_what_was_read_is_refused_when_that_has_changed(desk: Program) -> None:
    number = decide(desk, "apart", contacts=[ALICE, BOB])["number"]
    read = desk.get(f"/decisions/{number}").headers["etag"]
    desk.done(f"/decisions/{number}/undo")
    answer = desk.client.post(f"/api/v1/decisions/{number}/undo", headers={"If-Match": read})
    problem(answer, 412, "changed-meanwhile")
    problem(desk.get("/decisions/99"), 404, "not-found")
    problem(desk.post("/decisions/99/undo"), 404, "not-found")


def test_every_decision_stands_in_the_chain_of_what_was_done(desk: Program, hub: Estate) -> None:
    number = decide(desk, "apart", contacts=[ALICE, BOB], reason="Alice told me")["number"]
    desk.done(f"/decisions/{number}/undo")
    entries = table(AuditEntry)
    with hub.store.read() as db:
        rows = db.execute(select(entries).order_by(entries.c.id)).all()
        assert verify(db) is None
    expected = [
        ("token:desk", "decision.apart", f"decision:{number}"),
        ("token:desk", "decision.undo", f"decision:{number}"),
    ]
    assert [(row.actor, row.action, row.subject) for row in rows] == expected
    assert "Alice" not in str([row.details for row in rows])


def test_without_the_scope_for_it_the_words_of_a_reason_are_not_told(desk: Program, program: MakeProgram) -> None:
    number = decide(desk, "apart", contacts=[ALICE, BOB], reason="Alice told me")["number"]
    looker = program("looker", Permission.LOOK)
    assert looker.given(f"/decisions/{number}")["reason"] == DOTS
    assert looker.given("/decisions")["decisions"][0]["reason"] == DOTS
