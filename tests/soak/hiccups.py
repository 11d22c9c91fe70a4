"""What is wrong with the vendors now and then, chosen by the seed: throttles, errors, lost and late answers."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass

from connectors.kit.simulator import Fault
from tests.flows.consent.town import Town

BETWEEN = 2.0
"""Seconds between two, about."""

FAULTS = (
    Fault(status=429, headers={"Retry-After": "1"}),
    Fault(status=429, headers={"Retry-After": "2"}, times=2),
    Fault(status=500),
    Fault(status=503, times=2),
    Fault(drop=True),
    Fault(lose_reply=True),
    Fault(delay=1.5),
)


@dataclass
class Hiccups:
    """One after the other, at any vendor. `done` counts them."""

    town: Town
    dice: random.Random
    done: int = 0

    def live(self, stopping: threading.Event) -> None:
        """Go on until `stopping`."""
        while not stopping.wait(self.dice.expovariate(1 / BETWEEN)):
            self.dice.choice(list(self.town.simulators.values())).script(self.dice.choice(FAULTS))
            self.done += 1
