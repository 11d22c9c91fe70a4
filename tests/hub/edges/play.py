"""Plays a world: rounds of people and tools acting, each followed by one of the hub's, and quiet ones at the end."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

from connectors.kit.inprocess import inprocess
from hub.jobs.rounds import sync_round
from hub.settings.settings import Settings
from hub.stages.consent import states_of
from hub.store.engine import Store
from tests.hub.edges.clock import virtual_time
from tests.hub.edges.judge import Verdict, judge_end
from tests.hub.edges.kinds import KINDS, PLACES, Kind, settings_of
from tests.hub.edges.switches import without
from tests.hub.edges.town import Person, Town
from tests.hub.edges.verbs import VERBS, Verb
from tests.hub.edges.wire import Late, Wire
from tests.hub.world import opened

ROUNDS = 12
QUIET = 3
NUMBER_OF_ACTS = (0, 1, 2)
HOW_OFTEN = (70, 22, 8)
LATE = 0.4

Watch = Callable[[Town, Store], None]


def play(
    kind: Kind, seed: str, people: int, database: str = "", switched_off: str = "", watch: Watch | None = None
) -> Verdict:
    """One world of this kind. The same seed plays the same histories."""
    verdict = Verdict(people, seed)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = database or f"sqlite:///{folder / 'hub.db'}"
        settings = settings_of(kind, folder, url)
        clock = stack.enter_context(virtual_time())
        town = Town(kind, seed, people, clock)
        late = Late()
        stack.enter_context(inprocess({f"http://{place}.sim": Wire(town, place, late, verdict) for place in PLACES}))
        stack.enter_context(patch("hub.stages.pull.Prefetched", _InTurn))
        stack.enter_context(without(switched_off))
        store = stack.enter_context(opened(url))
        _sync(town, store, settings)
        for number in range(ROUNDS + QUIET):
            if number < ROUNDS:
                _act(town, late)
            else:
                clock.sleep(timedelta(hours=5).total_seconds())
            _sync(town, store, settings)
            while late.acts:
                late.next(town)
        with store.read() as db:
            judge_end(town, verdict, states_of(db, list(town.diary.lines())))
        if watch is not None:
            watch(town, store)
    return verdict


def play_all(
    histories: int,
    seed: int = 1,
    world: int = 500,
    switched_off: str = "",
    database: Callable[[], str] = str,
    first: int = 0,
) -> Verdict:
    """So many histories in worlds of every kind in turn, `world` people in each at most; from the world `first` on."""
    total = Verdict()
    sizes = [min(world, histories - start) for start in range(0, histories, world)]
    for number, size in enumerate(sizes, first):
        kind = KINDS[number % len(KINDS)]
        total += play(kind, f"{seed} {number} {kind.name}", size, database(), switched_off)
    return total


def play_in_processes(
    processes: int, histories: int, seed: int = 1, world: int = 500, switched_off: str = ""
) -> Verdict:
    """The same, shared out; each process has seeds of its own."""
    share = -(-histories // processes)
    parts = [min(share, histories - start) for start in range(0, histories, share)]
    total = Verdict()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        going = [
            pool.submit(play_all, part, seed * 1_000 + number, world, switched_off) for number, part in enumerate(parts)
        ]
        for one in going:
            total += one.result()
    return total


def _act(town: Town, late: Late) -> None:
    """Some hours in which everybody does nothing, one thing or two; a few of these happen while the hub is at work."""
    begins = town.clock.now()
    wishes: list[tuple[float, int, Verb, Person]] = []
    for person in town.people:
        at = town.rng.uniform(0, 6 * 3600)
        for _ in range(town.rng.choices(NUMBER_OF_ACTS, HOW_OFTEN, k=1)[0]):
            verb = town.rng.choices([verb for verb, _ in VERBS], [weight for _, weight in VERBS], k=1)[0]
            wishes.append((at, len(wishes), verb, person))
            at += town.rng.choice((town.rng.uniform(1, 900), town.rng.uniform(0, 6 * 3600)))
    for at, _, verb, person in sorted(wishes, key=lambda wish: wish[:2]):
        if town.rng.random() < LATE:
            late.acts.append(partial(verb, town, person))
            continue
        town.clock.move_to(max(town.clock.now() + timedelta(seconds=1), begins + timedelta(seconds=at)))
        verb(town, person)
    town.rng.shuffle(late.acts)


def _sync(town: Town, store: Store, settings: Settings) -> None:
    town.pulled_this_round.clear()
    result = sync_round(store, settings)
    pulled = [(end.connection, end.stream, end.message) for end in result.ends if end.status != "ok"]
    pushed = [(end.destination, end.message) for end in result.push.ends if end.exit_code]
    assert not pulled + pushed, "a round of the hub's failed"
    town.ended()


class _InTurn:
    """Pages one after the other, without the thread that fetches ahead: so that a seed always plays the same."""

    def __init__(self, pages: Callable[[], Iterator[object]], weigh: Callable[[object], int]) -> None:
        self._pages = pages

    def __enter__(self) -> Iterator[object]:
        return self._pages()

    def __exit__(self, *_: object) -> None: ...
