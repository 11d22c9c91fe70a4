"""The command that estimates the weights of the identity model anew, and shows what would change: train."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dedupe.engine.model_text import text_of
from dedupe.engine.weights import Model
from dedupe.training import ANCHOR_OF_DECISIONS, ANCHOR_OF_TRUTH, from_labels
from dedupe.training_em import from_candidates
from hub.cli.app import wants_json
from hub.cli.evaluate import read_or_stop
from hub.cli.hub import open_hub
from hub.cli.output import EXIT_BAD_DATA, EXIT_USAGE, JsonOption, emit, stop
from hub.cli.train_text import Trained, adoption, document, print_trained, said_in_file
from hub.queries.evaluate import RecordKey
from hub.queries.preview import preview, with_names
from hub.queries.train import FEWEST, Everybody, Lesson, everybody, from_decisions, from_truth, without_labels
from hub.settings.files import SUFFIXES
from hub.settings.settings import Settings

DEFAULT_FILE = "identity.yaml"


def register(app: typer.Typer) -> None:
    """Add the command of this file to `hub`."""
    app.command("train")(train_command)


def train_command(
    context: typer.Context,
    labels: Annotated[Path | None, typer.Option("--labels", help="Learn from this CSV, as of `hub evaluate`.")] = None,
    em: Annotated[bool, typer.Option("--em", help="Learn without labels, from all candidate pairs.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="The model's file; identity.yaml in the configuration folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file, if it is not in force.")] = False,
    json: JsonOption = False,
) -> None:
    """Estimate the weights of identity anew, from decisions or labels, and show what would change."""
    if labels and em:
        stop("--labels and --em are two ways to learn: choose one", EXIT_USAGE)
    persons = read_or_stop(labels).persons if labels else None
    with open_hub(context) as hub:
        settings, target = hub.settings, out or hub.settings.folder / DEFAULT_FILE
        _may_write(target, settings, force)
        with hub.store.read() as db:
            everyone = everybody(db)
            lesson = _lesson(everyone, settings.model, labels, persons, em)
            day = datetime.now(UTC).date().isoformat()
            model = _learned(settings.model, lesson, day)
            shown = with_names(db, preview(everyone, settings.model, model))
    trained = Trained(settings.model, model, lesson, shown, target, adoption(target, settings))
    _write(target, text_of(model, said_in_file(trained, day)))
    if wants_json(context, json):
        emit(document(trained))
    else:
        print_trained(trained)


def _may_write(target: Path, settings: Settings, force: bool) -> None:
    if target.suffix not in SUFFIXES:
        stop(f"{target} must end in .yaml, or it could not be adopted", EXIT_USAGE)
    if target.resolve() == (settings.folder / settings.hub.identity.model).resolve():
        stop(f"{target} is the model in force: write another with --out, and adopt that one", EXIT_USAGE)
    if target.exists() and not force:
        stop(f"{target} is there already: write another with --out, or add --force", EXIT_USAGE)


def _lesson(
    everyone: Everybody, model: Model, file: Path | None, persons: Mapping[RecordKey, str] | None, em: bool
) -> Lesson:
    """What there is to learn from; ends the command when it is too little."""
    if em:
        found = without_labels(everyone, model)
        if not len(found.candidates):
            stop("nobody here shares anything with anybody: has `hub sync` run?", EXIT_BAD_DATA)
        return found
    if file and persons is not None:
        return _enough(from_truth(everyone, persons, file.name, model))
    return _enough(from_decisions(everyone, model))


def _enough(lesson: Lesson) -> Lesson:
    one, two = lesson.labelled.counts()
    if min(one, two) < FEWEST:
        stop(
            f"too few labels: from {lesson.source} come {one} pairs of one person and {two} of two people that are "
            f"compared; {FEWEST} of each are the fewest.\nDecide more (hub merge, hub split), or name a file with "
            "--labels TRUTH.csv, or learn without labels with --em.",
            EXIT_BAD_DATA,
        )
    return lesson


def _learned(model: Model, lesson: Lesson, day: str) -> Model:
    if lesson.way == "em":
        return from_candidates(model, lesson.candidates, day)
    anchor = ANCHOR_OF_TRUTH if lesson.way == "labels" else ANCHOR_OF_DECISIONS
    return from_labels(model, lesson.labelled, lesson.candidates, anchor, day)


def _write(target: Path, text: str) -> None:
    """The file appears whole or not at all."""
    part = target.with_name(f"{target.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(target)
    except OSError as error:
        stop(f"cannot write {target}: {error.strerror}", EXIT_USAGE)
