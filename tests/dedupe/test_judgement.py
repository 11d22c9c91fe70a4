"""A pair's weight against the two thresholds, and what can never be automatic."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dedupe.compare import Comparison
from dedupe.features import Features
from dedupe.judgement import Judgement, exclude_each_other, judge, without_popular
from dedupe.model import STANDARD
from tests.dedupe.cast import HOME, key_hashes, says

MAIL = "reid@home.example"

AUTOMATIC, LIKELY, NONE = Judgement.AUTOMATIC, Judgement.LIKELY, Judgement.NONE


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        pytest.param(says(email=MAIL), says(email=MAIL), AUTOMATIC, id="two nameless guests of one address"),
        pytest.param(says(phone=HOME), says(phone=HOME), AUTOMATIC, id="two nameless guests of one phone"),
        pytest.param(says("Kate Reid", email=MAIL), says("Katherine Reid", email=MAIL), AUTOMATIC, id="a nickname"),
        pytest.param(
            says("Chiara Rossi", phone=HOME, email="new@x.example"),
            says("Chiara Esposito", phone=HOME, email="old@x.example", card="L1"),
            LIKELY,
            id="a new surname and a new address",
        ),
        pytest.param(says(phone=HOME, email="a@x"), says(phone=HOME, email="b@x"), LIKELY, id="two nameless addresses"),
        pytest.param(says("Alice Reid", phone=HOME), says("Bob Reid", phone=HOME), NONE, id="a shared phone"),
        pytest.param(says("Amara Okafor", phone=HOME), says("Bruce Pemberton", phone=HOME), NONE, id="a recycled one"),
        pytest.param(
            says("Alice Reid", phone=HOME, email=MAIL),
            says("Bob Reid", phone=HOME, email=MAIL),
            LIKELY,
            id="a couple with one phone and one address",
        ),
        pytest.param(
            says("Anjali Reid", phone=HOME, email=MAIL, card="L1", born="1996-02-11"),
            says("Anjana Reid", phone=HOME, email=MAIL, card="L1", born="1996-02-11"),
            LIKELY,
            id="twins who share everything but the name",
        ),
        pytest.param(
            says("Ian Reid", phone=HOME, email=MAIL, born="1958-04-02"),
            says("Ian Reid", phone=HOME, email=MAIL, born="1989-09-17"),
            LIKELY,
            id="father and son of one name",
        ),
        pytest.param(says("Ian Reid sr", email=MAIL), says("Ian Reid jr", email=MAIL), NONE, id="senior and junior"),
        pytest.param(
            says("Ian Reid", phone=HOME, email=MAIL),
            says("Ian Reid jr", phone=HOME, email=MAIL),
            LIKELY,
            id="junior and perhaps his father",
        ),
        pytest.param(
            says("Ian Reid", phone=HOME, born="1989-09-17"),
            says("Ian Reid jr", phone=HOME, born="1989-09-17"),
            AUTOMATIC,
            id="junior and certainly himself",
        ),
    ],
)
def test_the_standard_model_judges(left: Features, right: Features, expected: Judgement) -> None:
    assert judge(left, right, STANDARD).judgement is judge(right, left, STANDARD).judgement is expected


def test_two_namesakes_who_share_nothing_are_nobodys_business() -> None:
    one, other = says("Ian Reid", born="1958-04-02"), says("Ian Reid", born="1958-04-02")
    assert judge(one, other, STANDARD, candidate=False).judgement is NONE


def test_the_weight_of_a_candidate_has_the_prior_in_it() -> None:
    left, right = says("Ian Reid"), says("Ian Reid")
    assert judge(left, right, STANDARD).weight == judge(left, right, STANDARD, candidate=False).weight + STANDARD.prior


def test_a_verdict_explains_itself_and_the_parts_sum_up() -> None:
    verdict = judge(says("Kate Reid", email=MAIL), says("Katherine Reid", email=MAIL, phone=HOME), STANDARD)
    assert verdict.comparisons == (
        Comparison("email", "same", MAIL, MAIL, 9_000),
        Comparison("name", "similar first, same last", "kate reid", "katherine reid", 3_500),
    )
    assert verdict.weight == STANDARD.prior + 12_500


def test_a_conflict_is_known_by_names_and_dates_of_birth_alone() -> None:
    father, son = says("Ian Reid", born="1958-04-02"), says("Ian Reid", born="1989-09-17", email=MAIL)
    assert exclude_each_other(father, son)
    assert judge(father, son, STANDARD, candidate=False).conflict
    assert not exclude_each_other(father, says(phone=HOME))


@pytest.mark.fault("D07")
def test_a_popular_value_compares_as_missing() -> None:
    popular = key_hashes(says(email=MAIL)) | key_hashes(says(card="L0"))
    alice = says("Alice Reid", email=[MAIL, "alice@x.example"], phone=HOME, card=["L0", "L1"])
    assert without_popular(alice, popular) == says("Alice Reid", email="alice@x.example", phone=HOME, card="L1")
    assert without_popular(alice, key_hashes(says(phone="+61499999999"))) is alice


class TestModel:
    def test_all_weights_and_thresholds_are_whole_thousandths_of_a_bit(self) -> None:
        numbers = [*STANDARD.weights.values(), STANDARD.prior, STANDARD.automatic, STANDARD.likely, STANDARD.margin]
        assert {type(number) for number in numbers} == {int}

    def test_namesakes_on_one_key_match_at_the_worst(self) -> None:
        """The resolver compares them with one of them only, and may do so while this holds."""
        weights = STANDARD.weights
        against = {"email": "phone", "phone": "email"}
        for key, other in against.items():
            worst = weights[key, "same"] + weights[other, "different"] + weights["identifier", "different"]
            assert STANDARD.prior + worst + weights["name", "same"] >= STANDARD.automatic
        worst = weights["identifier", "same"] + weights["email", "different"] + weights["phone", "different"]
        assert STANDARD.prior + worst + weights["name", "same"] >= STANDARD.automatic

    def test_a_model_without_a_level_fails_loudly(self) -> None:
        with pytest.raises(KeyError, match="email"):
            judge(says(email=MAIL), says(email=MAIL), replace(STANDARD, weights={}))
