"""Those who look: a few people at once who open one page after the other, or one who opens a kind of page alone."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.admin.pages import Known, kinds_for
from benchmarks.admin.visitor import Visitor

Told = dict[str, dict[str, float]]
"""Name of a kind of page -> how many were opened, p50 and p95 in ms."""


SELDOM = {"review: begin": 0.1}
"""How often these are opened for each time that one of the others is: who reviews begins once and goes on."""


@dataclass(frozen=True)
class Target:
    """The served pages, links that sign in once, one a looker, and what may be asked for."""

    url: str
    links: Sequence[str]
    known: Known


def look(target: Target, seconds: float, pause: float) -> Told:
    """Everybody opens pages of all kinds, with pauses of `pause` seconds on average in between: people read.

    Raises requests.RequestException for a page that could not be shown.
    """
    taken: dict[str, list[float]] = {}
    troubles: list[BaseException] = []
    until = time.monotonic() + seconds

    def work(number: int, link: str) -> None:
        rng = Random(number)
        try:
            with Visitor(target.url, link) as visitor:
                kinds = kinds_for(visitor, target.known)
                while time.monotonic() < until and not troubles:
                    (name,) = rng.choices(list(kinds), [SELDOM.get(name, 1.0) for name in kinds])
                    taken.setdefault(name, []).append(kinds[name](rng))
                    time.sleep(rng.uniform(0, 2 * pause))
        except Exception as error:
            troubles.append(error)

    threads = [threading.Thread(target=work, args=one) for one in enumerate(target.links)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
    return {name: told(taken[name]) for name in sorted(taken)}


SHORT_PAUSE_SECONDS = 0.1
"""Nobody answers more often. What follows from an answer is done meanwhile."""


def one_by_one(target: Target, each: int, cpu_seconds: Callable[[], float | None]) -> Told:
    """One person opens `each` pages of every kind: the time, and what the pages' process spends on one of them.

    `cpu_ms` has what follows from an answer in it, as it is done by the same process.
    """

    def after_a_pause(opens: Callable[[Random], float]) -> float:
        time.sleep(SHORT_PAUSE_SECONDS)
        return opens(rng)

    found: Told = {}
    rng = Random(len(target.links))
    with Visitor(target.url, target.links[0]) as visitor:
        for name, opens in kinds_for(visitor, target.known).items():
            opens(rng)
            before = cpu_seconds()
            found[name] = told([after_a_pause(opens) for _ in range(each)])
            after = cpu_seconds()
            if before is not None and after is not None:
                found[name]["cpu_ms"] = round((after - before) / each * 1_000, 1)
    return found


def told(times: Sequence[float]) -> dict[str, float]:
    if len(times) < 2:
        return {"opened": len(times)}
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return {"opened": len(times), "p50_ms": round(statistics.median(times), 1), "p95_ms": round(cuts[-1], 1)}
