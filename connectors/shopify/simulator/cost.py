"""What a query costs in points, by estimate before it runs and by count after."""

from __future__ import annotations

import math

from connectors.shopify.simulator.graph import Field


def cost(fields: tuple[Field, ...], rows: int | None = None) -> int:
    """An estimate of the query's points: one for an object, and for a connection by the logarithm of its size."""
    total = 0
    for field in fields:
        below = cost(field.selected, rows)
        if "first" in field.arguments:
            size = min(field.arguments["first"], rows) if rows is not None else field.arguments["first"]
            total += 2 + math.ceil(math.log2(size + 1)) * (1 + below)
        elif field.selected and field.name not in {"pageInfo", "nodes", "edges"}:
            total += 1 + below
        else:
            total += below
    return total
