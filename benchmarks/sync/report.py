"""The figures of a run as a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

WIDE = 32
REST_API, ARROW = "dlt: rest_api", "dlt: Arrow resource"
Figures = Mapping[str, Any]

HEAD = (
    f"{'':{WIDE}}{'rec/s':>9}{'wall s':>9}{'start s':>9}{'flow/s':>9}{'CPU s':>8}{'+pg':>7}{'us/rec':>8}{'MiB':>7}"
    f"{'/ rest_api':>12}{'/ Arrow':>9}"
)
LEGEND = """\
rec/s       records a second of the whole process, its start included; the median run by wall time
start s     until it asked for its first page; flow/s: records a second of the time from there to its end
CPU s       of the process with its children; +pg: PostgreSQL's own meanwhile
us/rec      CPU microseconds a record, without PostgreSQL's; MiB: the largest of its processes
/ rest_api  its rec/s over those of tuned dlt rest_api on the same database; / Arrow: over dlt's Arrow resource"""


def table(document: Figures) -> str:
    """Everything that was measured: first loads, our stages, a slow vendor, kills, second runs."""
    lines = [_setting(document), "", HEAD]
    for one in document["loads"]:
        lines += ["", f"{document['records']:,} records on {one['database']}, {one['page']:,} a page"]
        lines += [_line(name, figures, one["contenders"]) for name, figures in one["contenders"].items()]
    for one in document["shares"]:
        lines += ["", *_shares(one)]
    if document["slow"]:
        lines += ["", *map(_slow, document["slow"])]
    if document["kills"]:
        lines += ["", *(line for one in document["kills"] for line in _kills(one))]
    for one in document["second_runs"]:
        lines += ["", *_second(one)]
    lines += ["", *(f"not measured: {reason}" for reason in document["missing"])]
    return "\n".join([*lines, "", LEGEND])


def _setting(document: Figures) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in document["versions"].items())
    begun, ended = (f"{document['load'][at]:.1f}" for at in ("begun", "ended"))
    runs = f"median of {document['runs']}" if document["runs"] > 1 else "one run"
    return f"{document['cores']} cores, {runs}, load {begun} before and {ended} after; {versions}"


def _line(name: str, figures: Figures, beside: Mapping[str, Figures]) -> str:
    server = figures["server_cpu_seconds"]
    return (
        f"  {name:{WIDE - 2}}{figures['records_per_second']:9,.0f}{figures['wall_seconds']:9.2f}"
        f"{figures['start_seconds']:9.2f}{_flow(figures):9,.0f}{figures['cpu_seconds']:8.2f}"
        f"{_or_dash(server, '.2f'):>7}"
        f"{figures['cpu_us_a_record']:8.0f}{figures['peak_mib']:7,.0f}"
        f"{_or_dash(_ratio(figures, beside.get(REST_API)), '.2f'):>12}"
        f"{_or_dash(_ratio(figures, beside.get(ARROW)), '.2f'):>9}"
    )


def _flow(figures: Figures) -> float:
    records: float = figures["records_per_second"] * figures["wall_seconds"]
    return records / (figures["wall_seconds"] - figures["start_seconds"])


def _ratio(figures: Figures, other: Figures | None) -> float | None:
    return figures["records_per_second"] / other["records_per_second"] if other else None


def _or_dash(value: float | None, how: str) -> str:
    return "-" if value is None else format(value, how)


def _shares(one: Figures) -> Iterator[str]:
    parts, records = one["parts"], one["records"]
    total = sum(part["cpu_seconds"] for part in parts.values())
    yield f"ours on {one['database']}, {one['page']:,} a page: the stages of hub sync, one run"
    for name, part in parts.items():
        share, each = part["cpu_seconds"] / total, part["cpu_seconds"] / records * 1e6
        yield f"  {name:{WIDE - 2}}{share:9.1%} of CPU{each:8.1f} us/rec{part['wall_seconds']:9.2f} s wall"
    start = one["imports_cpu_seconds"] + one["opening_cpu_seconds"]
    yield f"  {'(start, beside these)':{WIDE - 2}}{'':16}{start / records * 1e6:8.1f} us/rec{start:9.2f} s CPU"


def _slow(one: Figures) -> str:
    ours, http = one["ours"], one["http"]
    return (
        f"{one['milliseconds']} ms a page, {one['page']:,} a page, {one['database']}: landing + mapping takes "
        f"{ours['wall_seconds']:.2f} s, fetching alone {http['wall_seconds']:.2f}, its CPU {ours['cpu_seconds']:.2f}: "
        f"{one['ratio']:.2f} of the larger"
    )


def _kills(one: Figures) -> Iterator[str]:
    most = max(killed["read_twice"] for killed in one["kills"])
    where = f"{one['database']}, {one['page']:,} a page"
    yield f"a pull of ours killed at full speed on {where}: {most:,} records read twice at most"
    told = ", ".join(f"{killed['read_twice']:,} after {killed['served_before']:,}" for killed in one["kills"])
    yield f"  {told}"


def _second(one: Figures) -> Iterator[str]:
    yield f"second runs on {one['database']}, as whole processes: {one['records']:,} changed since, or nothing"
    for name, figures in one["changed"].items():
        idle = one["idle"][name]
        yield (
            f"  {name:{WIDE - 2}}{figures['wall_seconds']:9.2f} s{figures['cpu_seconds']:8.2f} CPU s"
            f"{figures['start_seconds']:8.2f} s until it asks{idle['wall_seconds']:12.2f} s with nothing new"
        )
