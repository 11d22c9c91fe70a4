"""What a command says: data on stdout, talk on stderr, and with --json one document as the last thing on stdout."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any, NoReturn

import orjson
import typer
from rich.console import Console
from rich.table import Table

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document as the last thing on stdout.")]

NARROWEST_TABLE = 120

EXIT_OK = 0
EXIT_HELD = 1
EXIT_USAGE = 2
EXIT_BAD_DATA = 65
EXIT_VENDOR_DOWN = 69
EXIT_ALREADY_RUNNING = 73
EXIT_TRY_LATER = 75
EXIT_AUTH = 77
EXIT_CONFIG = 78

_SEVERITY = (EXIT_CONFIG, EXIT_AUTH, EXIT_VENDOR_DOWN, EXIT_TRY_LATER, EXIT_ALREADY_RUNNING, EXIT_BAD_DATA, EXIT_HELD)

talk = Console(stderr=True, highlight=False, soft_wrap=True)
"""For people: progress, hints, errors. Never data."""

table = Console(highlight=False, soft_wrap=True)
"""For data that a person reads: tables on stdout."""


def show_table(rows: Table) -> None:
    """Print a table whole: where there is no terminal, or a narrow one, its lines may be longer than it."""
    Console(highlight=False, width=max(table.width, NARROWEST_TABLE)).print(rows)


def emit(document: Mapping[str, Any]) -> None:
    """Print the command's one JSON document."""
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")
    sys.stdout.flush()


def worst(codes: list[int]) -> int:
    """Fold the ends of several runs into one exit code: 78 > 77 > 69 > 75 > 73 > 65 > 1 > 0."""
    return next((code for code in _SEVERITY if code in codes), EXIT_OK)


def stop(message: str, code: int) -> NoReturn:
    """End the command with a message on stderr and this exit code."""
    talk.print(message, markup=False)
    raise typer.Exit(code)
