"""Serves the simulator by itself. The seed file holds {"users": [row, …], "tickets": [row, …]}, as for `load`."""

from typing import Any

from connectors.kit.simulator import run_standalone
from connectors.zendesk.simulator import ZendeskSimulator


def build(seed: Any) -> ZendeskSimulator:
    simulator = ZendeskSimulator()
    simulator.load(**(seed or {}))
    return simulator


if __name__ == "__main__":
    run_standalone(build)
