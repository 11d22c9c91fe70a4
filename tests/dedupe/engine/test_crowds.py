"""Bounded: no shared value, however popular, makes work quadratic or merges a crowd of strangers."""

from __future__ import annotations

import pytest

from tests.dedupe.cast import HOME, MAIL, STANDARD, questions, record, resolved, says
from tests.dedupe.engine.crowds import counting_pairs, strangers, walk_ins, word


@pytest.mark.fault("D07")
@pytest.mark.fault("D08")
def test_five_hundred_people_on_one_phone_are_five_hundred_contacts(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = counting_pairs(monkeypatch)
    found = resolved(strangers(500))
    assert len(found.clusters) == 500
    assert judged() == 0
    assert found.reviews == []


@pytest.mark.fault("D08")
def test_as_long_as_the_phone_is_not_popular_their_names_keep_them_apart() -> None:
    found = resolved(strangers(STANDARD.strong_cap))
    assert len(found.clusters) == STANDARD.strong_cap
    assert found.edges == []


def test_a_nameless_guest_on_their_phone_belongs_to_nobody() -> None:
    home = strangers(STANDARD.strong_cap)
    found = resolved([*home, record("guest", says(phone=HOME))])
    assert len(found.clusters) == len(home) + 1
    assert {one for _, *pair in questions(found) for one in pair} >= {"guest"}


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(says(email=MAIL), id="of an address"),
        pytest.param(says(phone=HOME), id="of a phone"),
        pytest.param(says(card="L1"), id="of a loyalty card"),
        pytest.param(says("Harriet Reid", email=MAIL), id="of a name and an address"),
    ],
)
def test_two_hundred_guest_orders_of_one_shopper_are_one_contact(
    order: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = counting_pairs(monkeypatch)
    orders = [record(f"order{number:03}", order, number) for number in range(200)]
    found = resolved(orders)
    assert [len(one.members) for one in found.clusters] == [200]
    assert found.clusters[0].contact_id == orders[0].birth_id
    assert len(found.edges) == 199
    assert judged() <= 2 * 2 * 200  # it is done twice: as it is stored, and as it is told


def test_a_loyal_shopper_is_one_contact_however_many_numbers_her_orders_have(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = counting_pairs(monkeypatch)
    orders = [
        record(f"order{number:03}", says("Harriet Reid", email=MAIL, card=f"order={number}"), number)
        for number in range(200)
    ]
    assert [len(one.members) for one in resolved(orders).clusters] == [200]
    assert judged() <= 2 * 2 * 200  # it is done twice: as it is stored, and as it is told


@pytest.mark.fault("D08")
@pytest.mark.parametrize("name", ["", "Sam", ". Wetherby", "Walk In"])
def test_two_thousand_walk_ins_on_one_phone_cost_no_squares(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = counting_pairs(monkeypatch)
    resolved(walk_ins(2_000, name))
    assert judged() <= 2 * 2_000


@pytest.mark.fault("D08")
@pytest.mark.parametrize("name", ["", "Sam", ". Wetherby"])
def test_walk_ins_without_a_whole_name_are_not_merged(name: str) -> None:
    found = resolved(walk_ins(300, name))
    assert len(found.clusters) == 300
    assert found.reviews == []


@pytest.mark.fault("D07")
@pytest.mark.parametrize("address", ["noemail@example.com", "unknown@example.org"])
def test_a_placeholder_that_five_hundred_people_gave_joins_nobody(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = counting_pairs(monkeypatch)
    crowd = [
        record(f"p{number}", says(f"{word(number)} {word(number * 7919 + 13)}", email=address), number)
        for number in range(500)
    ]
    assert len(resolved(crowd).clusters) == 500
    assert judged() == 0


def test_three_hundred_namesakes_are_three_hundred_people(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = counting_pairs(monkeypatch)
    crowd = [
        record(f"j{number}", says("John Smith", email=f"{word(number)}@example.com"), number) for number in range(300)
    ]
    found = resolved(crowd)
    assert len(found.clusters) == 300
    assert found.reviews == []
    assert judged() == 0


def test_just_below_the_cap_the_work_is_the_square_of_the_cap_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = counting_pairs(monkeypatch)
    crowd = walk_ins(STANDARD.weak_cap)
    resolved(crowd)
    assert judged() == len(crowd) * (len(crowd) - 1)  # each pair twice: as it is stored, and as it is told
