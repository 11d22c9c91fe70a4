"""The table: every partition with its figures, what was not measured and why, and how increments grow."""

from __future__ import annotations

from typing import Any

from benchmarks.identity.growth import growth
from benchmarks.identity.report import table


def score(threshold: float, f1: float) -> dict[str, Any]:
    return {"threshold": threshold, "precision": 0.99, "recall": 0.8, "f1": f1, "bcubed_f1": 0.95, "largest": 1_234}


def engine(core: float, **partitions: dict[str, Any]) -> dict[str, Any]:
    return {"cpu_seconds": core + 1, "core_cpu_seconds": core, "peak_mib": 1_500.4, **partitions}


OURS = engine(2.0, automatic=score(4, 0.81), likely=score(-1, 0.91)) | {"band": 70, "pairs": 9_000, "questions": 60}
ENGINES = {"ours": OURS, "exact": engine(0.5, best=score(0, 0.71)), "splink, trained": engine(8.0, best=score(5, 0.85))}
FILE = {
    "data": "base-9-1",
    "records": 9,
    "people": 4,
    "engines": ENGINES,
    "core_ratio": {"exact": 0.25, "splink, trained": 4.0},
}


def store(records: int, milliseconds: float, database: str = "sqlite") -> dict[str, Any]:
    taken = {"rounds": 20, "p50_ms": milliseconds, "p99_ms": 4 * milliseconds, "cpu_ms": 0.5}
    step = {"records": records, "wall_seconds": 2.0, "cpu_seconds": 1.5, "peak_mib": 99.0}
    return {
        "database": database,
        "records": records,
        "land": step,
        "resolve": step,
        "change": {"rounds": {"1": taken, "100": taken}},
    }


def lines_of(**document: Any) -> list[str]:
    return table({"files": [], **document}).splitlines()


def line_of(lines: list[str], begin: str) -> list[str]:
    """The words behind this beginning."""
    return next(line for line in lines if line.startswith(begin)).removeprefix(begin).split()


def test_every_partition_stands_below_its_head() -> None:
    lines = lines_of(files=[FILE])

    head = lines[0].split()
    assert head[:2] == ["from", "P"]
    assert line_of(lines, "  ours, automatic")[:6] == ["4.0", "0.9900", "0.8000", "0.8100", "0.9500", "1,234"]
    assert line_of(lines, "  ours, likely")[3] == "0.9100"
    assert line_of(lines, "  exact, best")[3] == "0.7100"
    assert "  ours: 70 of 9,000 judged pairs lie between the thresholds; 60 questions for people" in lines


def test_costs_are_told_once_for_each_engine_against_ours_and_against_splink() -> None:
    lines = lines_of(files=[FILE])
    assert line_of(lines, "  ours, automatic")[6:] == ["3.00", "2.00", "1.00", "0.25", "1,500"]
    assert line_of(lines, "  ours, likely")[6:] == []
    assert line_of(lines, "  splink, trained, best")[6:] == ["9.00", "8.00", "4.00", "1.00", "1,500"]


def test_without_splink_nothing_is_compared_with_it() -> None:
    alone = FILE | {"engines": {"ours": OURS}, "core_ratio": {}}
    assert line_of(lines_of(files=[alone]), "  ours, automatic")[6:] == ["3.00", "2.00", "1.00", "-", "1,500"]


def test_weights_that_never_saw_a_file_stand_beside_the_shipped_ones() -> None:
    one = {
        "data": "fake_1000",
        "shipped": score(-1, 0.92),
        "left_out": score(-1, 0.87),
        "left_out_best": score(-4, 0.95),
        "generated_alone": score(-1, 0.84),
    }
    lines = lines_of(leave_one_out={"generated": {"records": 20_000, "seed": 31}, "files": [one]})
    assert "fake_1000: pair F1 0.9200 as shipped, 0.8700 left out" in lines
    assert line_of(lines, "  weights without this file, best")[3] == "0.9500"


def test_increments_tell_their_times_and_how_these_grow() -> None:
    increments = [store(10_000, 2.0), store(100_000, 3.0), store(10_000, 5.0, "postgres")]
    grown = growth(increments)
    assert grown == {"sqlite": {"from": 10_000, "to": 100_000, "p50_ratio": {"1": 1.5, "100": 1.5}}}
    lines = lines_of(increments=increments, growth=grown)

    assert "10,000 records on postgres" in lines
    assert line_of(lines, "  1 changed")[:6] == ["p50", "2.0", "ms", "p99", "8.0", "ms"]
    assert line_of(lines, "  landed and mapped")[:4] == ["2.00", "s", "5,000", "records/s"]
    last = "sqlite, p50 at 100,000 over that at 10,000 records: 1 changed x 1.50, 100 changed x 1.50"
    assert last in lines


def test_a_database_that_cannot_be_had_is_named_with_the_reason() -> None:
    none = {"database": "postgres", "records": 10_000, "missing": "no server is installed"}
    assert growth([none, store(100, 1.0, "postgres")]) == {}
    assert "10,000 records on postgres: not measured: no server is installed" in lines_of(increments=[none])
