"""What the pages say: of streams and runs, of people found, of one person, and of nothing at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.admin.app import create_app
from hub.decide import merge
from hub.queries.find import find
from hub.stages.golden import contacts, provenance
from hub.stages.order import derive
from hub.stages.runs import runs, states
from hub.store.operating.runs import SyncRun
from tests.hub.admin.browsing import ORIGIN, Structure, sign_in, signed_in, text_of
from tests.hub.admin.estate import Estate

NOW = FakeClock().now()


def read(browser: TestClient, path: str) -> str:
    page = browser.get(path)
    assert page.status_code == 200
    return text_of(page.text)


def id_of(hub: Estate, key: str) -> str:
    with hub.store.read() as db:
        return find(db, key, "AU").contact_id


def note_run(hub: Estate, connection: str = "desk", stream: str = "people", **told: Any) -> int:
    """Write down a run as the pull stage does."""
    run = SyncRun(connection=connection, stream=stream, status="ok", started_at=NOW - timedelta(minutes=3))
    row = run.model_dump(exclude={"id"}) | told
    number: int = hub.store.write(lambda db: db.execute(insert(runs).returning(runs.c.id), row).scalar_one())
    return number


@pytest.fixture
def empty_browser(empty: Estate, clock: FakeClock) -> TestClient:
    client = TestClient(create_app(empty.store, empty.settings, clock.now), base_url=ORIGIN, follow_redirects=False)
    sign_in(client, empty.store, clock)
    return client


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", "No syncs yet. hub demo or hub init"),
        ("/contacts", "No contacts yet. hub demo or hub sync"),
        ("/contacts?q=alice", "No match."),
        ("/runs", "No syncs yet. hub demo or hub init"),
        ("/quarantine", "Nothing held back."),
    ],
)
def test_a_page_with_nothing_on_it_says_what_to_do(empty_browser: TestClient, path: str, said: str) -> None:
    assert said in read(empty_browser, path)


def test_home_lists_configured_streams_before_their_first_run(empty_browser: TestClient) -> None:
    assert "desk people has not run – due" in read(empty_browser, "/")


def test_home_sums_up_people_and_runs(either_hub: Estate) -> None:
    text = read(signed_in(either_hub), "/")
    assert "3 contacts" in text
    assert "5 records of people" in text
    assert "0 quarantined" in text
    assert "loyalty people ok" in text
    assert "No syncs yet" not in text


def test_home_counts_what_is_to_review_and_what_is_held_back(hub: Estate, browser: TestClient) -> None:
    (hub.drop / "desk.jsonl").write_text('{"name": "Nobody"}\nnonsense\n')
    hub.pull()
    text = read(browser, "/")
    assert "2 quarantined" in text
    assert "desk people held" in text
    assert "2 of 2 rows are in quarantine: see hub quarantine" in text


@pytest.mark.parametrize(
    ("told", "next_run"),
    [
        ({}, "in 12 minutes"),
        ({"status": "paused", "exit_code": 75, "retry_at": NOW + timedelta(hours=2)}, "in 2 hours"),
        ({"status": "paused", "exit_code": 75, "retry_at": NOW + timedelta(minutes=1)}, "in 12 minutes"),
        ({"status": "failed", "exit_code": 77}, "needs you"),
        ({"status": "running"}, "–"),
        ({"started_at": NOW - timedelta(minutes=16)}, "due"),
    ],
)
def test_home_says_when_a_stream_runs_next(
    empty: Estate, empty_browser: TestClient, told: dict[str, Any], next_run: str
) -> None:
    note_run(empty, **told)
    started = told.get("started_at", NOW - timedelta(minutes=3))
    state = {"connection": "desk", "stream": "people", "mapping": "", "last_started_at": started}
    empty.store.write(lambda db: db.execute(insert(states), state))
    assert f"desk people {told.get('status', 'ok')} – {next_run}" in read(empty_browser, "/")


def test_home_knows_streams_that_are_configured_no_longer(hub: Estate, browser: TestClient) -> None:
    state = {"connection": "old", "stream": "members", "mapping": "", "last_ok_at": NOW - timedelta(days=40)}
    hub.store.write(lambda db: db.execute(insert(states), state))
    note_run(hub, "old", "members", status="failed", message="the list is gone")
    text = read(browser, "/")
    assert "old members failed no longer configured 1 month ago" in text
    assert "the list is gone" in text


def test_home_draws_the_last_14_runs_of_a_stream(empty: Estate, empty_browser: TestClient) -> None:
    for number in range(15):
        note_run(empty, status="failed" if number == 0 else "ok", fetched=number)
    state = {"connection": "desk", "stream": "people", "mapping": ""}
    empty.store.write(lambda db: db.execute(insert(states), state))
    page = empty_browser.get("/").text
    assert page.count("<rect ") == 14
    assert 'aria-label="' + ", ".join(["ok"] * 14) + '"' in page


TYPED = {
    "alice": ["Alice Nguyen"],
    "NGUYEN": ["Alice Nguyen", "Bob Nguyen"],
    "bob nguyen": ["Bob Nguyen"],
    "charlie@example.org": ["Charlie Ortiz"],
    "0412 345 678": ["Alice Nguyen", "Bob Nguyen"],
    "4711": ["Alice Nguyen"],
    "loyalty:people:L1": ["Alice Nguyen"],
    "desk:people:nobody": [],
    "zzz": [],
}


def test_search_finds_people_by_what_is_typed(either_hub: Estate) -> None:
    browser = signed_in(either_hub)
    pages = {typed: browser.get("/contacts", params={"q": typed}).text for typed in TYPED}
    found = {
        typed: [name for name in ("Alice Nguyen", "Bob Nguyen", "Charlie Ortiz") if name in page]
        for typed, page in pages.items()
    }
    assert found == TYPED
    assert {typed for typed, page in pages.items() if "No match." in page} == {"desk:people:nobody", "zzz"}


def test_a_retired_id_or_several_holders_of_a_key_are_found_by_search_too(hub: Estate, browser: TestClient) -> None:
    alice, bob = id_of(hub, "alice@example.com"), id_of(hub, "bob@example.com")
    hub.store.write(lambda db: merge(db, alice, bob, "operator", "the same person after all"))
    derive(hub.store, hub.settings)
    survivor = id_of(hub, alice)
    retired = bob if survivor == alice else alice
    assert f'/contacts/{survivor}"' in browser.get("/contacts", params={"q": retired}).text


def test_without_a_search_some_contacts_are_there_to_begin_with(browser: TestClient) -> None:
    text = read(browser, "/contacts")
    assert "A few to begin with" in text
    assert "Charlie Ortiz" in text


def test_more_results_than_fit_are_said_to_be_more(hub: Estate, browser: TestClient) -> None:
    hub.put(
        [
            {"id": f"X{number}", "name": f"Dora {number:03d}", "email": f"dora{number}@example.com"}
            for number in range(51)
        ]
    )
    text = read(browser, "/contacts?q=dora")
    assert "These are the first 50." in text
    assert "Dora 049" in text
    assert "Dora 050" not in text


def test_a_contact_shows_each_field_with_its_source_and_why(either_hub: Estate) -> None:
    text = read(signed_in(either_hub), f"/contacts/{id_of(either_hub, 'alice@example.com')}")
    assert "3 records · 1 order" in text
    assert "Phone +61412345678" in text
    assert "3 King St Newtown NSW 2042 AU loyalty:people:L1" in text
    assert "loyalty 4711" in text
    assert "Company Nguyen & Daughters desk:people:D1" in text
    assert "note prefers the phone desk:people:D1 only value" in text


def test_a_contact_shows_the_values_that_lost(browser: TestClient, hub: Estate) -> None:
    text = read(browser, f"/contacts/{id_of(hub, 'alice@example.com')}")
    assert "2 values Alise Nguyen from loyalty:people:L1" in text


def test_a_contact_shows_its_orders(browser: TestClient, hub: Estate) -> None:
    text = read(browser, f"/contacts/{id_of(hub, 'alice@example.com')}?tab=timeline")
    assert "2 May 2026, 18:00 AEST #1001 2 × Blue mug 120.50 AUD paid" in text


def test_a_contact_shows_how_it_was_built_step_by_step(browser: TestClient, hub: Estate) -> None:
    text = read(browser, f"/contacts/{id_of(hub, 'alice@example.com')}?tab=records")
    assert "desk:people:D1 and loyalty:people:L1 : +" in text
    assert "joined, the evidence is enough" in text
    assert "e-mail the same e-mail address, alice@example.com alice@example.com alice@example.com +8.8" in text


def test_consent_is_shown_as_reported_and_as_no_permission(browser: TestClient, hub: Estate) -> None:
    charlie = f"/contacts/{id_of(hub, 'charlie@example.org')}"
    text = read(browser, f"{charlie}?tab=consent")
    assert "Consent, as the sources report it" in text
    assert "It permits nothing" in text
    assert "email charlie@example.org withdrawn 1 Mar 2026, 21:00 AEDT link desk:people:D3" in text
    assert "No orders." in read(browser, f"{charlie}?tab=timeline")
    assert "One record, nothing joined." in read(browser, f"{charlie}?tab=records")


def test_a_decision_of_a_person_is_part_of_how_a_contact_was_built(browser: TestClient, hub: Estate) -> None:
    alice, bob = id_of(hub, "alice@example.com"), id_of(hub, "bob@example.com")
    hub.store.write(lambda db: merge(db, alice, bob, "operator", "they said so on the phone"))
    derive(hub.store, hub.settings)
    text = read(browser, f"/contacts/{id_of(hub, alice)}?tab=history")
    assert "merged operator" in text
    assert "they said so on the phone" in text
    records = read(browser, f"/contacts/{id_of(hub, alice)}?tab=records")
    assert "Alice Nguyen" in records
    assert "Bob Nguyen" in records


@pytest.mark.parametrize("key", ["bob@example.com", "desk:people:D2"])
def test_any_key_of_a_contact_leads_to_its_own_page(hub: Estate, browser: TestClient, key: str) -> None:
    answer = browser.get(f"/contacts/{key}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/contacts/{id_of(hub, 'bob@example.com')}"


def test_a_retired_id_leads_to_the_contact_that_wears_it_now(either_hub: Estate) -> None:
    browser = signed_in(either_hub)
    alice, bob = id_of(either_hub, "alice@example.com"), id_of(either_hub, "bob@example.com")
    assert browser.get(f"/contacts/{bob}").status_code == 200
    either_hub.store.write(lambda db: merge(db, alice, bob, "operator", ""))
    derive(either_hub.store, either_hub.settings)
    survivor = id_of(either_hub, alice)
    retired = bob if survivor == alice else alice
    answer = browser.get(f"/contacts/{retired}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/contacts/{survivor}")
    assert retired in read(browser, f"/contacts/{survivor}?tab=records").partition("Also found under:")[2]


def test_a_key_of_several_contacts_lets_the_reader_choose(hub: Estate, browser: TestClient) -> None:
    answer = browser.get("/contacts/0412345678")
    assert answer.status_code == 409
    links = {link for link in Structure(answer.text).links if link.startswith("/contacts/")}
    assert links == {f"/contacts/{id_of(hub, key)}" for key in ("alice@example.com", "bob@example.com")}


def test_what_is_not_there_is_told_on_a_page_of_ours(either_hub: Estate) -> None:
    browser = signed_in(either_hub)
    for path in ("/nothing", "/contacts/nobody", f"/contacts/c_{'a' * 24}", "/contacts/%00", "/runs/9999", "/runs/0"):
        answer = browser.get(path)
        assert answer.status_code == 404
        assert "Not there" in answer.text
        assert 'href="/contacts"' in answer.text


def test_a_contact_that_waits_for_its_fields_says_so(hub: Estate, browser: TestClient) -> None:
    bob = id_of(hub, "bob@example.com")
    hub.store.write(lambda db: db.execute(delete(provenance).where(provenance.c.contact_id == bob)))
    hub.store.write(lambda db: db.execute(delete(contacts).where(contacts.c.id == bob)))
    text = read(browser, f"/contacts/{bob}")
    assert "are being put together" in text
    assert "desk:people:D2" in read(browser, f"/contacts/{bob}?tab=records")


def test_runs_are_listed_newest_first(hub: Estate, browser: TestClient) -> None:
    with hub.store.read() as db:
        numbers = db.execute(select(runs.c.id).order_by(runs.c.id.desc())).scalars().all()
    links = [
        link
        for link in Structure(browser.get("/runs").text).links
        if link.startswith("/runs/") and link[6:].isdecimal()
    ]
    assert links == [f"/runs/{number}" for number in numbers]
    assert len(links) == 3


def test_a_run_says_where_its_rows_went(hub: Estate, browser: TestClient) -> None:
    number = note_run(
        hub,
        status="held",
        finished_at=NOW,
        message="too many rows are in quarantine",
        fetched=12_450,
        applied=400,
        unchanged=12_000,
        quarantined=50,
        exit_code=1,
    )
    text = read(browser, f"/runs/{number}")
    assert "desk people · held too many rows are in quarantine" in text
    assert "Took 3 minutes" in text
    assert "quarantined 50 could not be used" in text
    assert "fetched 12 450 the sum of these" in text.replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_a_run_whose_rows_do_not_add_up_says_so(hub: Estate, browser: TestClient) -> None:
    number = note_run(hub, fetched=10, applied=9)
    assert "not the sum of these" in read(browser, f"/runs/{number}")


def test_quarantine_groups_what_is_held_back_by_its_reason(either_hub: Estate) -> None:
    (either_hub.drop / "desk.jsonl").write_text("nonsense\nmore nonsense\n" + '{"name": "Nobody"}\n')
    either_hub.pull()
    text = read(signed_in(either_hub), "/quarantine")
    assert "2 desk people is no JSON" in text
    assert "1 desk people" in text


@pytest.mark.fault("H28")
def test_quarantine_says_how_the_records_have_changed(either_hub: Estate) -> None:
    """Field, since when, and the form of a value."""
    for version, field in (("1", "email"), ("2", "mail")):
        lines = [
            f'{{"id": "{version}{number}", "name": "Nora", "{field}": "nora@example.com"}}' for number in range(30)
        ]
        (either_hub.drop / "desk.jsonl").write_text("\n".join(lines) + "\n")
        either_hub.pull()
    text = read(signed_in(either_hub), "/quarantine")
    assert "desk people mail is a new field text xxxx@xxxxxxx.xxx since" in text
    assert "desk people email is gone" in text


def test_times_are_shown_in_the_hubs_own_zone(hub: Estate, browser: TestClient) -> None:
    number = note_run(hub)
    midnight = datetime(2026, 12, 31, 13, 0, tzinfo=UTC)
    hub.store.write(lambda db: db.execute(update(runs).where(runs.c.id == number).values(started_at=midnight)))
    assert "Started 1 Jan 2027, 00:00 AEDT" in read(browser, f"/runs/{number}")
