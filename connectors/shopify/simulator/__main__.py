"""Serves the simulator by itself. The seed file holds {"customers": [node, …], "orders": [node, …]}."""

from typing import Any

from connectors.kit.simulator import run_standalone
from connectors.shopify.simulator import ShopifySimulator


def build(seed: Any) -> ShopifySimulator:
    simulator = ShopifySimulator()
    simulator.load(**(seed or {}))
    return simulator


if __name__ == "__main__":
    run_standalone(build)
