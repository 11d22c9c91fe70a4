"""The histories that the benchmark judges rules by: the rule leaks nobody, and a faulty one is found out."""

from __future__ import annotations

import pytest

from benchmarks.consent_histories import RULES, TOLERANCE, believes_strangers, judge


@pytest.mark.parametrize("skew", [0.0, TOLERANCE / 2])
def test_the_rule_mails_nobody_whose_last_word_was_a_no(skew: float) -> None:
    found = judge("a test", 2000, skew, RULES)
    rule = found.of["recommended"]
    assert found.last_word_no > 500
    assert rule.mailed == 0
    assert found.provable > 200
    assert rule.blocked_provably == 0
    assert set(rule.blocked) <= {
        "undated",
        "untrusted",
        "untrusted and undated",
        "within tolerance",
        "a no came in later, undated",
    }


def test_a_rule_with_a_fault_leaks() -> None:
    found = judge("a test", 2000, 0.0, {"faulty": believes_strangers, **RULES})
    for name in ("faulty", "last_write_wins", "latest_time_wins", "union_of_yeses"):
        assert found.of[name].mailed > 0, name
    assert found.of["any_no_wins"].blocked_provably > 0


def test_the_same_seed_tells_the_same_histories() -> None:
    first, again, other = (judge(seed, 200, 0.0, RULES) for seed in ("a", "a", "b"))
    assert (first.events, first.last_word_no, first.provable) == (again.events, again.last_word_no, again.provable)
    assert (first.events, first.last_word_no) != (other.events, other.last_word_no)


def test_clocks_further_off_than_the_tolerance_allows_do_leak() -> None:
    """The zero stands on the tolerance: twice the worst clock error, and no less."""
    assert judge("a test", 5000, 8 * TOLERANCE, RULES).of["recommended"].mailed > 0
