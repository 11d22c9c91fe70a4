"""Our own contenders, from the vendor's process to the checked rows; and what a kill and a change cost is counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.sync.contenders import Contender, ours
from benchmarks.sync.databases import databases, rows
from benchmarks.sync.market import market
from benchmarks.sync.measures import by_name, second_runs
from benchmarks.sync.ours import PARTS
from benchmarks.sync.race import Race

RECORDS = 500


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Race]:
    folder = tmp_path_factory.mktemp("sync")
    with market(RECORDS) as vendor, databases("sqlite", folder) as made:
        yield Race(vendor, made)


def test_landing_lands_everything_and_maps_nothing(race: Race) -> None:
    contender = by_name("ours: landing")
    stand = race.stand(contender)
    race.market.page(100)
    figures = race.run(contender, stand, RECORDS)

    assert figures["records_read"] == RECORDS
    assert figures["pages"] == RECORDS // 100
    assert 0 < figures["start_seconds"] < figures["wall_seconds"]
    assert rows(stand.database, "landed_record") == RECORDS
    assert rows(stand.database, "contact_record") == 0
    race.over(stand)
    assert not Path(stand.database.removeprefix("sqlite:///")).exists()


def test_the_shares_are_those_of_all_stages(race: Race) -> None:
    contender = Contender("ours: shares", "", ours("shares"), {"sqlite": "contact_record"})
    stand = race.stand(contender)
    race.market.page(1_000)
    figures = race.run(contender, stand, RECORDS)
    told = json.loads((stand.folder / "out.json").read_text())

    assert told["records"] == RECORDS
    assert told["remarks"] == 0
    assert told["parts"].keys() == PARTS.keys()
    of_parts = sum(part["cpu_seconds"] for part in told["parts"].values())
    assert told["cpu_seconds"] / 2 < of_parts < figures["cpu_seconds"]


@pytest.mark.slow
def test_a_second_run_reads_what_has_changed_and_nothing_else(race: Race) -> None:
    contender = by_name("ours: hub sync")
    stand = race.stand(contender)
    race.market.page(1_000)
    race.run(contender, stand, RECORDS)
    found = second_runs(race, [(contender, stand)], page=1_000, rounds=1)

    assert found["idle"][contender.name]["records_read"] == 0
    assert found["changed"][contender.name]["records_read"] == found["records"] == RECORDS


def test_a_contender_whose_rows_are_missing_ends_the_bench(race: Race) -> None:
    contender = Contender("bare: fetch", "", by_name("bare: fetch and parse").command, {"sqlite": "sqlite_schema"})
    with pytest.raises(SystemExit, match="bare: fetch on sqlite holds 0 rows of 500"):
        race.run(contender, race.stand(contender), RECORDS)
