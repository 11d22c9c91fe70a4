"""Sends rows together, and by halves where that fails: one row that a vendor chokes on holds up nobody else's."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from connectors.kit.errors import BadPayload, ConnectorError, Refused, VendorDown
from hub.stages.outbox import Row

SPOILED = (Refused, BadPayload, VendorDown)
"""What one row can do to a call; every other error is about the account, and goes up."""

MOST_SUSPECTS = 3
"""So many rows that fail one by one, while none passes, are not poisonous: the vendor is in trouble."""


def send_apart(rows: Sequence[Row], send: Callable[[Sequence[Row]], None]) -> list[tuple[Row, ConnectorError]]:
    """Send all that can be sent; the rows that fail alone, each with its error.

    Raises what `send` raises where it looks as if it were the vendor's trouble: nothing passes, and no row has failed
    alone before.
    """
    suspects: list[tuple[Row, ConnectorError]] = []
    waiting, passed = [list(rows)], False
    while waiting:
        some = waiting.pop()
        try:
            send(some)
            passed = True
        except SPOILED as error:
            half = len(some) // 2
            if half:
                waiting += [some[half:], some[:half]]
                continue
            suspects.append((some[0], error))
            if not passed and len(suspects) == MOST_SUSPECTS:
                raise
    for row, trouble in suspects:
        if not (passed or isinstance(trouble, Refused) or row["attempts"]):
            raise trouble
    return suspects
