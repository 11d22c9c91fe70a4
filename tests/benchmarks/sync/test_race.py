"""Of several runs the middle one counts, whole."""

from __future__ import annotations

from typing import Any

from benchmarks.sync.race import median


def run(wall: float, cpu: float) -> dict[str, Any]:
    return {"wall_seconds": wall, "cpu_seconds": cpu}


def test_the_median_is_a_run_that_was_and_not_a_mixture() -> None:
    found = median([run(9.0, 1.0), run(2.0, 5.0), run(3.0, 0.5)])

    assert found == {"wall_seconds": 3.0, "cpu_seconds": 0.5, "walls": [9.0, 2.0, 3.0]}


def test_of_two_the_quicker_one_counts() -> None:
    assert median([run(4.0, 1.0), run(2.0, 5.0)])["wall_seconds"] == 2.0
