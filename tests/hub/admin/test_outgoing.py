"""The Outgoing page: what would leave and why the rest does not, and who may let it go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, update
from starlette.testclient import TestClient

from connectors.kit.simulator import Fault
from hub.access.roles import Role
from hub.admin import outgoing
from hub.admin.app import create_app
from hub.jobs.rounds import push_plan
from hub.queries.acts import Wanted, acts
from hub.stages.notices import notices
from hub.stages.plan import PlanDenied, make_plan
from hub.stages.runs import runs
from hub.stages.sights import deliveries
from hub.store.operating.notices import Notice
from tests.hub.admin.browsing import ORIGIN, Structure, acts_of, post, sign_in, signed_in, signed_in_as, text_of
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
    with place.store.read() as db:
        (written,) = acts(db, Wanted(action="plan.approve"), 10)
    assert (written["actor"], written["subject"]) == ("owner", f"plan:{action.rpartition('/')[2]}")
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
    answer = post(browser, action, {"Origin": ORIGIN}, **given)
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


@pytest.mark.fault("A18")
def test_nothing_is_sent_that_could_not_be_written_down(
    place: Place, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    action, token = form_of(browser)

    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("hub.admin.outgoing.note", full)
    assert post(browser, action, form=token).status_code == 500
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


def give_up(place: Place, **more: str) -> int:
    """As if the newest delivery had been tried too often."""
    with place.store.read() as db:
        number: int = db.execute(select(func.max(deliveries.c.id))).scalar_one()
    told = {"status": "dead", "message": "the destination is away", "attempts": 8, **more}
    place.store.write(lambda db: db.execute(update(deliveries).where(deliveries.c.id == number).values(**told)))
    return number


def status_of(place: Place, number: int) -> str:
    with place.store.read() as db:
        return str(db.execute(select(deliveries.c.status).where(deliveries.c.id == number)).scalar_one())


def queued(place: Place) -> list[tuple[str, str]]:
    with place.store.read() as db:
        query = select(runs.c.kind, runs.c.connection).where(runs.c.status == "queued")
        return [(row.kind, row.connection) for row in db.execute(query)]


def test_what_was_given_up_is_told_with_its_reason_and_tried_once_more(place: Place, browser: TestClient) -> None:
    action, token = form_of(browser)
    post(browser, action, form=token)
    assert "Nothing was given up." in text_of(browser.get("/outgoing").text)
    number = give_up(place)
    text = text_of(browser.get("/outgoing").text)
    assert "the destination is away" in text.partition("Given up")[2].partition("Latest deliveries")[0]
    assert post(browser, "/outgoing", do="letters", id=str(number)).headers["location"] == "/outgoing?done=letters"
    assert status_of(place, number) == "queued"
    assert [kind for kind, _ in queued(place)] == ["push"]
    assert post(browser, "/outgoing", do="letters", id=str(number)).headers["location"] == "/outgoing?done=nothing"
    assert [action for _, action, _ in acts_of(place.store)] == ["plan.approve", "letters.again", "letters.again"]


def test_all_that_was_given_up_at_a_destination_is_tried_once_more(place: Place, browser: TestClient) -> None:
    action, token = form_of(browser)
    post(browser, action, form=token)
    number = give_up(place, destination="newsletter")
    assert post(browser, "/outgoing", do="letters", all_of="shop").headers["location"] == "/outgoing?done=nothing"
    assert post(browser, "/outgoing", do="letters", all_of="newsletter").status_code == 303
    assert (status_of(place, number), queued(place)) == ("queued", [("push", "newsletter")])


def test_what_a_newer_change_has_replaced_is_not_tried_again(place: Place, browser: TestClient) -> None:
    action, token = form_of(browser)
    post(browser, action, form=token)
    number = give_up(place)

    def later(db: Connection) -> None:
        row = dict(db.execute(select(deliveries).where(deliveries.c.id == number)).mappings().one())
        db.execute(deliveries.insert(), {**row, "id": number + 1, "correlation": "later", "status": "confirmed"})

    place.store.write(later)
    assert post(browser, "/outgoing", do="letters", id=str(number)).headers["location"] == "/outgoing?done=nothing"
    assert status_of(place, number) == "dead"


@pytest.mark.parametrize(
    "form", [{}, {"do": "letters"}, {"do": "drop", "id": "1"}, {"do": "notices", "id": "x"}], ids=str
)
def test_what_is_no_letter_or_notice_does_nothing(browser: TestClient, form: dict[str, str]) -> None:
    assert post(browser, "/outgoing", **form).status_code == 404


def test_a_denied_plan_is_not_sent_until_the_no_is_taken_back(place: Place, browser: TestClient) -> None:
    action, token = form_of(browser)
    assert post(browser, f"{action}/answer", do="deny").headers["location"] == "/outgoing?done=deny"
    page = text_of(browser.get("/outgoing").text)
    assert "Denied by owner" in page
    assert "Send exactly this plan" not in page
    refused = post(browser, action, form=token)
    assert refused.status_code == 409
    assert "has denied plan" in refused.text
    assert (place.written(), sent(place)) == (0, 0)
    with pytest.raises(PlanDenied):
        push_plan(place.store, place.settings, action.rpartition("/")[2])
    assert post(browser, f"{action}/answer", do="allow").status_code == 303
    assert post(browser, action, form=token).status_code == 303
    assert sent(place) > 0


def test_a_plan_that_is_decided_already_says_so(place: Place, browser: TestClient) -> None:
    action, token = form_of(browser)
    refused = post(browser, f"{action}/answer", do="allow")
    assert (refused.status_code, "nobody says no to this plan." in text_of(refused.text)) == (409, True)
    assert post(browser, f"{action}/answer", do="deny").status_code == 303
    refused = post(browser, f"{action}/answer", do="deny")
    assert (refused.status_code, "owner has denied this plan already." in text_of(refused.text)) == (409, True)
    assert post(browser, f"{action}/answer", do="allow").status_code == 303
    assert post(browser, action, form=token).status_code == 303
    written = place.written()
    again = post(browser, action, form=token)
    assert (again.status_code, "This plan was sent already" in text_of(again.text)) == (409, True)
    refused = post(browser, f"{action}/answer", do="deny")
    assert (refused.status_code, "this plan was sent already" in text_of(refused.text)) == (409, True)
    assert place.written() == written


def test_a_plan_that_nobody_was_shown_cannot_be_denied(browser: TestClient) -> None:
    assert post(browser, "/outgoing/0123456789ab/answer", do="deny").status_code == 409
    assert post(browser, "/outgoing/x/answer", do="deny").status_code == 404
    assert post(browser, "/outgoing/0123456789ab/answer", do="drop").status_code == 404


@pytest.mark.fault("A07")
def test_who_may_not_see_people_sees_masked_addresses_and_no_buttons(place: Place, browser: TestClient) -> None:
    post(browser, form_of(browser)[0])
    give_up(place)
    app = create_app(place.store, place.settings, place.clock.now)
    page = signed_in_as(app, place.store, place.clock, Role.REVIEWER).get("/outgoing").text
    assert "alice@" not in page
    assert "charlie@" not in page
    assert "@e•••.com" in page
    assert "<form" not in page.partition("<main")[2]
    assert "charlie@example.com" in browser.get("/outgoing").text


def test_notices_are_counted_and_the_dead_ones_told_again(place: Place, browser: TestClient) -> None:
    assert "Nothing is told to anybody" in text_of(browser.get("/outgoing").text)
    row = Notice(
        event="evt_1", target="hook:crm", kind="segment.entered", rule="", contact_id="", data={}, reason="",
        happened_at=place.clock.now(), status="dead", next_try_at=place.clock.now(), message="410 Gone",
    )  # fmt: skip
    place.store.write(lambda db: db.execute(notices.insert(), row.model_dump(exclude={"id"})))
    text = text_of(browser.get("/outgoing").text)
    assert "hook:crm segment.entered given up 1" in text
    assert "410 Gone" in text
    assert post(browser, "/outgoing", do="notices", all_of="hook:crm").headers["location"] == "/outgoing?done=notices"
    assert "hook:crm segment.entered waits 1" in text_of(browser.get("/outgoing").text)


def test_opt_outs_by_day_are_drawn_and_told_in_a_file(place: Place, browser: TestClient) -> None:
    place.clock.sleep((datetime.now(UTC) - place.clock.now()).total_seconds())
    browser = place.browser()
    action, token = form_of(browser)
    post(browser, action, form=token)
    lines = place.browser().get("/outgoing/days.csv").text.splitlines()
    assert (len(lines), lines[0]) == (15, "day,opt-outs")
    assert int(lines[-1].partition(",")[2]) > 0


def test_both_databases_know_what_was_given_up_denied_and_sent(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_place(tmp_path, database_url, monkeypatch) as made:
        charlie = made.town.welcome("Charlie", 158)
        made.town.shop.unsubscribe(charlie.customer, "email")
        made.pull()
        browser = made.browser()
        action, token = form_of(browser)
        assert post(browser, f"{action}/answer", do="deny").status_code == 303
        assert post(browser, f"{action}/answer", do="allow").status_code == 303
        assert post(browser, action, form=token).status_code == 303
        number = give_up(made, destination="newsletter")
        assert "the destination is away" in browser.get("/outgoing").text
        assert post(browser, "/outgoing", do="letters", all_of="newsletter").status_code == 303
        assert status_of(made, number) == "queued"
        assert browser.get("/outgoing/days.csv").text.startswith("day,opt-outs\n")
