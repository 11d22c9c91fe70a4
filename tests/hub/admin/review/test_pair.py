"""What one question shows: why, side by side, consent that nobody chooses, the weights, and everything for a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.access.roles import Role
from hub.admin.app import create_app
from hub.admin.review.differences import Part, side_by_side
from hub.admin.review.waterfall import waterfall
from hub.queries import review_queue
from hub.queries.review_pair import Weighed
from tests.hub.admin import estate as estates
from tests.hub.admin.browsing import post, signed_in_as, text_of
from tests.hub.admin.estate import Estate
from tests.hub.admin.review.crowd import crowd
from tests.hub.admin.review.desk import Desk

KATE = {"name": "Katherine Nguyen", "email": "kat@example.com", "phone": "0400 111 222"}


@pytest.fixture
def kates(tmp_path: Path) -> Iterator[Estate]:
    """Katherine at the desk and Katherine Ngo at the loyalty system share a phone; the second one unsubscribed."""
    with estates.estate(tmp_path, "sqlite:///hub.db") as made:
        said_no = {"consent": "withdrawn", "consent_at": "2026-03-01T10:00:00Z", "level": "link"}
        orders = [{**one, "name": KATE["name"], "email": KATE["email"]} for one in estates.ORDERS]
        desk = [{"id": "D1", **KATE, "street": "3 King St", "city": "Newtown", "postcode": "2042", "country": "AU"}]
        other = {"id": "L1", "name": "Katherine Ngo", "email": "kate@example.net", "phone": "+61 400 111 222"}
        made.put(desk, [{**other, **said_no}], orders)
        yield made


def at_work(hub: Estate, clock: FakeClock, role: Role = Role.REVIEWER) -> Desk:
    return Desk(signed_in_as(create_app(hub.store, hub.settings, clock.now), hub.store, clock, role), hub.store)


def test_a_pair_says_why_and_what_each_record_says(kates: Estate, clock: FakeClock) -> None:
    olive = at_work(kates, clock)
    item = olive.take()
    page = olive.page(item)
    told = text_of(page)
    assert "They may be one person." in told
    assert "the same phone number" in told
    assert "Phone = the same" in told
    assert "E-mail ≠ different" in told
    assert "Address ○ only one side" in told
    assert re.search(r"N<mark>guyen</mark>|Ng<mark>", page.replace("\n", ""))
    assert re.search(r"If it is one person: joins [23] records", told)


def test_consent_is_told_and_never_chosen(kates: Estate, clock: FakeClock) -> None:
    olive = at_work(kates, clock)
    page = olive.page(olive.take())
    told = text_of(page)
    assert "Consent ! not chosen here" in told
    assert "OUT (locked: the person said no, and no later yes is proven)" in told
    form = page.partition('class="answers"')[2].partition("</form>")[0]
    assert "consent" not in form


def test_the_weights_are_drawn_and_written_and_hidden_from_the_blind(kates: Estate, clock: FakeClock) -> None:
    olive = at_work(kates, clock)
    item = olive.take()
    assert '<svg class="waterfall"' in olive.page(item)
    olive.query = "?blind=1"
    blind = olive.page(item)
    assert "waterfall" not in blind
    assert "bits" not in text_of(blind)
    assert f"/review/items/{item}?blind=1" in blind
    assert "bits" not in text_of(olive.client.get("/review?blind=1").text)


def test_whoever_may_see_personal_values_sees_them_without_taking_the_question(kates: Estate, clock: FakeClock) -> None:
    operator = at_work(kates, clock, Role.OPERATOR)
    assert "kat@example.com" in operator.read(next(iter(operator.open_pairs())))
    viewer = at_work(kates, clock, Role.VIEWER)
    assert viewer.client.get("/review").status_code == 403


def test_a_value_that_many_share_shows_the_value_and_one_key_says_what_it_is(tmp_path: Path, clock: FakeClock) -> None:
    with estates.estate(tmp_path, "sqlite:///hub.db") as made:
        made.put(crowd())
        olive = at_work(made, clock)
        item = olive.take()
        assert item.startswith("v")
        told = olive.read(item)
        assert "+61491570156" in told
        assert "12 different people have it" in told
        assert olive.answer(item, "merge").status_code == 409
        assert olive.arrived(olive.answer(item, "shared")) == ""
        assert olive.decided() == [("shared", True)]
        assert olive.arrived(olive.undo()) == item
        assert olive.arrived(olive.answer(item, "good")) != item
        assert olive.decided() == [("shared", False), ("good", True)]


@pytest.mark.parametrize("few", [0, 1_000])
def test_the_queue_can_be_narrowed_by_kind_source_and_weight(
    olive: Desk, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(review_queue, "FEW", few)
    everything = len(olive.open_pairs())

    def listed(query: str) -> int:
        page = olive.client.get(f"/review?{query}")
        assert page.status_code == 200
        return page.text.count('<th scope="row"><a href="/review/items/')

    assert listed("") == listed("kind=possible_match") == listed("source=loyalty") == everything
    assert listed("kind=conflict") == listed("source=orders") == 0
    assert listed("kind=' OR 1=1 --&source=../x&band=%00") == everything
    assert sum(listed(f"band={name}") for name in ("strong", "middle", "weak")) == everything
    olive.query = "?kind=conflict"
    assert olive.take() == ""


@pytest.mark.parametrize("after", ["", "x", "3.1.1", "9.1.1.1", "3.999999999.1.1", "3.-5.99999999999999999999.1"])
def test_the_next_page_of_the_queue_begins_where_the_last_one_ended(olive: Desk, after: str) -> None:
    assert olive.client.get("/review", params={"after": after}).status_code == 200


def test_a_colleague_is_asked_and_finds_the_question(olive: Desk, peter: Desk) -> None:
    item = olive.take()
    sent = post(olive.client, f"/review/items/{item}/notes", text="Is <b>this</b> you?", assignee="peter")
    assert sent.status_code == 303
    assert "reviewer asks peter" in olive.read(item)
    page = peter.client.get("/review").text
    assert "Colleagues ask you" in page
    assert "Is &lt;b&gt;this&lt;/b&gt; you?" in page
    for text, assignee in (("", "peter"), ("hello", "nobody-here")):
        reply = post(olive.client, f"/review/items/{item}/notes", text=text, assignee=assignee)
        assert reply.status_code == 400


def test_only_characters_that_differ_are_marked() -> None:
    left, right = side_by_side(["Katherine Nguyen"], ["Kate Nguyen"])
    assert "".join(part.text for part in left[0]) == "Katherine Nguyen"
    assert [part.text for part in left[0] if part.differs] == ["herin"]
    assert [part.text for part in right[0] if part.differs] == []
    assert side_by_side(["ALICE  Nguyen"], ["Alice Nguyen"])[0] == [(Part("ALICE  Nguyen"),)]
    assert side_by_side(["abc"], ["xyz"])[0] == [(Part("abc"),)]
    assert side_by_side(["abc"], []) == ([(Part("abc"),)], [])


def test_the_bars_of_a_waterfall_join_and_end_at_the_sum() -> None:
    steps = [Weighed("phone", "same", 9.0, ""), Weighed("email", "different", -2.5, "")]
    drawn = waterfall(-6.0, steps, 0.5)
    first, second, third, total = drawn.bars
    assert (first.kind, second.kind, third.kind, total.kind) == ("against", "for", "against", "sum")
    assert first.x == second.x
    assert second.x + second.width == pytest.approx(third.x + third.width, abs=0.2)
    assert total.x == pytest.approx(drawn.zero)
    assert waterfall(0.0, [], 0.0).bars[-1].width == 1.0


def test_no_page_of_the_review_is_broken_by_what_people_write(tmp_path: Path, clock: FakeClock) -> None:
    with estates.estate(tmp_path, "sqlite:///hub.db") as made:
        name = "<script>alert(1)</script>"
        phone = "0400 111 222"
        made.put(
            [{"id": "<b>1", "name": f"Kate {name}", "email": "a@example.com", "phone": phone, "company": name}],
            [{"id": "<i>2", "name": f"Kate {name[:-5]} Ng", "email": "b@example.com", "phone": phone, "job": name}],
        )
        olive = at_work(made, clock, Role.OPERATOR)
        for pair in sorted(olive.open_pairs()):
            for path in (f"/review/items/{pair}", f"/review/items/{pair}/cluster", f"/review/items/{pair}/pattern"):
                page = olive.client.get(path)
                assert page.status_code == 200
                assert "<script>alert" not in page.text
                assert "<b>1" not in page.text


def test_an_empty_queue_says_so(tmp_path: Path, clock: FakeClock) -> None:
    with estates.estate(tmp_path, "sqlite:///hub.db") as made:
        client: TestClient = at_work(made, clock).client
        assert "Queue clear. 0 decided this week (0 merged, 0 kept apart), 0 undone." in text_of(
            client.get("/review").text
        )
        assert "Nobody has decided anything yet." in text_of(client.get("/review/history").text)
        assert "Queue clear." in text_of(client.get("/review/patterns").text)
