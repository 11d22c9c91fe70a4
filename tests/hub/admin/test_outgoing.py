"""The Outgoing page: what would leave and why the rest does not, and who may let it go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from connectors.kit.simulator import Fault
from hub.admin import outgoing
from hub.stages.plan import make_plan
from hub.stages.sights import deliveries
from tests.hub.admin.browsing import ORIGIN, Structure, post, sign_in, signed_in, text_of
from tests.hub.admin.estate import Estate
from tests.hub.admin.place import Place, open_place

DAY = timedelta(days=1)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Charlie unsubscribed at the shop, Alice said yes there and bought twice."""
    with open_place(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}", monkeypatch) as made:
        alice = made.town.welcome("Alice", 156)
        charlie = made.town.welcome("Charlie", 158)
        with made.town.at(-DAY):
            made.town.shop.unsubscribe(charlie.customer, "email")
            for _ in range(2):
                made.town.shop.place_order(alice.customer)
        made.pull()
        yield made


@pytest.fixture
def browser(place: Place) -> TestClient:
    return place.browser()


def form_of(browser: TestClient) -> tuple[str, str]:
    """The address of the page's form and the token in it."""
    page = browser.get("/outgoing")
    assert page.status_code == 200
    action = re.search(r'action="(/outgoing/[0-9a-f]{12})"', page.text)
    token = re.search(r'name="form" value="([0-9a-f]{64})"', page.text)
    assert action is not None
    assert token is not None
    return action[1], token[1]


def sent(place: Place) -> int:
    with place.store.read() as db:
        return db.execute(select(func.count()).select_from(deliveries)).scalar_one()


def test_a_hub_that_pushes_nothing_says_so(hub: Estate) -> None:
    assert "Nothing is pushed anywhere." in text_of(signed_in(hub).get("/outgoing").text)


def test_with_nothing_to_send_every_part_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_place(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}", monkeypatch) as empty:
        text = text_of(empty.browser().get("/outgoing").text)
    for said in ("Nothing has to leave.", "Nothing is withheld.", "Nothing was ever sent.", "newsletter 0 0 0 0 –"):
        assert said in text
    assert "Send exactly this plan" not in text


def test_the_page_tells_what_would_leave_for_whom_and_why(place: Place, browser: TestClient) -> None:
    page = browser.get("/outgoing")
    text = text_of(page.text)
    with place.store.read() as db:
        plan = make_plan(db, place.settings)
    assert f"Plan {plan.id}" in text
    assert f"{len(plan.operations)} would leave now" in text
    assert "newsletter charlie@example.com E-mail nothing was ever said → no the person said no" in text
    assert "newsletter alice@example.com E-mail nothing was ever said → yes the person said yes" in text
    assert "newsletter alice@example.com tag VIP nothing → tagged segment Regulars" in text
    assert f"/contacts/{place.id_of('charlie@example.com')}" in Structure(page.text).links
    assert "texts" in text.partition("Withheld")[2].partition("Latest deliveries")[0]
    assert "nobody knows what the destination says" in text


def test_looking_sends_nothing(place: Place, browser: TestClient) -> None:
    action, _ = form_of(browser)
    assert browser.get(action).status_code == 405
    assert (place.written(), sent(place)) == (0, 0)


def test_exactly_the_plan_that_was_shown_is_sent_and_the_page_tells_what_became_of_it(
    place: Place, browser: TestClient
) -> None:
    action, token = form_of(browser)
    answer = post(browser, action, form=token)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/outgoing?sent={action.rpartition('/')[2]}"
    assert ("email", "charlie@example.com", "out") in place.town.consents("newsletter")
    assert ("email", "alice@example.com", "in") in place.town.consents("newsletter")
    assert ("alice@example.com", "VIP", "add") in place.town.tags("newsletter")
    text = text_of(browser.get(answer.headers["location"]).text)
    assert f"Plan {action.rpartition('/')[2]} was sent." in text
    assert re.search(r"newsletter: \d+ arrived", text)
    assert "newsletter charlie@example.com E-mail opt out arrived" in text
    place.pull()
    assert "Everything delivered" in text_of(browser.get("/outgoing").text)


@pytest.mark.fault("A01")
@pytest.mark.parametrize("form", [{}, {"form": ""}, {"form": "0" * 64}, {"form": "é"}, {"token": "right"}], ids=str)
def test_without_the_sessions_own_token_nothing_is_sent(
    place: Place, browser: TestClient, form: dict[str, str]
) -> None:
    action, token = form_of(browser)
    given = {name: token if value == "right" else value for name, value in form.items()}
    answer = post(browser, action, None, **given)
    assert answer.status_code == 403
    assert "Load the page again" in answer.text
    assert (place.written(), sent(place)) == (0, 0)


@pytest.mark.fault("A01")
def test_the_token_of_another_session_sends_nothing(place: Place, browser: TestClient) -> None:
    action, token = form_of(browser)
    sign_in(browser, place.store, place.clock)
    assert form_of(browser)[1] != token
    assert post(browser, action, form=token).status_code == 403
    assert (place.written(), sent(place)) == (0, 0)


@pytest.mark.fault("A01")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://hub.test"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
        {"Referer": f"{ORIGIN}/outgoing"},
    ],
    ids=str,
)
def test_a_form_of_another_site_sends_nothing_even_with_the_token(
    place: Place, browser: TestClient, headers: dict[str, str]
) -> None:
    action, token = form_of(browser)
    assert post(browser, action, headers, form=token).status_code == 403
    assert (place.written(), sent(place)) == (0, 0)


def test_a_plan_that_has_moved_is_refused_and_the_page_tells_what_moved(place: Place, browser: TestClient) -> None:
    action, token = form_of(browser)
    with place.town.at(-DAY / 2):
        place.town.shop.unsubscribe(place.town.shop.customer_of("alice@example.com") or "", "email")
    place.pull()
    answer = post(browser, action, form=token)
    assert answer.status_code == 409
    text = text_of(answer.text)
    assert "Nothing was sent: the data has moved" in text
    assert "new: newsletter" in text
    assert "no longer: newsletter" in text
    assert "newsletter alice@example.com E-mail nothing was ever said → no" in text
    assert (place.written(), sent(place)) == (0, 0)
    assert post(browser, form_of(browser)[0], form=token).status_code == 303


def test_a_plan_that_nobody_was_shown_is_refused(place: Place, browser: TestClient) -> None:
    _, token = form_of(browser)
    answer = post(browser, "/outgoing/0123456789ab", form=token)
    assert answer.status_code == 409
    assert "nobody was shown this plan" in answer.text
    for odd in ("x", "0123456789AB", "0123456789abc", "%00", "%27%20OR%201=1"):
        assert post(browser, f"/outgoing/{odd}", form=token).status_code == 404
        assert browser.get(f"/outgoing?sent={odd}").status_code == 200
    assert (place.written(), sent(place)) == (0, 0)


def test_a_large_plan_is_left_to_the_command_line(
    place: Place, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    action, token = form_of(browser)
    monkeypatch.setattr(outgoing, "MOST_SENT", 1)
    page = browser.get("/outgoing")
    assert "Send exactly this plan" not in page.text
    assert f"hub push --plan {action.rpartition('/')[2]}" in page.text
    assert post(browser, action, form=token).status_code == 409
    assert (place.written(), sent(place)) == (0, 0)


def test_what_a_destination_could_not_take_is_told(place: Place, browser: TestClient) -> None:
    action, token = form_of(browser)
    place.town.newsletter.script(Fault(times=100, status=403, body=b"{}"))
    answer = post(browser, action, form=token)
    assert answer.status_code == 200
    assert "newsletter: " in text_of(answer.text).partition("The plan")[0].partition("Destinations")[0]
    assert place.town.consents("newsletter") == []
    assert ("email", "charlie@example.com", "out") in place.town.consents("help")


def test_what_waits_for_a_person_is_told_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newsletter = (
        'kind: mailchimp\nconfig: {audience: "57afe96172", api_key: "${env:LIST_KEY}", base_url: "@newsletter@"}\n'
        "push: {mode: auto, first: approve, consent: [email]}\n"
    )
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    with open_place(tmp_path, url, monkeypatch, connections_newsletter=newsletter) as made:
        made.town.welcome("Alice", 156)
        made.pull()
        text = text_of(made.browser().get("/outgoing").text)
    assert "newsletter 0 1 0 0 1 change : the first yeses and tags need a person" in text
