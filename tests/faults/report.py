"""A pytest plugin: counts by fault id what was injected and survived, prints it, and writes it for machines and people.

python -m pytest -p tests.faults.report -m fault
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.faults.catalogue import FAULTS, IMPOSSIBLE, ROOMS, WAITING

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "faults.md"
DATA = ROOT / "build" / "faults.json"

HEAD = """# Faults survived

What goes wrong, how often it was made to go wrong in the last `make faults`, and how often the hub survived it: went
on, or stopped with everything kept and said why. Written by `make faults`; tests name the ids with
`@pytest.mark.fault`.
"""


@dataclass
class Count:
    """One id: tests by what became of them."""

    survived: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)

    @property
    def injected(self) -> int:
        return len(self.survived) + len(self.failed)


Counts = dict[str, Count]


@dataclass
class Tally:
    """What a session's reports add up to; a test counts for each id that it names."""

    counts: Counts = field(default_factory=lambda: defaultdict(Count))

    def hear(self, report: pytest.TestReport) -> None:
        for name, fault in report.user_properties:
            if name == "fault":
                self._count(self.counts[str(fault)], report)

    def _count(self, count: Count, report: pytest.TestReport) -> None:
        if report.failed:
            count.failed.add(report.nodeid)
            count.survived.discard(report.nodeid)
        elif report.skipped:
            count.skipped.add(report.nodeid)
        elif report.when == "call":
            count.survived.add(report.nodeid)


tally = Tally()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.user_properties += [("fault", mark.args[0]) for mark in item.iter_markers("fault")]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    tally.hear(report)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    DATA.parent.mkdir(exist_ok=True)
    DATA.write_text(json.dumps(as_json(tally.counts), indent=1) + "\n")
    missing = not_survived(tally.counts)
    if not missing:
        PAGE.write_text(page(tally.counts))
    elif exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for fault, told in as_json(tally.counts).items():
        terminalreporter.write_line(f"{fault}  {told['state']:<28}  {told['fault']}")
    missing = not_survived(tally.counts)
    if missing:
        terminalreporter.write_line(f"docs/faults.md was left as it is, for these were not survived: {missing}")


def as_json(counts: Counts) -> dict[str, dict[str, Any]]:
    """By id: the fault, the numbers, the tests, and a word on how it stands."""
    told: dict[str, dict[str, Any]] = {}
    for fault, what in FAULTS.items():
        count = counts.get(fault, Count())
        told[fault] = {
            "fault": what,
            "state": state(fault, count),
            "injected": count.injected,
            "survived": len(count.survived),
            "skipped": len(count.skipped),
            "failed": sorted(count.failed),
            "tests": sorted(count.survived),
        }
    return told


def state(fault: str, count: Count) -> str:
    later = f"waits: {WAITING[fault]}" if fault in WAITING else ""
    if count.injected:
        return f"{len(count.survived)} of {count.injected}" + (f"; {later}" if later else "")
    if fault in IMPOSSIBLE:
        return f"cannot be tried: {IMPOSSIBLE[fault]}"
    return later or ("skipped" if count.skipped else "no test")


def not_survived(counts: Counts) -> list[str]:
    """The ids that were tried and not survived, or neither tried nor excused."""
    excused = WAITING.keys() | IMPOSSIBLE.keys()
    return [
        fault
        for fault in FAULTS
        if (count := counts.get(fault, Count())).failed or not (count.survived or fault in excused)
    ]


def page(counts: Counts) -> str:
    """docs/faults.md."""
    told = as_json(counts)
    lines = [HEAD]
    for letter, room in ROOMS.items():
        lines += [f"## {room}", "", "| id | fault | survived |", "|---|---|---|"]
        lines += [f"| {fault} | {one['fault']} | {one['state']} |" for fault, one in told.items() if fault[0] == letter]
        lines.append("")
    tried = [one for one in told.values() if one["injected"]]
    survived, injected = (sum(one[name] for one in tried) for name in ("survived", "injected"))
    lines.append(f"{len(tried)} of {len(told)} ids tried, {survived} of {injected} faults survived.")
    return "\n".join(lines) + "\n"
