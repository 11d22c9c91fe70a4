"""The command that measures identity resolution against labels: evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from dedupe.engine.weights import Model
from dedupe.evaluate import Bcubed, Pairs, Point, best, from_weight, rates
from dedupe.picture import Thresholds, picture
from hub.cli.app import wants_json
from hub.cli.export import opened
from hub.cli.hub import open_hub
from hub.cli.output import EXIT_BAD_DATA, EXIT_USAGE, JsonOption, emit, show_table, stop, table, talk
from hub.cli.truth import BadTruth, Labels, read_truth, told
from hub.queries.bands import Band
from hub.queries.evaluate import Evaluation, NothingFound, evaluate_against


def register(app: typer.Typer) -> None:
    """Add the command of this file to `hub`."""
    app.command("evaluate")(evaluate_command)


def evaluate_command(
    context: typer.Context,
    truth: Annotated[Path, typer.Argument(help="CSV with connection, stream, external_id and person.")],
    band: Annotated[Band, typer.Option("--band", help="likely: as if all that waits for review were merged.")] = (
        Band.AUTOMATIC
    ),
    drawn: Annotated[Path | None, typer.Option("--picture", help="An SVG file to draw curve and weights in.")] = None,
    json: JsonOption = False,
) -> None:
    """Measure precision and recall against records whose person is known."""
    labels = read_or_stop(truth)
    with open_hub(context) as hub:
        model = hub.settings.model
        with hub.store.read() as db:
            try:
                found = evaluate_against(db, labels.persons, band, model)
            except NothingFound:
                stop(f"none of the {len(labels.persons)} records that {truth} names is here", EXIT_BAD_DATA)
    _tell_missing(found, labels)
    if drawn:
        _draw(found, model, drawn, f"{truth.name}, band {band}")
    if wants_json(context, json):
        emit(_document(found, band, model))
    else:
        _print(found, model)


def read_or_stop(truth: Path) -> Labels:
    """The labels of a file; ends the command with what is wrong with it."""
    try:
        return read_truth(truth)
    except OSError as error:
        stop(f"cannot read {truth}: {error.strerror}", EXIT_USAGE)
    except BadTruth as error:
        stop(str(error), EXIT_BAD_DATA)


def _tell_missing(found: Evaluation, labels: Labels) -> None:
    if found.missing:
        lines = [f"line {labels.lines[key]}: {':'.join(key)}" for key in found.missing]
        talk.print(f"{len(lines)} labelled records are not here and do not count:{told(lines)}", markup=False)


def _draw(found: Evaluation, model: Model, out: Path, title: str) -> None:
    try:
        with opened(out) as file:
            file.write(picture(found.curve, found.histogram, Thresholds(model.automatic, model.likely), title))
    except OSError as error:
        stop(f"cannot write {out}: {error.strerror}", EXIT_USAGE)


def _document(found: Evaluation, band: Band, model: Model) -> dict[str, Any]:
    """The command's JSON; weights in bits, as everywhere on the command line."""
    chosen = best(found.curve)
    return {
        "band": band.value,
        "missing": len(found.missing),
        **found.figures.as_json(),
        "thresholds": {"automatic": model.automatic / 1000, "likely": model.likely / 1000},
        "best": _point(chosen) if chosen else None,
        "curve": [_point(point) for point in found.curve],
    }


def _point(point: Point) -> dict[str, float]:
    return {"weight": point.weight / 1000} | rates(point.pairs)


def _print(found: Evaluation, model: Model) -> None:
    shown = Table(box=None, pad_edge=False)
    shown.add_column("")
    for name in ("precision", "recall", "F1"):
        shown.add_column(name, justify="right")
    shown.add_row("contacts, pair by pair", *_shares(found.figures.pairs))
    shown.add_row("contacts, record by record (B-cubed)", *_shares(found.figures.bcubed))
    thresholds = [("where they are merged", model.automatic), ("where a person is asked", model.likely)]
    if chosen := best(found.curve):
        thresholds.append(("where F1 is best", chosen.weight))
    for where, weight in thresholds:
        if point := from_weight(found.curve, weight):
            shown.add_row(f"judged pairs alone, from {weight / 1000:.1f} bits, {where}", *_shares(point.pairs))
    show_table(shown)
    of, labelled = found.figures, found.figures.records + len(found.missing)
    table.print(
        f"{of.records} of {labelled} labelled records found: {of.people} people in {of.clusters} contacts; "
        f"records in the largest: {of.largest}, people in it: {of.largest_people}",
        markup=False,
    )


def _shares(found: Pairs | Bcubed) -> list[str]:
    return [f"{share:.1%}" for share in (found.precision, found.recall, found.f1)]
