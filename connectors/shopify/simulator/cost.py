"""What a query costs in points, by estimate before it runs and by count after."""

from __future__ import annotations

import math

from graphql import OperationType

from connectors.shopify.simulator.graph import ROOTS, Field

MUTATION = 10
"""What any mutation costs, whatever it gives back."""


def cost(fields: tuple[Field, ...], rows: int | None = None) -> int:
    """An estimate of the query's points: one for an object, and for a connection by the logarithm of its size."""
    total = 0
    for field in fields:
        if field.parent is ROOTS[OperationType.MUTATION]:
            total += MUTATION
            continue
        below = max(cost(selected, rows) for selected in (field.selected, *field.variants.values()))
        if (asked := _size(field)) is not None:
            size = min(asked, rows) if rows is not None else asked
            total += 2 + math.ceil(math.log2(size + 1)) * (1 + below)
        elif field.selected and field.name not in {"pageInfo", "nodes", "edges"}:
            total += 1 + below
        else:
            total += below
    return total


def _size(field: Field) -> int | None:
    """How many nodes the field may bring; None for one that is no list of nodes."""
    if "ids" in field.arguments:
        return len(field.arguments["ids"])
    return field.arguments.get("first")
