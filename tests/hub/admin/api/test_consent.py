"""Consent by way of the API: what is known, what is recorded, and what is never recorded."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from hub.access.masking import DOTS
from hub.access.roles import Permission
from hub.stages.ledger import events
from hub.stages.runs import runs
from hub.store.operating.audit import AuditEntry
from hub.store.sql import table
from tests.hub.admin.api.calling import Program, problem
from tests.hub.admin.api.conftest import MakeProgram
from tests.hub.admin.estate import Estate

ALICE = "/consent/email/alice@example.com"
CHARLIE = "/consent/email/charlie@example.org"

YES = {"action": "grant", "at": "2026-08-01T09:30:00+10:00", "method": "form", "wording": "Yes, write to me."}
NO = {"action": "withdraw"}


def state(document: Any) -> tuple[str, bool]:
    (entry,) = document["entries"]
    return entry["state"], entry["may_send"]


def test_what_is_known_of_an_address_comes_with_its_evidence(desk: Program) -> None:
    found = desk.given(CHARLIE)
    assert found["address"] == "charlie@example.org"
    assert state(found) == ("withdrawn", False)
    (event,) = found["entries"][0]["events"]
    assert (event["action"], event["source"], event["record"]) == ("withdraw", "desk", "people:D3")


@pytest.mark.parametrize(
    ("channel", "address", "canonical"),
    [
        ("sms", "0412 345 678", "+61412345678"),
        ("voice", "+61412345678", "+61412345678"),
        ("email", "NOBODY@example.net", "nobody@example.net"),
    ],
)
def test_an_address_in_any_form_has_a_state(desk: Program, channel: str, address: str, canonical: str) -> None:
    found = desk.given(f"/consent/{channel}/{address}")
    assert found["address"] == canonical
    assert state(found) == ("unknown", False)
    assert found["entries"][0]["channel"] == channel


@pytest.mark.parametrize(
    ("channel", "address"), [("sms", "alice@example.com"), ("email", "0412 345 678"), ("fax", "0412"), ("email", "%00")]
)
def test_what_is_no_address_of_the_channel_is_refused(desk: Program, channel: str, address: str) -> None:
    told = problem(desk.get(f"/consent/{channel}/{address}"), 422, "not-valid")
    assert [one["field"].partition(".")[0] for one in told["errors"]] == ["path"]
    problem(desk.post(f"/consent/{channel}/{address}", NO), 422, "not-valid")


def test_a_no_needs_nothing_and_counts_at_once(desk: Program, hub: Estate) -> None:
    desk.done(ALICE, YES)
    told = desk.done(ALICE, NO)
    assert state(told["consent"]) == ("withdrawn", False)
    with hub.store.read() as db:
        (actor,) = db.execute(select(events.c.actor).where(events.c.id.in_(told["recorded"]))).scalars()
    assert actor == "token:desk"


def test_a_yes_with_its_proof_counts_and_without_is_refused(desk: Program) -> None:
    assert state(desk.done("/consent/email/new@example.com", YES)["consent"]) == ("granted", True)
    bare = {key: value for key, value in YES.items() if key != "wording"}
    told = problem(desk.post(ALICE, bare), 422, "cannot-record")
    assert "`evidence` or `wording`, what shows it" in told["detail"]
    told = problem(desk.post(ALICE, {"action": "grant"}), 422, "not-valid")
    assert [one["field"] for one in told["errors"]] == ["body.grant.at", "body.grant.method"]


@pytest.mark.parametrize(
    "said",
    [
        YES | {"at": "2026-02-01"},
        YES | {"at": "2026-02-01T00:00:00Z"},
        {"action": "lift", "event": "EVENT", "reason": "they asked"},
    ],
    ids=["a yes of before", "an older yes", "a lift of a no that is no stop"],
)
def test_a_no_never_becomes_a_yes_without_a_later_express_yes(desk: Program, said: dict[str, str]) -> None:
    (event,) = desk.given(CHARLIE)["entries"][0]["events"]
    desk.post(CHARLIE, {key: event["id"] if value == "EVENT" else value for key, value in said.items()})
    assert state(desk.given(CHARLIE)) == ("withdrawn", False)


@pytest.mark.parametrize("action", ["subscribe", "state_observed", "hold", "object", "GRANT", ""])
def test_nothing_is_recorded_but_what_a_person_can_say(desk: Program, action: str) -> None:
    answer = desk.post(CHARLIE, YES | {"action": action})
    problem(answer, 422, "not-valid")
    assert state(desk.given(CHARLIE)) == ("withdrawn", False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": "tomorrow"},
        {"at": "2026-08-01T09:30:00"},
        {"at": "0001-01-01"},
        {"at": "9999-12-31"},
        {"at": 1785540600},
        {"at": "2200-01-01"},
        {"wording": 1},
        {"wording": "\x00"},
        {"method": "keyword"},
        {"method": "import"},
        {"by": "Olive"},
    ],
    ids=str,
)
def test_a_yes_of_another_form_is_refused(desk: Program, hub: Estate, wrong: dict[str, Any]) -> None:
    before = count(hub)
    assert desk.post(ALICE, YES | wrong).status_code == 422
    assert count(hub) == before


def count(hub: Estate) -> int:
    with hub.store.read() as db:
        return db.execute(select(func.count()).select_from(events)).scalar_one()


def test_the_same_request_is_recorded_once_for_ever(desk: Program, hub: Estate) -> None:
    key = {"Idempotency-Key": "8f1c"}
    first = desk.done(ALICE, NO, headers=key)
    before = count(hub), audited(hub)
    again = desk.done(ALICE, NO, headers=key)
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert again["recorded"] == first["recorded"]
    assert (count(hub), audited(hub)) == before
    assert desk.done(ALICE, NO, headers={"Idempotency-Key": "8f1d"})["repeated"] is False


def test_a_key_is_of_one_statement_and_of_one_token(desk: Program, program: MakeProgram) -> None:
    key = {"Idempotency-Key": "8f1c"}
    desk.done(ALICE, NO, headers=key)
    problem(desk.post(CHARLIE, NO, headers=key), 422, "key-used")
    problem(desk.post(ALICE, YES, headers=key), 422, "key-used")
    problem(desk.post(ALICE, NO, headers={"Idempotency-Key": "a b"}), 422, "not-valid")
    other = program("other", Permission.RECORD)
    assert other.done(CHARLIE, NO, headers=key)["repeated"] is False


def audited(hub: Estate) -> list[tuple[str, str, str]]:
    entries = table(AuditEntry)
    with hub.store.read() as db:
        rows = db.execute(select(entries).order_by(entries.c.id)).all()
    return [(row.actor, row.action, row.subject) for row in rows]


def test_who_recorded_it_is_audited_without_the_address(desk: Program, hub: Estate) -> None:
    desk.done(ALICE, NO)
    ((actor, action, subject),) = audited(hub)
    assert (actor, action) == ("token:desk", "consent.withdraw")
    assert subject.startswith("event:")


def test_what_must_leave_is_queued_with_the_statement(desk: Program, hub: Estate) -> None:
    desk.done(ALICE, NO)
    with hub.store.read() as db:
        waiting = db.execute(select(runs.c.kind).where(runs.c.status == "queued")).scalars().all()
    assert waiting == ["derive"]


def test_a_statement_that_rests_on_what_was_read_is_refused_when_that_has_changed(desk: Program, hub: Estate) -> None:
    read = desk.get(ALICE).headers["etag"]
    desk.done(ALICE, NO, headers={"If-Match": read})
    before = count(hub)
    problem(desk.post(ALICE, YES, headers={"If-Match": read}), 412, "changed-meanwhile")
    assert count(hub) == before
    desk.done(ALICE, YES, headers={"If-Match": desk.get(ALICE).headers["etag"]})


def test_a_repeated_statement_is_not_refused_for_what_it_has_changed_itself(desk: Program) -> None:
    headers = {"If-Match": desk.get(ALICE).headers["etag"], "Idempotency-Key": "8f1c"}
    desk.done(ALICE, NO, headers=headers)
    assert desk.done(ALICE, NO, headers=headers)["repeated"] is True


def stop_of(desk: Program, reason: str) -> str:
    found: str = desk.done(ALICE, {"action": "suppress", "reason": reason})["recorded"][0]
    return found


def test_a_stop_is_lifted_by_its_id(desk: Program) -> None:
    stop = stop_of(desk, "hard_bounce")
    assert desk.given(ALICE)["entries"][0]["stops"] == ["hard_bounce"]
    lifted = desk.done(ALICE, {"action": "lift", "event": stop, "reason": "the box is back"})
    assert lifted["consent"]["entries"][0]["stops"] == []
    problem(desk.post(ALICE, {"action": "lift", "event": "f" * 32, "reason": "x"}), 404, "not-found")


@pytest.mark.parametrize("reason", ["complaint", "legal"])
def test_a_program_ends_no_complaint_and_no_legal_stop(desk: Program, reason: str) -> None:
    stop = stop_of(desk, reason)
    problem(desk.post(ALICE, {"action": "lift", "event": stop, "reason": "they asked"}), 403, "needs-person")
    assert desk.given(ALICE)["entries"][0]["stops"] == [reason]


def test_an_objection_reaches_all_addresses_of_the_contact(desk: Program) -> None:
    desk.done(ALICE, YES)
    alice = desk.done("/identify", {"key": "alice@example.com"})["contact"]["id"]
    told = desk.done(f"/contacts/{alice}/objection", {}, headers={"Idempotency-Key": "1"})
    entries = [entry for one in told["consent"] for entry in one["entries"]]
    assert [entry["channel"] for entry in entries] == ["email", "sms", "whatsapp", "voice"]
    assert {(entry["may_send"], entry["reason"]) for entry in entries} == {(False, "objection")}
    assert desk.given(ALICE)["entries"][0]["may_send"] is False
    again = desk.done(f"/contacts/{alice}/objection", {}, headers={"Idempotency-Key": "1"})
    assert (again["repeated"], again["recorded"]) == (True, told["recorded"])
    problem(desk.post("/contacts/c_nobody/objection", {}), 404, "not-found")


def test_without_the_scope_for_it_states_are_told_and_nobodys_words(desk: Program, program: MakeProgram) -> None:
    desk.done(ALICE, YES | {"evidence": "ticket 99 of Alice"})
    found = program("looker", Permission.LOOK).given(ALICE)
    assert found["address"] == f"a{DOTS}@e{DOTS}.com"
    assert state(found) == ("granted", True)
    event = found["entries"][0]["events"][0]
    assert (event["wording"], event["evidence"], event["actor"]) == (DOTS, DOTS, f"t{DOTS}")
