"""The figures of a run as a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

HEAD = (
    f"{'':40}{'at':>6}{'P':>8}{'R':>8}{'pair F1':>9}{'B3 F1':>8}{'largest':>9}"
    f"{'CPU s':>9}{'core s':>9}{'x ours':>8}{'MiB':>7}"
)
PARTITIONS = ("automatic", "likely", "best")


def table(document: Mapping[str, Any]) -> str:
    """`core s` is without starting, reading and mapping; `x ours` compares it with that of our *automatic*."""
    lines = [HEAD]
    for file in document["files"]:
        lines += ["", f"{file['data']}: {file['records']:,} records of {file['people']:,} people"]
        for name, figures in file["engines"].items():
            lines += _engine(name, figures, file["core_ratio"].get(name))
    if rounds := document.get("increments"):
        lines += ["", *_increments(rounds)]
    return "\n".join(lines)


def _engine(name: str, figures: Mapping[str, Any], ratio: float | None) -> Iterator[str]:
    cost = f"{figures['cpu_seconds']:9.2f}{figures['core_cpu_seconds']:9.2f}"
    cost += f"{ratio or 1:8.2f}{figures['peak_mib']:7.0f}"
    for partition in PARTITIONS:
        if score := figures.get(partition):
            quality = f"{score['precision']:8.4f}{score['recall']:8.4f}{score['f1']:9.4f}{score['bcubed_f1']:8.4f}"
            label = f"  {name}, {partition}"
            yield f"{label:40}{score['threshold']:6.1f}{quality}{score['largest']:9,}{cost}"
            cost = ""
    if "questions" in figures:
        between = f"{figures['band']:,} of {figures['pairs']:,} judged pairs lie between the thresholds"
        yield f"  {name}: {between}; {figures['questions']:,} questions for people"


def _increments(found: Mapping[str, Any]) -> Iterator[str]:
    load = found["load"]
    yield (
        f"increments on {found['records']:,} records in SQLite (first resolved at {load['resolved_per_second']:,.0f}"
        f" records/s)"
    )
    for size, taken in found["rounds"].items():
        changed = f"{int(size):,} changed"
        yield (
            f"  {changed:14} p50 {taken['p50_ms']:9.1f} ms   p99 {taken['p99_ms']:9.1f} ms"
            f"   CPU {taken['cpu_ms']:9.1f} ms   ({taken['rounds']} rounds)"
        )
