"""What training says: the file's comment, the command's JSON, and the same for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table

from dedupe.engine.levels import COMPARISONS
from dedupe.engine.model_form import CONTEXTS
from dedupe.engine.weights import Model
from hub.cli.output import show_table, table
from hub.queries.preview import Preview, Shown
from hub.queries.train import Lesson
from hub.settings.settings import Settings

TOLD_FROM = 100
"""A weight that changed by no more than this, in thousandths of a bit, is not told."""

ANY = ""


@dataclass(frozen=True, slots=True)
class Adoption:
    """`line`: what to write into hub.yaml. `folder`: where the file must be copied to before; "" when it is there."""

    line: str
    folder: str


@dataclass(frozen=True, slots=True)
class Trained:
    """A model made anew, what of, what it would change, where it was written and how it is adopted."""

    before: Model
    after: Model
    lesson: Lesson
    preview: Preview
    file: Path
    adoption: Adoption


class Change(NamedTuple):
    """One weight before and after, in thousandths of a bit. `context`: the company it stands in, where that counts."""

    comparison: str
    level: str
    context: str
    before: int
    after: int


def adoption(target: Path, settings: Settings) -> Adoption:
    own, folder = target.resolve(), settings.folder.resolve()
    inside = own.is_relative_to(folder)
    name = json.dumps(own.relative_to(folder).as_posix() if inside else target.name, ensure_ascii=False)
    line = f"identity: {{model: {name}, merge_from: {settings.hub.identity.merge_from}}}"
    return Adoption(line, "" if inside else f"{settings.folder.name}/")


def said_in_file(trained: Trained, day: str) -> list[str]:
    return [
        f"Who is one person: weights estimated by `hub train` on {day}, from the model {trained.before.version} and",
        f"{_learned_from(trained.lesson)}.",
        "Weights are in thousandths of a bit. It is in force once hub.yaml says so:",
        f"  {trained.adoption.line}",
    ]


def _learned_from(lesson: Lesson) -> str:
    candidates = f"{len(lesson.candidates)} candidate pairs"
    if lesson.way == "em":
        return f"{candidates} without labels"
    one, two = lesson.labelled.counts()
    unused = f" ({lesson.unused} more are never compared)" if lesson.unused else ""
    return f"{lesson.source}: {one} pairs of one person and {two} of two people{unused}, beside {candidates}"


def changes(before: Model, after: Model) -> Iterator[Change]:
    """The weights that changed by more than is worth telling, in the order of the comparisons."""
    yield from _if_told(Change("prior", ANY, ANY, before.prior, after.prior))
    for column, (name, levels) in enumerate(COMPARISONS.items()):
        for at, level in enumerate(levels):
            for number, context in enumerate(CONTEXTS):
                if name != "name":
                    old, new = (int(one.table[number, column, at]) for one in (before, after))
                    yield from _if_told(Change(name, level, context, old, new))
                elif before.context_of[at] == number:
                    old, new = (int(one.table[number, column, at]) for one in (before, after))
                    yield from _if_told(Change(name, level, ANY, old, new))


def _if_told(change: Change) -> Iterator[Change]:
    if abs(change.after - change.before) > TOLD_FROM:
        yield change


def document(trained: Trained) -> dict[str, Any]:
    """The command's JSON; weights in bits, as everywhere on the command line."""
    one, two = trained.lesson.labelled.counts()
    found = trained.preview
    return {
        "version": {"before": trained.before.version, "after": trained.after.version},
        "learned_from": trained.lesson.way,
        "labels": {"same": one, "different": two, "unused": trained.lesson.unused},
        "candidates": len(trained.lesson.candidates),
        "weights": [
            {**change._asdict(), "before": change.before / 1000, "after": change.after / 1000}
            for change in changes(trained.before, trained.after)
        ],
        "contacts": {
            "before": found.contacts[0],
            "after": found.contacts[1],
            "merged": found.merged,
            "split": found.split,
        },
        "review": {"before": found.questions[0], "after": found.questions[1]},
        "examples": {"merged": _as_json(found.to_merge), "split": _as_json(found.to_split)},
        "file": str(trained.file),
        "adopt": trained.adoption.line,
    }


def _as_json(examples: Sequence[Shown]) -> list[dict[str, Any]]:
    return [
        {
            "contact": one.contact,
            "others": [{"contact": other, "name": one.names.get(other, "")} for other in one.others],
        }
        for one in examples
    ]


def print_trained(trained: Trained) -> None:
    table.print(f"{trained.after.version}, from {_learned_from(trained.lesson)}.", markup=False)
    _print_weights(list(changes(trained.before, trained.after)))
    found = trained.preview
    table.print(
        f"If it is adopted: {found.contacts[0]} -> {found.contacts[1]} contacts ({found.merged} merged, {found.split} "
        f"split), {found.questions[0]} -> {found.questions[1]} questions to review.",
        markup=False,
    )
    _print_examples("one contact", "of", found.to_merge)
    _print_examples("no longer one contact", "but", found.to_split)
    table.print(f"Nothing has changed yet. Written: {trained.file}", markup=False)
    copied = f"copy it into {trained.adoption.folder}, " if trained.adoption.folder else ""
    table.print(f"To adopt it, {copied}write into hub.yaml:\n  {trained.adoption.line}", markup=False)
    table.print("and run `hub resolve`, which resolves everybody anew.", markup=False)


def _print_weights(told: Sequence[Change]) -> None:
    if not told:
        table.print("No weight changed by more than 0.1 bit.")
        return
    shown = Table(box=None, pad_edge=False)
    for name in ("weight", "level", "company"):
        shown.add_column(name)
    for name in ("before", "after"):
        shown.add_column(name, justify="right")
    for one in told:
        bits = (f"{weight / 1000:+.1f}" for weight in (one.before, one.after))
        shown.add_row(one.comparison, one.level, one.context, *bits)
    show_table(shown)


def _print_examples(title: str, verb: str, examples: Sequence[Shown]) -> None:
    for one in examples:
        contact, *others = (f"{of} {one.names.get(of, '')}".rstrip() for of in (one.contact, *one.others))
        table.print(f"  {title}: {contact} {verb} {', '.join(others)}", markup=False)
