"""Runs the soak and says what came of it: python -m tests.soak [--seed 7] [--minutes 15]."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from typing import Any

from tests.flows.terminal import ROOT
from tests.services import UnavailableError
from tests.soak.oracle import Complaints
from tests.soak.soak import Soak, Told, running

DATA = ROOT / "build" / "soak.json"
FOLDER = ROOT / "build" / "soak"

MOST_TOLD = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Let the hub soak, and count.")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--minutes", type=float, default=15)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that no process is left behind
    try:
        with running(FOLDER, options.seed, options.minutes) as soak:
            say(f"seed {soak.seed}, {soak.minutes:g} minutes; logs in {FOLDER.relative_to(ROOT)}/logs")
            told = lived_through(soak)
            found, figures = soak.checks(told), soak.figures(told)
    except UnavailableError as error:
        print(f"no soak without servers: {error}", file=sys.stderr)
        return 1
    return verdict(figures, found)


def lived_through(soak: Soak) -> Told:
    soak.warm_up()
    say("everybody is known; now people live, vendors hiccup, blows fall")
    soak.live()
    say("people rest")
    return soak.rest()


def verdict(figures: dict[str, Any], found: dict[str, Complaints]) -> int:
    """Print a line for each check, keep everything in build/soak.json; the exit code."""
    told = {name: {"passed": not complaints, "complaints": complaints} for name, complaints in found.items()}
    DATA.parent.mkdir(parents=True, exist_ok=True)
    DATA.write_text(json.dumps({**figures, "checks": told}, indent=1, default=str) + "\n")
    print("\n".join(lines(figures, found)))
    return 1 if any(found.values()) else 0


def lines(figures: dict[str, Any], found: dict[str, Complaints]) -> list[str]:
    """What happened, and one line a check, with the first of what is wrong below it."""
    blows = [blow["kind"] for blow in figures["blows"] if not blow["missed"]]
    counts = ", ".join(f"{blows.count(kind)} x {kind}" for kind in sorted(set(blows)))
    memory = [(one["second_third_mb"], one["last_third_mb"], one["mb_per_minute"]) for one in figures["memory"]]
    last, slope = max((one[1] for one in memory), default=0), max((one[2] for one in memory), default=0)
    about = {
        "nothing lost": f"{figures['records']} records, {figures['events']} orders, tickets and messages",
        "nothing doubled": f"{figures['consents_changed']} consents changed, {figures['tasks']} tasks",
        "no opted-out sent": f"{figures['noes']} noes, {figures['effects']} writes",
        "lost work noticed": f"after at most {figures['noticed_after_at_most']:.1f} s",
        "memory flat": f"{len(memory)} processes, at most {last:.0f} MB, at most {slope:+.2f} MB a minute",
    }
    head = f"{figures['mutations']} mutations, {figures['hiccups']} hiccups, {figures['runs']} runs, blows: {counts}"
    said = [head]
    for name, complaints in found.items():
        state = f"{len(complaints)} COMPLAINTS" if complaints else "well"
        said.append(f"{name}: {state}" + (f" ({about[name]})" if name in about else ""))
        said += [f"  {one}" for one in complaints[:MOST_TOLD]]
    return said


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
