"""Whose value wins: chosen field by field beside the answer, pinned with the merge, gone when it is undone."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from hub.queries.parts import fields_of, history_of
from hub.stages.reading import members
from tests.hub.admin.browsing import acts_of, post, text_of
from tests.hub.admin.review.desk import Desk

NAME = "choose.name"


def choose(desk: Desk, item: str, said: str = "merge", **choices: str) -> Any:
    """Answer with choices by field, as the form's selects send them."""
    carried = desk.form(item) | {f"choose.{field}": side for field, side in choices.items()}
    return desk.answer(item, said, carried)


def golden(desk: Desk, record_id: str) -> dict[str, tuple[str, str]]:
    """By field the first value as text, and why it is that."""
    with desk.store.read() as db:
        found = fields_of(db, contact_of(desk, record_id))
    values = {one["field"]: one["values"][0] for one in found}
    return {name: (one["value"].get("full") or one["value"]["value"], one["rule"]) for name, one in values.items()}


def contact_of(desk: Desk, record_id: str) -> str:
    with desk.store.read() as db:
        own = select(members.c.contact_id).where(members.c.record_id == int(record_id))
        return str(db.execute(own).scalar_one())


def names_of(page: str) -> dict[str, str]:
    """By side what the result would be, as the page tells it."""
    found = re.findall(r'<span class="chosen (left|right)"><bdi class="line">([^<]*)', page)
    return dict(found[:2])


def test_each_field_that_differs_has_a_number_and_shows_what_would_win(olive: Desk) -> None:
    page = olive.page(olive.take())
    assert re.findall(r'data-flip="(.)"', page) == ["1", "2"]
    assert f'name="{NAME}"' in page
    assert "choose.phones" not in page
    left, right = names_of(page)["left"], names_of(page)["right"]
    assert left != right
    assert "pinned with the merge" in text_of(page)


def test_what_is_chosen_is_pinned_with_the_merge_in_one_decision(olive: Desk) -> None:
    for side in ("left", "right"):
        item = olive.take()
        wanted, form = names_of(olive.page(item))[side], olive.form(item)
        other = "right" if side == "left" else "left"
        assert olive.answer(item, "merge", {**form, NAME: side, "choose.emails": other}).status_code == 303
        one, another = item.split("-")
        assert contact_of(olive, one) == contact_of(olive, another)
        found = golden(olive, one)
        assert found["name"] == (wanted, "pinned")
        assert found["emails"][1] == "pinned"
    assert olive.decided() == [("merge", True), ("merge", True)]
    with olive.store.read() as db:
        (told,) = history_of(db, contact_of(olive, one))
    assert told["kind"] == "merge"
    assert {part.split()[0] for part in told["about"].split(", ")} == {"emails", "name"}
    assert acts_of(olive.store)[-1][1:] == ("decision.merge", "decision:2")


def test_the_choice_is_undone_with_its_decision_and_left_out_of_every_other_answer(olive: Desk) -> None:
    item = olive.take()
    before = {one: golden(olive, one) for one in item.split("-")}
    assert choose(olive, item, name="right").status_code == 303
    assert olive.arrived(olive.undo()) == item
    assert {one: golden(olive, one) for one in item.split("-")} == before
    assert choose(olive, item, "apart", name="right").status_code == 303
    assert {one: golden(olive, one) for one in item.split("-")} == before


def test_who_says_nothing_leaves_it_to_the_rules(olive: Desk) -> None:
    item = olive.take()
    assert choose(olive, item, name="", emails="both").status_code == 303
    assert "pinned" not in {why for _, why in golden(olive, item.split("-")[0]).values()}


def test_what_nobody_can_choose_is_refused_and_nothing_is_decided(olive: Desk) -> None:
    item = olive.take()
    for field in ("phones", "consents", "identifiers", "x"):
        assert choose(olive, item, **{field: "left"}).status_code == 409
    assert olive.decided() == []


def test_the_undoing_from_the_contacts_own_page_takes_the_choice_too(olive: Desk) -> None:
    item = olive.take()
    choose(olive, item, name="right")
    one = item.split("-")[0]
    assert post(olive.client, f"/contacts/{contact_of(olive, one)}/undo", decision="1").status_code == 303
    assert "pinned" not in {why for _, why in golden(olive, one).values()}
