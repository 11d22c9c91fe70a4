"""Judges the rule of consent beside four naive ones on random histories, and times it.

Prints one JSON document; ends with 1 if the recommended rule mails anybody whose last word was a no, or blocks anybody
whose last word was a provable yes. Skew is measured in minutes, like the tolerance.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import orjson
from consent_histories import RULES, TOLERANCE, Verdict, Verdicts, judge

CHUNK = 5000


def main() -> int:
    options = _options()
    worlds = {"clocks_agree": 0.0, "clocks_off_by_half_the_tolerance": TOLERANCE / 2}
    with ProcessPoolExecutor() as pool:
        found = {name: _played(pool, options, name, skew) for name, skew in worlds.items()}
    document: dict[str, Any] = {
        "seed": options.seed,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "tolerance": TOLERANCE,
        **{name: {"skew": worlds[name], **_told(verdicts)} for name, verdicts in found.items()},
    }
    print(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    return int(any(_fails(verdicts) for verdicts in found.values()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=200_000, help="how many in each of the two worlds")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def _played(pool: ProcessPoolExecutor, options: argparse.Namespace, name: str, skew: float) -> Verdicts:
    """The same figures on one core and on many: each chunk has a seed of its own."""
    starts = range(0, options.histories, CHUNK)
    jobs = [
        pool.submit(judge, f"{options.seed} {name} {start}", min(CHUNK, options.histories - start), skew, RULES)
        for start in starts
    ]
    total = Verdicts()
    for job in jobs:
        total += job.result()
    return total


def _fails(verdicts: Verdicts) -> bool:
    rule = verdicts.of.get("recommended", Verdict())
    return rule.mailed > 0 or rule.blocked_provably > 0


def _told(verdicts: Verdicts) -> dict[str, Any]:
    return {
        "histories": verdicts.histories,
        "events_per_history": round(verdicts.events / max(verdicts.histories, 1), 2),
        "last_word_no": verdicts.last_word_no,
        "last_word_yes": verdicts.last_word_yes,
        "provable_yes": verdicts.provable,
        "rules": {name: _told_of(verdict, verdicts) for name, verdict in verdicts.of.items()},
    }


def _told_of(verdict: Verdict, verdicts: Verdicts) -> dict[str, Any]:
    noes, yeses = max(verdicts.last_word_no, 1), max(verdicts.last_word_yes, 1)
    return {
        "mailed": verdict.mailed,
        "mailed_percent": round(100 * verdict.mailed / noes, 2),
        "blocked": sum(verdict.blocked.values()),
        "blocked_percent": round(100 * sum(verdict.blocked.values()) / yeses, 2),
        "blocked_percent_by_reason": {
            reason: round(100 * count / yeses, 2) for reason, count in sorted(verdict.blocked.items())
        },
        "provable_yes_blocked": verdict.blocked_provably,
        "microseconds_each": round(1e6 * verdict.seconds / max(verdicts.histories, 1), 2),
    }


if __name__ == "__main__":
    sys.exit(main())
