"""Contacts by way of the API: page by page, one, searched and identified; whole or with hints only."""

from __future__ import annotations

from typing import Any

import pytest

from hub.access.masking import DOTS
from hub.access.roles import Permission
from hub.admin.api.contacts import Golden
from hub.admin.api.doors import told
from hub.decide import merge
from hub.stages.order import derive
from tests.hub.admin.api.calling import Program, problem
from tests.hub.admin.api.conftest import MakeProgram
from tests.hub.admin.estate import Estate


def alice(program: Program) -> str:
    found: str = program.done("/identify", {"key": "alice@example.com"})["contact"]["id"]
    return found


def test_every_contact_comes_once_page_by_page_in_the_order_of_ids(desk: Program) -> None:
    pages, following = [], ""
    for _ in range(3):
        page = desk.given(f"/contacts?limit=1&cursor={following}")
        pages.append(page["contacts"])
        following = page["next"] or ""
    assert [len(page) for page in pages] == [1, 1, 1]
    ids = [one["id"] for page in pages for one in page]
    assert ids == sorted(set(ids))
    assert following == ""
    assert desk.given("/contacts?limit=100")["contacts"] == [one for page in pages for one in page]


def test_a_contact_has_all_that_is_known_of_it(desk: Program) -> None:
    shown = desk.given(f"/contacts/{alice(desk)}")
    assert shown["golden"]["name"]["value"]["full"] == "Alice Nguyen"
    assert shown["golden"]["name"]["source"] == "desk:people:D1"
    assert [one["value"]["value"] for one in shown["golden"]["emails"]["values"]] == ["alice@example.com"]
    assert [event["number"] for event in shown["timeline"]] == ["#1001"]
    assert {one["channel"]: one["state"] for one in shown["consent"]}["email"] == "unknown"
    assert [one["name"] for one in shown["segments"]] == ["regulars"]


def test_a_retired_id_leads_to_the_contact_that_has_its_records(desk: Program) -> None:
    shown = desk.given(f"/contacts/{alice(desk)}")
    assert len(shown["retired_ids"]) == 2
    for retired in shown["retired_ids"]:
        assert desk.given(f"/contacts/{retired}") == shown
        assert desk.done("/identify", {"key": retired})["contact"]["id"] == shown["id"]


@pytest.mark.parametrize("key", ["c_nothing", "alice@example.com", "desk:people:D1", "%00", "é"])
def test_a_contact_is_shown_by_an_id_only(desk: Program, key: str) -> None:
    answer = desk.get(f"/contacts/{key}")
    assert answer.status_code in (404, 422)
    assert "alice" not in answer.text


@pytest.mark.parametrize(
    "key", ["alice@example.com", "ALICE@Example.com ", "desk:people:D1", "loyalty:people:L1", "orders:orders:O1"]
)
def test_any_identifier_leads_to_the_contact(desk: Program, key: str) -> None:
    found = desk.done("/identify", {"key": key})
    assert found["contact"]["name"] == "Alice Nguyen"
    assert found["location"] == f"/api/v1/contacts/{found['contact']['id']}"
    assert desk.client.get(found["location"]).status_code == 200


def test_an_identifier_of_several_is_a_conflict_that_names_them(desk: Program) -> None:
    told = problem(desk.post("/identify", {"key": "0412 345 678"}), 409, "several-contacts")
    bob = desk.done("/identify", {"key": "bob@example.com"})["contact"]["id"]
    assert sorted(told["contact_ids"]) == sorted([alice(desk), bob])


def test_an_identifier_of_nobody_is_not_said_again(desk: Program) -> None:
    answer = desk.post("/identify", {"key": "zoe@example.net"})
    problem(answer, 404, "not-found")
    assert "zoe" not in answer.text


def test_a_search_finds_by_the_beginning_of_words(desk: Program) -> None:
    found = desk.done("/contacts/search", {"text": "ngu"})
    assert [one["name"] for one in found["contacts"]] == ["Alice Nguyen", "Bob Nguyen"]
    assert found["more"] is False
    assert desk.done("/contacts/search", {"text": "ngu", "limit": 1})["more"] is True
    assert desk.done("/contacts/search", {"text": "nobody"})["contacts"] == []


def test_a_version_that_is_known_is_not_sent_again(desk: Program, hub: Estate) -> None:
    path = f"/contacts/{alice(desk)}"
    first = desk.get(path)
    again = desk.get(path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert again.headers["cache-control"] == "no-store"
    bob = desk.done("/identify", {"key": "bob@example.com"})["contact"]["id"]
    hub.store.write(lambda db: merge(db, alice(desk), bob, "Olive", ""))
    derive(hub.store, hub.settings)
    assert desk.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


SECRETS = ("alice", "alise", "nguyen", "0412", "345678", "king st", "prefers the phone", "4711", "#1001")


def values(document: Any) -> str:
    """All values of a document, without the names of its fields."""
    if isinstance(document, dict):
        return " ".join(values(part) for part in document.values())
    return " ".join(values(part) for part in document) if isinstance(document, list) else str(document).casefold()


def test_without_the_scope_for_it_nobody_sees_who_it_is(program: MakeProgram, desk: Program) -> None:
    looker = program("looker", Permission.LOOK)
    found = looker.done("/contacts/search", {"text": "alice"})
    shown = looker.given(f"/contacts/{found['contacts'][0]['id']}")
    identified = looker.done("/identify", {"key": "alice@example.com"})
    everything = values([found, shown, identified, looker.given("/contacts")])
    assert [secret for secret in SECRETS if secret in everything] == []
    assert DOTS in everything
    assert shown["id"] == alice(desk)
    assert shown["golden"]["emails"]["value"][0]["value"] == f"a{DOTS}@e{DOTS}.com"
    assert shown["traits"]["orders"] == 1
    assert shown["timeline"][0]["total"] == "120.50"


def test_who_pages_through_everybody_needs_the_scope_to_take_everybody_out(program: MakeProgram) -> None:
    one = program("sidebar", Permission.LOOK, Permission.PERSONAL)
    assert one.done("/contacts/search", {"text": "alice"})["contacts"][0]["email"] == "alice@example.com"
    lists = values([one.given("/contacts"), one.given("/segments/regulars/members")])
    assert [secret for secret in SECRETS if secret in lists] == []
    many = program("warehouse", Permission.LOOK, Permission.PERSONAL, Permission.EXPORT)
    assert "alice@example.com" in values(many.given("/contacts"))
    assert "alice@example.com" in values(many.given("/segments/regulars/members"))


def test_half_a_character_that_a_vendor_sent_spoils_no_answer(desk: Program, hub: Estate) -> None:
    odd = {
        "id": "D9",
        "name": "Zoe Half",
        "email": "zoe@example.net",
        "note": "half \ud800 a character",
        "tags": ["\ud83d"],
    }
    hub.put([odd])
    zoe = desk.done("/identify", {"key": "zoe@example.net"})["contact"]
    assert zoe["name"] == "Zoe Half"
    assert desk.given(f"/contacts/{zoe['id']}")["id"] == zoe["id"]
    odd_text = {"value": "a\ud800b", "source": "", "rule": "", "others": [{"value": ["\udfff"]}]}
    assert (
        told(Golden, odd_text).model_dump_json()
        == '{"value":"a?b","source":"","rule":"","others":[{"value":["?"]}],"values":null}'
    )
