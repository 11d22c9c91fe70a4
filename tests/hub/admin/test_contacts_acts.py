"""What is done on the page of one contact: pinned, split, merged, undone, asked, exported, printed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.access.roles import Role
from hub.admin.app import create_app
from hub.queries.find import find
from hub.queries.parts import fields_of
from hub.stages.golden import provenance
from hub.stages.map import people
from hub.stages.reading import decisions
from tests.hub.admin.browsing import Structure, acts_of, post, signed_in_as, text_of, waiting_runs
from tests.hub.admin.estate import Estate

ALICE, BOB, CHARLIE = "desk:people:D1", "desk:people:D2", "desk:people:D3"


def browser_of(hub: Estate, role: Role = Role.OPERATOR) -> TestClient:
    clock = FakeClock()
    return signed_in_as(create_app(hub.store, hub.settings, clock.now), hub.store, clock, role)


def id_of(hub: Estate, key: str) -> str:
    with hub.store.read() as db:
        return find(db, key, "AU").contact_id


def record_of(hub: Estate, external_id: str) -> str:
    with hub.store.read() as db:
        return str(db.execute(select(people.c.record_id).where(people.c.external_id == external_id)).scalar_one())


def name_of(hub: Estate, key: str) -> Any:
    with hub.store.read() as db:
        (field,) = [one for one in fields_of(db, id_of(hub, key)) if one["field"] == "name"]
    return field["values"][0]["value"]["full"]


def undo_newest(hub: Estate, browser: TestClient, key: str) -> Any:
    with hub.store.read() as db:
        number = db.execute(select(decisions.c.id).order_by(decisions.c.id.desc())).scalars().first()
    return post(browser, f"/contacts/{id_of(hub, key)}/undo", decision=str(number))


def test_a_value_is_pinned_and_the_pin_is_undone_from_history(either_hub: Estate) -> None:
    browser, alice = browser_of(either_hub), id_of(either_hub, ALICE)
    won = name_of(either_hub, ALICE)
    page = browser.get(f"/contacts/{alice}/pin?field=name").text
    assert f'href="/contacts/{alice}/pin?field=name"' in browser.get(f"/contacts/{alice}").text
    choices = re.findall(r'name="value" value="([^"]+)"', page)
    assert len(choices) == 2
    answer = post(browser, f"/contacts/{alice}/pin", field="name", value=choices[1], reason="her passport")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/contacts/{alice}?tab=history")
    assert name_of(either_hub, ALICE) == "Alise Nguyen" != won
    history = text_of(browser.get(f"/contacts/{alice}?tab=history").text)
    assert "pinned name Alise Nguyen operator" in history
    assert "her passport Undo" in history
    assert undo_newest(either_hub, browser, ALICE).status_code == 303
    assert name_of(either_hub, ALICE) == won
    assert "undone by operator" in text_of(browser.get(f"/contacts/{alice}?tab=history").text)
    assert acts_of(either_hub.store) == [
        ("operator", "decision.pin", "decision:1"),
        ("operator", "decision.undo", "decision:1"),
    ]


def test_records_are_split_off_and_come_back(either_hub: Estate) -> None:
    browser, alice = browser_of(either_hub), id_of(either_hub, ALICE)
    ticked = record_of(either_hub, "L1")
    assert f'name="record" value="{ticked}"' in browser.get(f"/contacts/{alice}?tab=records").text
    answer = post(browser, f"/contacts/{alice}/split", record=ticked, reason="her sister")
    assert answer.status_code == 303
    assert waiting_runs(either_hub.store) == ["derive"]
    assert id_of(either_hub, "loyalty:people:L1") != id_of(either_hub, ALICE)
    assert undo_newest(either_hub, browser, ALICE).status_code == 303
    assert id_of(either_hub, "loyalty:people:L1") == id_of(either_hub, ALICE)
    assert [action for _, action, _ in acts_of(either_hub.store)] == ["decision.split", "decision.undo"]


def test_a_contact_is_merged_with_one_that_is_searched_for(either_hub: Estate) -> None:
    browser, alice, charlie = browser_of(either_hub), id_of(either_hub, ALICE), id_of(either_hub, CHARLIE)
    found = browser.get(f"/contacts/{alice}/merge?q=charlie").text
    assert f'href="/contacts/{alice}/merge?with={charlie}"' in found
    sure = text_of(browser.get(f"/contacts/{alice}/merge?with={charlie}").text)
    assert "Charlie Ortiz" in sure
    assert "Merge them" in sure
    answer = post(browser, f"/contacts/{alice}/merge", other=charlie, reason="one mailbox")
    assert answer.status_code == 303
    assert id_of(either_hub, ALICE) == id_of(either_hub, CHARLIE)
    landed = browser.get(answer.headers["location"], follow_redirects=True)
    assert "one mailbox" in landed.text
    assert undo_newest(either_hub, browser, ALICE).status_code == 303
    assert id_of(either_hub, ALICE) != id_of(either_hub, CHARLIE)


def test_why_not_tells_what_speaks_for_one_person_and_what_against(hub: Estate) -> None:
    browser, alice, bob = browser_of(hub), id_of(hub, ALICE), id_of(hub, BOB)
    text = text_of(browser.get(f"/contacts/{alice}/why?with={bob}").text)
    assert "They are two contacts" in text
    assert "different e-mail addresses alice@example.com bob@example.com" in text
    assert "desk:people:D2" in text
    assert "They are one contact" in text_of(browser.get(f"/contacts/{alice}/why?with=loyalty:people:L1").text)
    assert "No other contact matches." in browser.get(f"/contacts/{alice}/why?q=xyzzy").text


def test_what_does_not_fit_is_refused_and_nothing_is_written(hub: Estate) -> None:
    browser, alice = browser_of(hub), id_of(hub, ALICE)
    own = f"/contacts/{alice}"
    refused = {
        "a value that is not there": (post(browser, f"{own}/pin", field="name", value="7-7"), 409),
        "a field that is not there": (post(browser, f"{own}/pin", field="consents", value="0-1"), 409),
        "nothing ticked": (post(browser, f"{own}/split"), 422),
        "a record of somebody else": (post(browser, f"{own}/split", record=record_of(hub, "D2")), 409),
        "no number": (post(browser, f"{own}/split", record="1 OR 1=1"), 422),
        "all its records": (post(browser, f"/contacts/{id_of(hub, BOB)}/split", record=record_of(hub, "D2")), 409),
        "itself": (post(browser, f"{own}/merge", other=alice), 409),
        "nobody": (post(browser, f"{own}/merge", other="c_nobody"), 404),
        "no decision": (post(browser, f"{own}/undo", decision="99"), 409),
        "no contact": (post(browser, "/contacts/c_nobody/undo", decision="1"), 404),
        "no such field": (browser.get(f"{own}/pin?field=nothing"), 404),
        "no such other": (browser.get(f"{own}/why?with=c_nobody"), 404),
    }
    assert {name: one.status_code for name, (one, _) in refused.items()} == {
        name: status for name, (_, status) in refused.items()
    }
    assert acts_of(hub.store) == []


def test_a_decision_about_somebody_else_is_not_undone_from_here(hub: Estate) -> None:
    browser, alice, charlie = browser_of(hub), id_of(hub, ALICE), id_of(hub, CHARLIE)
    post(browser, f"/contacts/{alice}/split", record=record_of(hub, "L1"))
    assert undo_newest(hub, browser, CHARLIE).status_code == 409
    assert "Nobody has decided anything" in browser.get(f"/contacts/{charlie}?tab=history").text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER, Role.OPERATOR])
def test_only_who_may_do_something_is_offered_it(hub: Estate, role: Role) -> None:
    browser, alice = browser_of(hub, role), id_of(hub, ALICE)
    pages = "".join(browser.get(f"/contacts/{alice}?tab={tab}").text for tab in ("fields", "records", "history"))
    offered = {link.rpartition("/")[2] for link in Structure(pages).links if link.startswith(f"/contacts/{alice}/")}
    expected = {
        Role.VIEWER: {"why", "print"},
        Role.REVIEWER: {"why", "print", "merge", "split", "reveal", "pin?field=name"},
        Role.OPERATOR: {"why", "print", "merge", "split", "pin?field=name"},
    }
    assert offered == expected[role]


def test_an_admin_takes_a_contact_out_as_json_and_it_is_written_down(either_hub: Estate) -> None:
    browser, alice = browser_of(either_hub, Role.ADMIN), id_of(either_hub, ALICE)
    answer = post(browser, f"/contacts/{alice}/export")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == f'attachment; filename="contact-{alice}.json"'
    document = json.loads(answer.content)
    assert document["id"] == alice
    assert document["golden"]["emails"]["value"][0]["value"] == "alice@example.com"
    assert [event["number"] for event in document["timeline"]] == ["#1001"]
    assert acts_of(either_hub.store) == [("admin", "contact.exported", alice)]
    assert post(browser_of(either_hub), f"/contacts/{alice}/export").status_code == 403


def test_everything_stands_on_one_sheet_to_print(hub: Estate) -> None:
    page = browser_of(hub).get(f"/contacts/{id_of(hub, ALICE)}/print")
    text = text_of(page.text)
    for word in ("Alice Nguyen", "Blue mug", "Must not be sent to", "In no segment", "loyalty:people:L1", "Nobody has"):
        assert word.casefold() in text.casefold(), word
    assert "Split them off" not in text


def test_names_of_any_script_are_shown_as_they_are(hub: Estate) -> None:
    names = ["שרה לוי", "محمد علي", "🦊 Fennec 🦊", "Zoë\u202e reversed"]
    hub.put([{"id": f"X{at}", "name": name, "email": f"x{at}@example.com"} for at, name in enumerate(names)])
    browser = browser_of(hub)
    with hub.store.read() as db:
        kept = db.execute(select(provenance.c.value).where(provenance.c.field == "name")).scalars().all()
    for at in range(len(names)):
        page = browser.get(f"/contacts/{id_of(hub, f'desk:people:X{at}')}").text
        shown = re.search(r"<h1><bdi>(.*?)</bdi></h1>", page)
        assert shown is not None
        assert shown[1] in {value["full"] for value in kept}
    assert "🦊 Fennec 🦊" in browser.get("/contacts?q=fenec").text


def test_a_search_without_a_match_says_how_many_spellings_it_tried(hub: Estate) -> None:
    text = text_of(browser_of(hub).get("/contacts?q=xqzwvk").text)
    assert re.search(r"No match\. Checked \d+ spellings\.", text)
    assert "Checked" not in text_of(browser_of(hub).get("/contacts?q=0999").text)
    assert "Alice Nguyen" in browser_of(hub).get("/contacts?q=alcie ngyuen").text


def test_keys_lead_to_the_tabs_and_acts_that_the_role_has(hub: Estate) -> None:
    own = f"/contacts/{id_of(hub, ALICE)}"
    key = re.compile(r'data-key="(.)"')
    reviewer = browser_of(hub, Role.REVIEWER)
    assert {"e", "t", "c", "o", "h", "s"} == set(key.findall(reviewer.get(own).text))
    assert set(key.findall(reviewer.get(f"{own}?tab=records").text)) == {"e", "t", "c", "o", "h", "s"}
    assert 'name="record" value=' in reviewer.get(f"{own}?tab=records").text.partition('data-key="s"')[0]
    viewer = browser_of(hub, Role.VIEWER)
    assert set(key.findall(viewer.get(own).text)) == {"t", "c", "o", "h"}
    assert "split records" not in viewer.get(own).text
