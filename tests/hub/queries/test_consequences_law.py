"""The law of the preview: what it tells is what becomes of the decision; and nothing is written by asking."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as with_settings
from hypothesis import strategies as st

from hub.decide import CannotDecide
from hub.queries.digest import digest
from hub.stages.order import derive
from hub.store.engine import Store
from tests.hub.queries.small_estate import (
    Decision,
    Estate,
    decide,
    decisions,
    estates,
    foretold,
    objects,
    snapshot,
    states_told,
)
from tests.hub.stages.small_worlds import emptied
from tests.hub.world import opened

quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
once = [Phase.generate]
"""An example takes half a second: nobody waits for the smallest one that fails."""

many = with_settings(max_examples=40, deadline=None, suppress_health_check=quiet, phases=once)
nightly = with_settings(many, max_examples=800)
few = with_settings(many, max_examples=10)
earlier = st.lists(decisions, max_size=2)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("consequences")
    with opened(f"sqlite:///{folder / 'hub.db'}") as store:
        yield store


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Store]:
    with opened(postgres_url) as store:
        yield store


def the_preview_is_what_happens(
    store: Store, estate: Estate, objecting: bool, earlier: list[Decision], now: Decision
) -> None:
    found = estate.hear(emptied(store))
    if objecting:
        objects(store, found, "a")
    for one in earlier:
        decide(store, found, one)
    before, named = snapshot(store, found), now.on(store)
    try:
        with store.read() as db:
            known = digest(db)
            told = now.preview(db, found, named)
    except CannotDecide:
        with pytest.raises(CannotDecide):
            now.make(store, named)
        return
    with store.read() as db:
        assert digest(db) == known
    assert told.is_settled
    assert told.left_out == 0
    assert before.states | states_told(told.consents, "before") == before.states
    assert {(one.segment, one.contact_id) for one in told.segments if one.before} <= before.inside
    assert {one.identity for one in told.no_longer} <= before.operations.keys()
    now.make(store, named)
    derive(store, found)
    after, expected = snapshot(store, found), foretold(before, told)
    assert after.homes == expected.homes
    assert after.golden == expected.golden
    assert after.states == expected.states
    assert after.inside == expected.inside
    assert after.operations.keys() == expected.operations.keys()
    assert {one.identity: one for one in told.operations}.items() <= after.operations.items()
    assert after.withheld <= expected.withheld
    assert {(one.operation.identity, one.reason) for one in told.withheld} <= after.withheld


@many
@given(estates(), st.booleans(), earlier, decisions)
def test_the_preview_of_a_decision_is_what_becomes_of_it(
    shared: Store, estate: Estate, objecting: bool, earlier: list[Decision], now: Decision
) -> None:
    the_preview_is_what_happens(shared, estate, objecting, earlier, now)


@pytest.mark.slow
@nightly
@given(estates(), st.booleans(), earlier, decisions)
def test_the_previews_of_hundreds_of_decisions_are_what_becomes_of_them(
    shared: Store, estate: Estate, objecting: bool, earlier: list[Decision], now: Decision
) -> None:
    the_preview_is_what_happens(shared, estate, objecting, earlier, now)


@few
@given(estates(), st.booleans(), earlier, decisions)
def test_the_preview_is_what_happens_on_postgres(
    postgres: Store, estate: Estate, objecting: bool, earlier: list[Decision], now: Decision
) -> None:
    the_preview_is_what_happens(postgres, estate, objecting, earlier, now)
