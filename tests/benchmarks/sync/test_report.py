"""The table: every contender beside dlt on the same database, our stages, and what could not be measured."""

from __future__ import annotations

from typing import Any

from benchmarks.sync.report import table


def run(rate: float, server: float | None = None) -> dict[str, Any]:
    return {
        "records_per_second": rate,
        "wall_seconds": 5_000 / rate,
        "start_seconds": 0.25,
        "cpu_seconds": 0.5,
        "server_cpu_seconds": server,
        "cpu_us_a_record": 500.0,
        "peak_mib": 1_100.4,
    }


CONTENDERS = {"ours: landing": run(4_000), "dlt: rest_api": run(1_000), "dlt: Arrow resource": run(2_000)}
LOADS = {"database": "sqlite", "page": 100, "contenders": CONTENDERS}


def lines_of(**document: Any) -> list[str]:
    nothing: dict[str, Any] = {part: [] for part in ("loads", "shares", "slow", "kills", "second_runs", "missing")}
    setting = {"cores": 2, "runs": 3, "records": 1_000, "versions": {"dlt": "1.31.0"}}
    load = {"begun": 0.25, "ended": 2.04}
    return table({**nothing, **setting, "load": load, **document}).splitlines()


def words_of(lines: list[str], begin: str) -> list[str]:
    return next(line for line in lines if line.strip().startswith(begin)).strip().removeprefix(begin).split()


def test_a_run_stands_beside_both_ways_of_dlt() -> None:
    lines = lines_of(loads=[LOADS])

    assert "1,000 records on sqlite, 100 a page" in lines
    told = ["4,000", "1.25", "0.25", "5,000", "0.50", "-", "500", "1,100", "4.00", "2.00"]
    assert words_of(lines, "ours: landing") == told
    assert words_of(lines, "dlt: rest_api")[-2:] == ["1.00", "0.50"]


def test_without_dlt_nothing_is_compared_with_it_and_the_server_tells_its_own() -> None:
    lines = lines_of(loads=[LOADS | {"contenders": {"ours: landing": run(4_000, server=1.25)}}])

    assert words_of(lines, "ours: landing")[5] == "1.25"
    assert words_of(lines, "ours: landing")[-2:] == ["-", "-"]


def test_the_machine_and_the_versions_are_told_first() -> None:
    first = lines_of()[0]

    assert first == "2 cores, median of 3, load 0.2 before and 2.0 after; dlt 1.31.0"
    assert lines_of(runs=1)[0].startswith("2 cores, one run,")


def test_the_stages_are_shares_of_what_they_took_together() -> None:
    parts = {"map": {"cpu_seconds": 0.75, "wall_seconds": 1.0}, "land": {"cpu_seconds": 0.25, "wall_seconds": 0.5}}
    start = {"imports_cpu_seconds": 0.5, "opening_cpu_seconds": 0.1}
    lines = lines_of(shares=[{"database": "postgres", "page": 1_000, "records": 1_000, "parts": parts, **start}])

    assert "ours on postgres, 1,000 a page: the stages of hub sync, one run" in lines
    assert words_of(lines, "map")[:5] == ["75.0%", "of", "CPU", "750.0", "us/rec"]
    assert words_of(lines, "(start, beside these)")[0] == "600.0"


def test_a_slow_vendor_kills_and_second_runs_have_their_lines() -> None:
    slow = {"database": "sqlite", "page": 100, "milliseconds": 50, "http": run(100), "ours": run(80), "ratio": 1.25}
    killed = [{"read_twice": 1_500, "served_before": 400}, {"read_twice": 900, "served_before": 800}]
    second = {"database": "sqlite", "records": 10, "changed": {"ours: hub sync": run(100)}}
    second["idle"] = {"ours: hub sync": run(200)}
    lines = lines_of(
        slow=[slow],
        kills=[{"database": "sqlite", "page": 100, "kills": killed}],
        second_runs=[second],
        missing=["x: y"],
    )

    assert any(line.startswith("50 ms a page") and line.endswith("1.25 of the larger") for line in lines)
    assert "a pull of ours killed at full speed on sqlite, 100 a page: 1,500 records read twice at most" in lines
    assert words_of(lines, "ours: hub sync")[:2] == ["50.00", "s"]
    assert "not measured: x: y" in lines
