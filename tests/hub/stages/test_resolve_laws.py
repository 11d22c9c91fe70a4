"""The laws of resolving: order-free, undoable, stable in its ids, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as with_settings
from hypothesis import strategies as st

from hub.decide import undo
from hub.stages.reading import decisions
from hub.store.engine import Store
from tests.hub.stages.small_worlds import (
    EVERYTHING,
    IDS,
    Decide,
    Ids,
    Land,
    Resolve,
    Step,
    decide,
    derive,
    emptied,
    histories,
    landed_once,
    live,
    rebuilt,
    records,
    words,
)
from tests.hub.world import EPOCH, derived, land_and_map, opened, partition, rows

quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
many = with_settings(max_examples=120, deadline=None, suppress_health_check=quiet)
nightly = with_settings(many, max_examples=1_700)
few = with_settings(max_examples=10, deadline=None, suppress_health_check=quiet)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("laws")
    with opened(f"sqlite:///{folder / 'hub.db'}") as store:
        yield store


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Store]:
    with opened(postgres_url) as store:
        yield store


def increments_equal_a_rebuild(store: Store, history: list[Step]) -> None:
    ids = Ids()
    for step in live(emptied(store), history):
        if isinstance(step, Resolve) and step.whole:
            ids.look(store)
    derive(store)
    ids.look(store)
    before, together = derived(store), partition(store)
    assert rebuilt(store) == before
    assert partition(store) == together
    ids.look(store)


@pytest.mark.fault("D10")
@pytest.mark.fault("D11")
@pytest.mark.fault("D12")
@pytest.mark.fault("D13")
@many
@given(histories())
def test_any_history_in_any_increments_equals_a_rebuild(shared: Store, history: list[Step]) -> None:
    increments_equal_a_rebuild(shared, history)


@pytest.mark.slow
@nightly
@given(histories())
def test_any_history_of_thousands_equals_a_rebuild(shared: Store, history: list[Step]) -> None:
    increments_equal_a_rebuild(shared, history)


@few
@given(histories())
def test_any_history_equals_a_rebuild_on_postgres(postgres: Store, history: list[Step]) -> None:
    increments_equal_a_rebuild(postgres, history)


def settled(store: Store, arriving: list[Land | Resolve]) -> dict[str, str]:
    """Land in this order, each record at the birth that its id always has; then derive; the derived digest."""
    born: set[str] = set()
    for step, one in enumerate(arriving):
        if isinstance(one, Resolve):
            derive(store, one.chunk)
            continue
        (record,) = one.records
        at = EPOCH + timedelta(hours=step + 1) if record.id in born else EPOCH - timedelta(days=IDS.index(record.id))
        born.add(record.id)
        land_and_map(store, [record], now=at)
    derive(store)
    return derived(store)


@st.composite
def two_orders(draw: st.DrawFn) -> tuple[list[Land | Resolve], list[Land | Resolve]]:
    """The same last versions: all at once, and shuffled among outdated versions and resolving in between."""
    said = draw(words)
    last = {one.id: one for one in draw(st.lists(records(said), min_size=2, max_size=9))}
    outdated = [Land((one,)) for one in draw(st.lists(records(said), max_size=6)) if one.id in last]
    resolving = [Resolve(draw(st.sampled_from([1, 2, 9, EVERYTHING])), True) for _ in range(draw(st.integers(0, 3)))]
    first = draw(st.permutations([*outdated, *resolving]))
    end = draw(st.permutations([*(Land((one,)) for one in last.values()), Resolve(1, True)]))
    return [Land((one,)) for one in last.values()], [*first, *end]


Orders = tuple[list[Land | Resolve], list[Land | Resolve]]


def both_orders_end_alike(store: Store, orders: Orders) -> None:
    one, other = (settled(emptied(store), arriving) for arriving in orders)
    assert one == other


@many
@given(two_orders())
def test_arrival_leaves_no_trace(shared: Store, orders: Orders) -> None:
    both_orders_end_alike(shared, orders)


@pytest.mark.slow
@nightly
@given(two_orders())
def test_no_arrival_of_thousands_leaves_a_trace(shared: Store, orders: Orders) -> None:
    both_orders_end_alike(shared, orders)


@few
@given(two_orders())
def test_arrival_leaves_no_trace_on_postgres(postgres: Store, orders: Orders) -> None:
    both_orders_end_alike(postgres, orders)


decided = st.lists(
    st.builds(Decide, st.sampled_from(["apart", "merge", "split", "value"]), st.integers(0, 9), st.integers(0, 9)),
    min_size=1,
    max_size=4,
)


def undone_it_is_as_if_never_decided(
    store: Store, history: list[Step], said: list[Decide], data: st.DataObject
) -> None:
    land_and_map(emptied(store), landed_once(history))
    derive(store)
    before = derived(store)
    for decision in said:
        decide(store, decision)
        derive(store)
    numbers = [row["id"] for row in rows(store, decisions)]
    for number in data.draw(st.permutations(numbers)):
        store.write(lambda db, number=number: undo(db, number, "steward"))
        derive(store, data.draw(st.sampled_from([1, 1_000, EVERYTHING])))
    assert derived(store) == before


undecided = histories(deciding=False, longest=6)


@pytest.mark.fault("D11")
@many
@given(undecided, decided, st.data())
def test_undoing_equals_never_having_decided(
    shared: Store, history: list[Step], said: list[Decide], data: st.DataObject
) -> None:
    undone_it_is_as_if_never_decided(shared, history, said, data)


@pytest.mark.slow
@nightly
@given(undecided, decided, st.data())
def test_undoing_thousands_equals_never_having_decided(
    shared: Store, history: list[Step], said: list[Decide], data: st.DataObject
) -> None:
    undone_it_is_as_if_never_decided(shared, history, said, data)
