"""The catalogue, the tests' marks and docs/faults.md say the same; what was not survived is told."""

from __future__ import annotations

import re

import pytest

from tests.architecture import tree
from tests.faults.catalogue import FAULTS, IMPOSSIBLE, ROOMS, WAITING
from tests.faults.report import PAGE, Count, Tally, as_json, not_survived, page

MARK = re.compile(r'mark\.fault\("([A-Z]\d\d)"\)')

ELSEWHERE = re.compile(r"[MC]\d\d")
"""What was measured of the packages that we use, and the configuration: no entries of this catalogue."""

EVERYTHING = {fault: Count(survived={"test"}) for fault in FAULTS}


def marked() -> set[str]:
    tests = [path for path in tree.python_files() if path.is_relative_to(tree.ROOT / "tests")]
    found = {fault for path in tests for fault in MARK.findall(path.read_text())}
    return {fault for fault in found if not ELSEWHERE.fullmatch(fault)}


def report(when: str = "call", outcome: str = "passed", fault: str = "H06") -> pytest.TestReport:
    return pytest.TestReport(
        "tests/a.py::test_it",
        ("", 0, ""),
        {},
        outcome,
        None,
        when,
        user_properties=[("fault", fault)],  # type: ignore[arg-type]
    )


def test_every_mark_names_an_entry() -> None:
    assert marked() - FAULTS.keys() == set()


def test_every_entry_has_a_test_or_an_excuse_and_is_in_a_room() -> None:
    assert FAULTS.keys() - marked() - WAITING.keys() - IMPOSSIBLE.keys() == set()
    assert {fault[0] for fault in FAULTS} == ROOMS.keys()
    assert (WAITING.keys() | IMPOSSIBLE.keys()) <= FAULTS.keys()


def test_the_page_has_every_entry_as_the_catalogue_says_it() -> None:
    """The numbers are those of the last `make faults`; what was added since makes this fail until it is run."""
    rows = re.findall(r"^\| ([A-Z]\d\d) \| (.*?) \| (.*?) \|$", PAGE.read_text(), re.MULTILINE)
    assert [(fault, what) for fault, what, _ in rows] == list(FAULTS.items())
    assert {fault for fault, _, state in rows if re.match(r"\d+ of \d+", state)} == marked()


def test_a_test_counts_once_and_a_failure_counts_whenever_it_comes() -> None:
    tally = Tally()
    for when in ("setup", "call", "teardown"):
        tally.hear(report(when))
    assert as_json(tally.counts)["H06"]["state"] == "1 of 1"
    tally.hear(report("teardown", "failed"))
    assert as_json(tally.counts)["H06"]["state"] == "0 of 1"
    assert "H06" in not_survived(tally.counts)


def test_what_was_only_skipped_was_not_survived() -> None:
    tally = Tally()
    tally.hear(report("setup", "skipped"))
    assert as_json(tally.counts)["H06"]["state"] == "skipped"
    assert "H06" in not_survived(tally.counts)


def test_when_all_is_survived_nothing_is_missing_and_the_page_adds_it_up() -> None:
    assert not_survived(EVERYTHING) == []
    assert page(EVERYTHING).endswith(
        f"{len(FAULTS)} of {len(FAULTS)} ids tried, {len(FAULTS)} of {len(FAULTS)} faults survived.\n"
    )
    assert not_survived({}) == [fault for fault in FAULTS if fault not in WAITING | IMPOSSIBLE]
