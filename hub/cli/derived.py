"""The commands about derived tables and what leaves as files: resolve, digest, export."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.app import wants_json
from hub.cli.export import Format, MissingParquet, write_rows
from hub.cli.hub import open_hub
from hub.cli.output import EXIT_ALREADY_RUNNING, EXIT_USAGE, JsonOption, emit, stop, table, talk
from hub.cli.progress import progress
from hub.cli.who import noted
from hub.queries.bands import Band
from hub.queries.cells import Rows
from hub.queries.digest import digest
from hub.queries.export import assignments, golden_contacts
from hub.queries.totals import contacts_total, review_open
from hub.stages.order import derive, rebuild, unmapped
from hub.store.leases import AlreadyRunning


class What(StrEnum):
    ASSIGNMENTS = "assignments"
    CONTACTS = "contacts"


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    app.command("resolve")(resolve_command)
    app.command("digest")(digest_command)
    app.command("export")(export_command)


def resolve_command(
    context: typer.Context,
    anew: Annotated[bool, typer.Option("--rebuild", help="Delete all derived rows and derive them again.")] = False,
    json: JsonOption = False,
) -> None:
    """Work off what waits for identity resolution, or rebuild everything derived."""
    with open_hub(context) as hub:
        with progress() as reporter:
            work = rebuild if anew else derive
            try:
                resolved = work(hub.store, hub.settings, reporter.resolving)
            except AlreadyRunning as error:
                stop(str(error), EXIT_ALREADY_RUNNING)
        if anew:
            noted(hub, "derived.rebuild", "all")
        with hub.store.read() as db:
            total, questions, left = contacts_total(db), review_open(db), unmapped(db)
    for connection, stream, count in left:
        talk.print(
            f"{connection}.{stream}: {count} landed records left out, the stream is not configured", markup=False
        )
    if wants_json(context, json):
        emit({"records": resolved.records, "contacts": {"total": total}, "review": {"open": questions}})
    else:
        table.print(f"{resolved.records} records resolved, {total} contacts, {questions} to review")


def digest_command(context: typer.Context, json: JsonOption = False) -> None:
    """One hash per table, facts and derived apart, to compare two databases by content."""
    with open_hub(context) as hub, hub.store.read() as db:
        document = digest(db)
    if wants_json(context, json):
        emit(document)
        return
    for nature, tables in document.items():
        for name, value in tables.items():
            table.print(f"{nature:<8} {name:<18} {value}", markup=False)


def export_command(
    context: typer.Context,
    what: Annotated[What, typer.Argument(help="assignments: who belongs to whom; contacts: the golden records.")],
    band: Annotated[Band, typer.Option("--band", help="likely: merge what waits for review too.")] = Band.AUTOMATIC,
    form: Annotated[Format, typer.Option("--format", help="The file's format.")] = Format.CSV,
    out: Annotated[Path | None, typer.Option("--out", help="The file; stdout when it is not named.")] = None,
) -> None:
    """Write assignments or contacts as CSV, JSON lines or Parquet."""
    with open_hub(context) as hub:
        # before the first row leaves: who breaks off in the middle has them too
        noted(hub, f"export.{what.value}", "all", {"format": form.value, "to": "stdout" if out is None else "a file"})
        with hub.store.read() as db:
            rows = assignments(db, band, hub.settings.model) if what is What.ASSIGNMENTS else golden_contacts(db)
            count = _write(rows, form, out)
    talk.print(f"{count} rows", markup=False)


def _write(rows: Rows, form: Format, out: Path | None) -> int:
    try:
        return write_rows(rows, form, out)
    except MissingParquet as error:
        stop(str(error), EXIT_USAGE)
    except OSError as error:
        if out is None:  # whoever read our stdout has gone; the command line library knows what to do then
            raise
        stop(f"cannot write {out}: {error.strerror}", EXIT_USAGE)
