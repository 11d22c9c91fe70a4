"""The `hub` command itself: the options before the command, and the one place that knows the configuration folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="hub",
    help="Many systems, one contact, and consent that travels.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@dataclass(slots=True)
class Invocation:
    """What was said before the command. `json` may also be said after it; a command asks `wants_json`."""

    folder: Path
    json: bool


@app.callback()
def options(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("-c", "--config", help="The configuration folder.")] = Path("config"),
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document as the last thing on stdout.")] = False,
) -> None:
    context.obj = Invocation(folder, json)


def folder(context: typer.Context) -> Path:
    found: Invocation = context.obj
    return found.folder


def wants_json(context: typer.Context, after: bool) -> bool:
    """True when --json was said, before or after the command."""
    found: Invocation = context.obj
    return after or found.json
