"""Serves the simulator by itself. The seed file holds {"messages": [Message resource, …]}, oldest first."""

from typing import Any

from connectors.kit.simulator import run_standalone
from connectors.twilio.simulator import TwilioSimulator


def build(seed: Any) -> TwilioSimulator:
    simulator = TwilioSimulator()
    simulator.load(**(seed or {}))
    return simulator


if __name__ == "__main__":
    run_standalone(build)
