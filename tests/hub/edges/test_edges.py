"""Consent over whole histories: nobody whose last word was no is written to, and a proven new yes always counts."""

from __future__ import annotations

import pytest

from tests import services
from tests.hub.edges.judge import Verdict
from tests.hub.edges.play import play_all
from tests.hub.edges.switches import NAMES

ENOUGH = 0.99


def holds(verdict: Verdict, histories: int) -> None:
    """No leak, re-consents granted, and a play in which there was something to win and to lose."""
    assert verdict.leaks == []
    assert verdict.share >= ENOUGH, verdict.blocked
    assert verdict.histories == histories
    assert verdict.reconsents > histories / 10
    # the shop is where a yes to everything is said, so that nobody ever has to tell it; the texts are never told one
    assert all(verdict.writes[f"{place} in"] > 0 for place in ("newsletter", "desk"))
    assert verdict.writes["texts in"] == 0
    assert all(verdict.writes[f"{place} out"] > histories / 5 for place in ("shop", "newsletter", "texts", "desk"))


def test_two_thousand_histories() -> None:
    holds(play_all(2_000), 2_000)


def test_a_hundred_and_twenty_histories_on_postgresql(postgres_server: services.Postgres) -> None:
    """A world of each kind, and a database for each world."""
    urls = [postgres_server.create_database() for _ in range(4)]
    left = iter(urls)
    verdict = play_all(120, world=30, database=lambda: next(left))
    for url in urls:
        postgres_server.drop_database(url)
    holds(verdict, 120)


@pytest.mark.parametrize(("rule", "histories", "seed"), [("echo", 100, 7), ("runs", 100, 1), ("read", 200, 2)])
def test_a_rule_that_is_switched_off_is_noticed(rule: str, histories: int, seed: int) -> None:
    """The seeds are such that few histories are enough."""
    assert rule in NAMES
    verdict = play_all(histories, seed=seed, world=100, switched_off=rule)
    assert verdict.leaks or verdict.share < ENOUGH


def test_a_seed_always_plays_the_same() -> None:
    once, again = (play_all(60, seed=5, world=30) for _ in range(2))
    assert once == again
    assert once.acts


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 25, 5))
def test_twenty_five_thousand_histories(first: int) -> None:
    """Five thousand at a time, so that the workers share them; `make bench-consent-edges` plays as many as wanted."""
    holds(play_all(5_000, seed=2_000, world=1_000, first=first), 5_000)
