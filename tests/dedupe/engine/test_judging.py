"""Judged pairs: a weight against two thresholds, and what can never be automatic."""

from __future__ import annotations

import numpy as np
import pytest

from dedupe.engine import judging
from dedupe.engine.judging import Judged, judge
from dedupe.engine.levels import COMPARISONS
from dedupe.engine.pairs import Pairs, pairs_of
from dedupe.engine.record import Features, columns_of
from dedupe.engine.table import table_of
from dedupe.engine.verdicts import JUDGEMENTS, Judgement, judgements_of
from tests.dedupe.cast import HOME, MAIL, STANDARD, says

AUTOMATIC, LIKELY, NONE = Judgement.AUTOMATIC, Judgement.LIKELY, Judgement.NONE
HOUSE = "12 High Street, Perth, 6000"
NOBODY = np.zeros(0, np.int64)


def judged(*said: Features, prior: int = STANDARD.prior, cannot: tuple[int, ...] = ()) -> Judged:
    """Every record with every other; `cannot` are codes of pairs."""
    size = len(said)
    codes = np.array([a * size + b for a in range(size) for b in range(a + 1, size)])
    return judge(table_of(columns_of(said)), pairs_of(codes, size), STANDARD, prior, np.array(cannot, np.int64))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        pytest.param(says(email=MAIL), says(email=MAIL), AUTOMATIC, id="two nameless guests of one address"),
        pytest.param(says(card="L1"), says(card="L1"), AUTOMATIC, id="two nameless guests with one card"),
        pytest.param(says("Kate Reid", email=MAIL), says("Katherine Reid", email=MAIL), AUTOMATIC, id="a nickname"),
        pytest.param(
            says("Kate Reid", phone=HOME, lives=HOUSE),
            says("Kate Reid", phone=HOME, lives="77 Low Road, Hobart, 7000"),
            AUTOMATIC,
            id="moved house, took the phone along",
        ),
        pytest.param(
            says("Alice Reid", email=MAIL, phone=HOME), says(email=MAIL), AUTOMATIC, id="a newsletter's reader"
        ),
        pytest.param(says("Alice Reid", phone=HOME), says(phone=HOME), AUTOMATIC, id="a missed call"),
        pytest.param(
            says("Chiara Rossi", phone=HOME, email="new@example.com"),
            says("Chiara Esposito", phone=HOME, email="old@example.net"),
            LIKELY,
            id="a new surname and a new address",
        ),
        pytest.param(
            says(phone=HOME, email="alice@example.com"),
            says(phone=HOME, email="bob@example.com"),
            LIKELY,
            id="two nameless addresses on one phone",
        ),
        pytest.param(says("Ian Reid"), says("Ian Reid"), LIKELY, id="two namesakes who share nothing"),
        pytest.param(says("Alice Reid", phone=HOME), says("Bob Reid", phone=HOME), NONE, id="a shared phone"),
        pytest.param(says("Amara Okafor", phone=HOME), says("Bruce Pemberton", phone=HOME), NONE, id="a recycled one"),
        pytest.param(says(email="info@example.com"), says(email="info@example.com"), NONE, id="a desk's address"),
        pytest.param(
            says("Alice Reid", phone=HOME, email=MAIL),
            says("Bob Reid", phone=HOME, email=MAIL),
            LIKELY,
            id="a couple with one phone and one address",
        ),
        pytest.param(
            says("Alice Reid", phone=HOME, email=MAIL, card="L1", born="1996-02-11", lives=HOUSE),
            says("Bob Reid", phone=HOME, email=MAIL, card="L1", born="1996-02-11", lives=HOUSE),
            LIKELY,
            id="twins who share everything but the name",
        ),
        pytest.param(
            says("Ian Reid", phone=HOME, email=MAIL, born="1958-04-02", lives=HOUSE),
            says("Ian Reid", phone=HOME, email=MAIL, born="1989-09-17", lives=HOUSE),
            LIKELY,
            id="father and son of one name",
        ),
        pytest.param(
            says("Ian Reid sr", email=MAIL, phone=HOME),
            says("Ian Reid jr", email=MAIL, phone=HOME),
            LIKELY,
            id="senior and junior in one house",
        ),
        pytest.param(says("Ian Reid sr", email=MAIL), says("Ian Reid jr", email=MAIL), NONE, id="senior and junior"),
        pytest.param(
            says("Ian Reid", phone=HOME, email=MAIL),
            says("Ian Reid jr", phone=HOME, email=MAIL),
            LIKELY,
            id="junior and perhaps his father",
        ),
    ],
)
def test_the_standard_model_judges(left: Features, right: Features, expected: Judgement) -> None:
    one, other = judged(left, right), judged(right, left)
    assert one.weights.tolist() == other.weights.tolist()
    assert [JUDGEMENTS[judgements_of(side, STANDARD)[0]] for side in (one, other)] == [expected, expected]


def test_a_weight_is_the_prior_and_what_the_levels_weigh() -> None:
    found = judged(says("Kate Reid", email=MAIL), says("Katherine Reid", email=MAIL), prior=-1)
    weights = STANDARD.weights
    assert found.weights.tolist() == [weights["name"]["nickname"] + weights["email"]["same"] - 1]


@pytest.mark.parametrize(
    ("left", "right", "conflict"),
    [
        (says("Ian Reid", born="1958-04-02"), says("Ian Reid", born="1989-09-17"), True),
        (says("Ian Reid", born="1958-04-02"), says("Ian Reid", born="1958-04-20"), False),
        (says("Ian Reid"), says("Alice Reid"), True),
        (says("Ian Reid"), says("Ian"), False),
        (says("Ian Reid"), says(phone=HOME), False),
    ],
)
def test_a_conflict_is_known_by_names_and_dates_of_birth(left: Features, right: Features, conflict: bool) -> None:
    found = judged(left, right)
    assert found.conflict.tolist() == [conflict]
    assert not found.hard.any()


def test_what_a_person_has_said_is_a_hard_conflict_of_that_pair_alone() -> None:
    found = judged(*[says(phone=HOME)] * 3, cannot=(2,))
    assert found.hard.tolist() == found.conflict.tolist() == [False, True, False]
    assert JUDGEMENTS[judgements_of(found, STANDARD)[1]] is LIKELY


def test_many_pairs_are_judged_in_parts_and_nobody_can_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [
        says("Ian Reid", phone=HOME),
        says("Ian Reid", email=MAIL),
        says("Alice Reid", phone=HOME),
        says(phone=HOME),
    ]
    whole = judged(*said, cannot=(1, 11))
    monkeypatch.setattr(judging, "CHUNK", 4)
    parts = judged(*said, cannot=(1, 11))
    for column in ("levels", "weights", "conflict", "hard"):
        assert getattr(parts, column).tolist() == getattr(whole, column).tolist()
    assert parts.pairs.codes(4).tolist() == whole.pairs.codes(4).tolist()


def test_no_pairs_are_judged_as_none() -> None:
    nobody = judge(table_of(columns_of([])), Pairs(NOBODY, NOBODY), STANDARD, STANDARD.prior, NOBODY)
    assert nobody.levels.shape == (0, len(COMPARISONS))
    assert nobody.weights.tolist() == nobody.conflict.tolist() == []
