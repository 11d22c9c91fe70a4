"""The options before the command, and the one place that knows the configuration folder."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class LogFormat(StrEnum):
    JSON = "json"
    TEXT = "text"


@dataclass(slots=True)
class Invocation:
    """What was said before the command. `json` may also be said after it; a command asks `wants_json`."""

    folder: Path
    json: bool
    log_format: LogFormat | None = None


def options(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("-c", "--config", help="The configuration folder.")] = Path("config"),
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document as the last thing on stdout.")] = False,
    log_format: Annotated[
        LogFormat | None, typer.Option("--log-format", help="How to log, whatever hub.yaml says.")
    ] = None,
) -> None:
    """Many systems, one contact, and consent that travels."""
    context.obj = Invocation(folder, json, log_format)


def folder(context: typer.Context) -> Path:
    found: Invocation = context.obj
    return found.folder


def wants_json(context: typer.Context, after: bool) -> bool:
    """True when --json was said, before or after the command."""
    found: Invocation = context.obj
    return after or found.json


def log_format(context: typer.Context) -> LogFormat | None:
    """What --log-format said."""
    found: Invocation = context.obj
    return found.log_format
