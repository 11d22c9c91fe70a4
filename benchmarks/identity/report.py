"""The figures of a run as a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

WIDE = 40
RIVAL = "splink, trained"
HEAD = (
    f"{'':{WIDE}}{'from':>6}{'P':>8}{'R':>8}{'pair F1':>9}{'B3 F1':>8}{'largest':>9}"
    f"{'CPU s':>9}{'core s':>9}{'/ ours':>8}{'/ Splink':>9}{'MiB':>8}"
)
LEGEND = """\
from     the threshold in bits: "automatic" and "likely" are as shipped, "best" is the best for the very file
P, R     pairs: how many of the claimed are one person, how many of those that are one person were found
B3 F1    B-cubed: as each record sees it
largest  records of the largest cluster
core s   CPU seconds from clean values to clusters; with Splink also of cleaning, and of training if it trains
/ ours   core CPU seconds over those of our automatic partition; / Splink: over those of Splink with training
MiB      the most memory that the process has had, with the generated records in landing, without PostgreSQL's own"""
PARTITIONS = ("automatic", "likely", "best")
LEFT_OUT = (
    ("shipped", "shipped weights, likely"),
    ("left_out", "weights without this file, likely"),
    ("left_out_best", "weights without this file, best"),
    ("generated_alone", "weights of generated records, likely"),
)


def table(document: Mapping[str, Any]) -> str:
    """Everything that was measured: engines file by file, weights that never saw a file, and increments."""
    lines = [HEAD]
    for file in document["files"]:
        lines += ["", f"{file['data']}: {file['records']:,} records of {file['people']:,} people"]
        for name, figures in file["engines"].items():
            lines += _engine(name, figures, file)
    if left_out := document.get("leave_one_out"):
        lines += ["", *_left_out(left_out)]
    if increments := document.get("increments"):
        lines += ["", *_increments(increments, document.get("growth", {}))]
    return "\n".join([*lines, "", LEGEND])


def _engine(name: str, figures: Mapping[str, Any], file: Mapping[str, Any]) -> Iterator[str]:
    core = figures["core_cpu_seconds"]
    trained = file["engines"].get(RIVAL)
    against = f"{core / trained['core_cpu_seconds']:9.2f}" if trained else f"{'-':>9}"
    cost = f"{figures['cpu_seconds']:9.2f}{core:9.2f}{file['core_ratio'].get(name, 1):8.2f}{against}"
    cost += f"{figures['peak_mib']:8,.0f}"
    for partition in PARTITIONS:
        if score := figures.get(partition):
            yield _quality(f"{name}, {partition}", score) + cost
            cost = ""
    if "questions" in figures:
        between = f"{figures['band']:,} of {figures['pairs']:,} judged pairs lie between the thresholds"
        yield f"  {name}: {between}; {figures['questions']:,} questions for people"


def _quality(label: str, score: Mapping[str, Any]) -> str:
    shares = f"{score['precision']:8.4f}{score['recall']:8.4f}{score['f1']:9.4f}{score['bcubed_f1']:8.4f}"
    return f"{'  ' + label:{WIDE}}{score['threshold']:6.1f}{shares}{score['largest']:9,}"


def _left_out(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"leave one out: weights of {found['generated']['records']:,} generated records and the other labelled files"
    for one in found["files"]:
        yield f"{one['data']}: pair F1 {one['shipped']['f1']:.4f} as shipped, {one['left_out']['f1']:.4f} left out"
        for name, label in LEFT_OUT:
            yield _quality(label, one[name])


def _increments(found: list[Mapping[str, Any]], grown: Mapping[str, Any]) -> Iterator[str]:
    yield "increments: from marked records to a committed partition"
    for one in found:
        store = f"{one['records']:,} records on {one['database']}"
        if missing := one.get("missing"):
            yield f"{store}: not measured: {missing}"
            continue
        yield store
        for step, words in (("land", "landed and mapped"), ("resolve", "first resolved")):
            yield _loaded(words, one[step])
        for size, taken in one["change"]["rounds"].items():
            yield _round(int(size), taken)
    for database, one in grown.items():
        ratios = ", ".join(f"{int(size):,} changed x {ratio:.2f}" for size, ratio in one["p50_ratio"].items())
        yield f"{database}, p50 at {one['to']:,} over that at {one['from']:,} records: {ratios}"


def _loaded(words: str, taken: Mapping[str, Any]) -> str:
    return (
        f"  {words:20} {taken['wall_seconds']:9.2f} s    {taken['records'] / taken['wall_seconds']:9,.0f} records/s"
        f"   CPU {taken['cpu_seconds']:9.2f} s    {taken['peak_mib']:7,.0f} MiB"
    )


def _round(size: int, taken: Mapping[str, Any]) -> str:
    changed = f"{size:,} changed"
    return (
        f"  {changed:15} p50 {taken['p50_ms']:10.1f} ms   p99 {taken['p99_ms']:7.1f} ms"
        f"   CPU {taken['cpu_ms']:14.1f} ms   {taken['rounds']:>4} rounds"
    )
