"""The vendor of the HTTP tests: its address, its token, its scripted answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import responses

from connectors.kit.errors import ConnectorError
from connectors.kit.http import Http

BASE = "https://shop.example/api"
PAGE = f"{BASE}/customers"
TOKEN = "shpat_0123456789abcdef"
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


Make = Callable[..., Http]


def script(vendor: responses.RequestsMock, *statuses: int, method: str = "GET") -> None:
    """Answers with these one after the other, the last one for ever."""
    for status in statuses:
        vendor.add(method, PAGE, json={"customers": []}, status=status)


def failure(act: Callable[[], object]) -> ConnectorError:
    """The error `act` ends in, which must not say the token or the query anywhere."""
    with pytest.raises(ConnectorError) as caught:
        act()
    error: BaseException | None = caught.value
    while error is not None:
        assert TOKEN not in f"{error} {error!r}"
        assert "alice" not in f"{error} {error!r}"
        error = error.__cause__ or error.__context__
    return caught.value
