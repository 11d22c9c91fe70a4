"""Those who look: a few people at once, each with a session of their own, who open one page after the other."""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import requests

Pages = dict[str, Callable[[random.Random], str]]
"""Name of a kind of page -> a path of that kind, another one each time."""


@dataclass(frozen=True)
class Target:
    """The served pages, and links that sign in once, one a looker."""

    url: str
    links: Sequence[str]


def pages(contact_ids: Sequence[str], names: Sequence[str]) -> Pages:
    return {
        "home": lambda _: "/",
        "review": lambda _: "/review",
        "contact": lambda rng: f"/contacts/{rng.choice(contact_ids)}",
        "search": lambda rng: f"/contacts?q={quote(rng.choice(names))}",
        "search as one types": lambda rng: f"/contacts?q={quote(rng.choice(names)[: rng.randint(3, 6)])}",
        "search with a slip": lambda rng: f"/contacts?q={quote(slip(rng, rng.choice(names)))}",
    }


def slip(rng: random.Random, name: str) -> str:
    """The name as somebody types it who is in a hurry: two letters of it swapped."""
    if len(name) < 3:
        return name
    place = rng.randrange(1, len(name) - 1)
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def look(target: Target, kinds: Pages, seconds: float) -> dict[str, dict[str, float]]:
    """For each kind of page: how many were opened, and p50 and p95 in ms from the request to the last byte.

    Raises requests.HTTPError for a page that could not be shown.
    """
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    troubles: list[BaseException] = []
    until = time.monotonic() + seconds

    def work(number: int, link: str) -> None:
        try:
            with requests.Session() as session:
                _sign_in(session, target.url, link)
                rng = random.Random(number)
                while time.monotonic() < until and not troubles:
                    name = rng.choice(list(kinds))
                    taken[name].append(_open(session, target.url + kinds[name](rng)))
        except requests.RequestException as error:
            troubles.append(error)

    threads = [threading.Thread(target=work, args=one) for one in enumerate(target.links)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
    return {name: _told(times) for name, times in taken.items()}


def _sign_in(session: requests.Session, url: str, link: str) -> None:
    token = link.rpartition("token=")[2]
    answer = session.post(f"{url}/sign-in", data={"token": token}, headers={"Origin": url}, allow_redirects=False)
    answer.raise_for_status()


def _open(session: requests.Session, address: str) -> float:
    begun = time.perf_counter()
    answer = session.get(address, timeout=30)
    taken = time.perf_counter() - begun
    answer.raise_for_status()
    return taken * 1_000


def _told(times: list[float]) -> dict[str, float]:
    if len(times) < 2:
        return {"opened": len(times)}
    cuts = statistics.quantiles(times, n=20)
    return {"opened": len(times), "p50_ms": round(statistics.median(times), 1), "p95_ms": round(cuts[-1], 1)}
