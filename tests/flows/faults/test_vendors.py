"""Vendors whose cursors expire while they are read: told in red, and the next run goes on with nothing missing."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from connectors.kit.simulator import Fault
from hub.stages.land import landed
from tests.flows.consent.conftest import life as life
from tests.flows.consent.life import LAG, Life


def held(life: Life) -> dict[str, int]:
    with life.hub.store.read() as db:
        found = db.execute(select(landed.c.connection, func.count()).group_by(landed.c.connection))
        return {row[0]: row[1] for row in found}


@pytest.mark.fault("H15")
@pytest.mark.fault("H10")
@pytest.mark.parametrize("status", [410, 422])
@pytest.mark.parametrize("vendor", ["shop", "newsletter", "texts", "help"])
def test_a_cursor_that_expires_at_any_page_ends_a_run_in_red_and_the_next_finds_everything(
    life: Life, vendor: str, status: int
) -> None:
    life.town.welcome("Charlie", 158)
    seen = []
    for after in range(3):
        life.later(minutes=LAG.total_seconds() / 60)
        life.town.welcome(f"Dora{after}", 50 + after)
        life.town.simulators[vendor].script(Fault(status=status, after=after, body=b'{"error": "cursor expired"}'))
        seen += [end for end in life.hub.round(push=False).ends if end.status != "ok"]
        life.town.clear_faults()
    assert {(end.connection, end.status, end.exit_code) for end in seen} == {(vendor, "failed", 65)}
    life.sync()
    before = held(life)
    life.sync(full=True)
    assert held(life) == before
