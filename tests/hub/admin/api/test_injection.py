"""What is no value but a piece of SQL, in every parameter of every door, on both databases."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from hub.admin.api import limits
from hub.admin.api.doors import ApiDoor
from hub.stages.golden import contacts
from hub.stages.ledger import events
from hub.stages.reading import decisions
from hub.users.tokens import tokens
from tests.hub.admin.api.calling import Program
from tests.hub.admin.estate import Estate

PAYLOADS = [
    "'",
    '"',
    "''",
    "\\",
    ";",
    "--",
    "/*",
    "' OR '1'='1",
    "' OR 1=1 --",
    '" OR ""="',
    "') OR ('1'='1",
    "1 OR 1=1",
    "1; DROP TABLE contact; --",
    "'; DELETE FROM consent_event; --",
    "' UNION SELECT token_hash, name, 1, 1, 1 FROM api_token --",
    "' AND (SELECT count(*) FROM api_token) > 0 --",
    "'||(SELECT token_hash FROM api_token)||'",
    "' AND pg_sleep(5) --",
    "'; SELECT pg_sleep(5); --",
    "' AND randomblob(500000000) --",
    "%' --",
    "%",
    "_",
    "%%%s%(x)s",
    ":name",
    "?",
    "$1",
    "{0}",
    "alice@example.com' --",
    "desk:people:D1' OR '1'='1",
    "desk:people:' UNION SELECT 1 --",
    "0x27",
    "\u02bc OR 1=1",
    "\uff07 OR 1=1",
    "\ud7ff",
]


@pytest.mark.fault("A03")
def test_a_piece_of_sql_is_a_value_like_any_other(
    app: FastAPI, desk: Program, hub: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BURST", 1_000_000)
    everybody = desk.given("/contacts")
    before = counted(hub)
    for door in app.routes:
        if isinstance(door, ApiDoor) and door.contract.params.model_fields:
            for payload in PAYLOADS:
                _ask_all(desk, door, payload)
    for payload in PAYLOADS:
        _say_all(desk, payload)
    assert desk.given("/contacts") == everybody
    assert counted(hub) == before


def _ask_all(desk: Program, door: ApiDoor, payload: str) -> None:
    """By GET, with the payload in each parameter of the path and of the query."""
    if "GET" not in (door.methods or ()):
        return
    plain = {"channel": "email", "address": "alice@example.com", "name": "regulars", "contact_id": "c_1", "number": "1"}
    for name in door.contract.params.model_fields:
        path = door.path_format
        for part in door.param_convertors:
            value = payload if part == name else plain[part]
            path = path.replace(f"{{{part}}}", quote(value, safe=""))
        query = {} if name in door.param_convertors else {name: payload}
        answer = desk.client.get(path, params=query)
        assert answer.status_code in (200, 404, 422), (path, query, answer.text)
        assert len(answer.json().get("contacts", ())) == 0, (path, query)
        assert "token_hash" not in answer.text


def _say_all(desk: Program, payload: str) -> None:
    """By POST, with the payload in each text of the body, where nothing that is found by it may be there."""
    missing: list[tuple[str, Any]] = [
        ("/identify", {"key": payload}),
        ("/decisions", {"kind": "merge", "contacts": [payload, "nobody@example.com"]}),
        ("/decisions", {"kind": "split", "records": [payload]}),
        ("/runs", {"connection": payload, "stream": payload}),
        ("/runs", {"connection": "desk", "stream": payload}),
        (f"/contacts/{quote(payload, safe='')}/objection", {}),
        (f"/consent/email/{quote(payload, safe='')}", {"action": "lift", "event": payload, "reason": payload}),
        ("/consent/email/charlie@example.org", {"action": "lift", "event": payload, "reason": payload}),
    ]
    for path, body in missing:
        answer = desk.post(path, body)
        assert answer.status_code in (404, 405, 409, 422), (path, body, answer.text)
        assert "token_hash" not in answer.text
    found = desk.post("/contacts/search", {"text": payload.ljust(2)})
    assert found.status_code == 200, found.text
    assert found.json()["contacts"] == [], payload


def counted(hub: Estate) -> list[int]:
    with hub.store.read() as db:
        return [
            db.execute(select(func.count()).select_from(one)).scalar_one()
            for one in (contacts, events, decisions, tokens)
        ]


def test_words_of_a_statement_and_a_decision_are_kept_as_they_were_said(desk: Program) -> None:
    words = "Bobby'); DROP TABLE consent_event; --"
    said = {"action": "grant", "at": "2026-08-01", "method": "form", "wording": words, "purpose": "x'--", "brand": "'"}
    event = desk.done("/consent/email/alice@example.com", said)["consent"]["entries"]
    kept = [one for entry in event for one in entry["events"] if one["action"] == "grant" and one["source"] == "hub"]
    assert {(one["wording"], one["purpose"], one["brand"]) for one in kept} <= {(words, "x'--", "'")}
    decided = {"kind": "apart", "contacts": ["alice@example.com", "bob@example.com"], "reason": words}
    assert desk.done("/decisions", decided)["reason"] == words
