"""Plays random histories of consent through four simulated vendors and the whole hub, and counts what went wrong.

Prints one JSON document. `leaks`: writes to, or states left for, somebody whose own last word was no. `raced`: writes
while such a no was too fresh for anybody to know. `unseen`: those against a no that no readable field of any vendor
tells, by the reason. `reconsent_share`: of the dated, express, trusted yeses after a no, those that ended granted.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.hub.edges.judge import Verdict
from tests.hub.edges.play import play_all, play_in_processes
from tests.hub.edges.switches import NAMES

SHOWN = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, default=2_000)
    parser.add_argument("--world", type=int, default=500, help="how many people play in one world together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", choices=NAMES, default="", help="a rule of the hub to switch off")
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args()
    started = time.perf_counter()
    verdict = played(asked)
    seconds = time.perf_counter() - started
    print(orjson.dumps(document(asked, verdict, seconds), option=orjson.OPT_INDENT_2).decode())


def played(asked: argparse.Namespace) -> Verdict:
    given = (asked.histories, asked.seed, asked.world, asked.without)
    return play_all(*given) if asked.processes == 1 else play_in_processes(asked.processes, *given)


def document(asked: argparse.Namespace, verdict: Verdict, seconds: float) -> dict[str, Any]:
    return {
        "histories": verdict.histories,
        "seed": asked.seed,
        "without": asked.without or None,
        "leaks": len(verdict.leaks),
        "leaks_by_kind": by_number(verdict.kinds),
        "first_leaks": verdict.leaks[:SHOWN],
        "reconsents": verdict.reconsents,
        "reconsent_share": round(verdict.share, 5),
        "first_blocked": verdict.blocked[:SHOWN],
        "raced": by_number(verdict.raced),
        "unseen": by_number(verdict.unseen),
        "writes": by_number(verdict.writes),
        "acts": by_number(verdict.acts),
        "ms_per_history": round(seconds * 1000 / verdict.histories, 2),
        "seconds": round(seconds, 1),
        "processes": asked.processes,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }


def by_number(counts: Counter[str]) -> dict[str, int]:
    return dict(counts.most_common())


if __name__ == "__main__":
    main()
