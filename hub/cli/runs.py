"""The command about what ran: the latest runs, one of them, and a person's answer to one that asks for it."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import Connection, select

from hub.audit import note
from hub.cli.app import wants_json
from hub.cli.hub import Hub, open_hub
from hub.cli.output import EXIT_HELD, EXIT_OK, EXIT_USAGE, JsonOption, emit, show_table, stop, table, talk
from hub.cli.who import me
from hub.jobs.cancelling import CannotCancel, cancel
from hub.jobs.gone import GoneMoved, NothingWaits, approve, deny, drift_of, waiting_gone
from hub.stages.passes import passes
from hub.stages.runs import runs
from hub.store.leases import AlreadyRunning

RUN_COLUMNS = (
    "connection",
    "stream",
    "status",
    "fetched",
    "applied",
    "unchanged",
    "superseded",
    "quarantined",
    "dropped",
    "remarks",
)


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    app.command("runs")(runs_command)


def runs_command(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(help="One run.")] = None,
    yes_to: Annotated[
        str | None, typer.Option("--approve", metavar="ID", help="Delete what the run found gone, as it was shown.")
    ] = None,
    no: Annotated[bool, typer.Option("--deny", help="Delete nothing of what the run found gone.")] = False,
    end: Annotated[
        bool, typer.Option("--cancel", help="End a run that waits, or one at work at its next page or call.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """The latest sync runs, or one of them; with --approve or --deny the answer to what it asks."""
    with open_hub(context) as hub:
        if end:
            _cancel(hub, number)
        if yes_to is not None or no:
            _answer(hub, number, yes_to, no)
        rows = _rows(hub, number)
        asked = None if number is None else waiting_gone(hub.store, hub.settings, number)
    if number is not None and not rows:
        stop(f"there is no run {number}", EXIT_USAGE)
    if wants_json(context, json):
        emit({"runs": rows, **({"waiting": asked} if asked else {})})
    elif not rows:
        talk.print("No syncs yet: hub sync")
    else:
        show_table(runs_table(rows))
        _tell_messages(rows)
        _tell_gone(asked)
    raise typer.Exit(EXIT_OK)


def _cancel(hub: Hub, number: int | None) -> None:
    if number is None:
        stop("say which run: hub runs 12 --cancel", EXIT_USAGE)
    who, now = getpass.getuser(), datetime.now(UTC)

    def work(db: Connection) -> bool:
        ended = cancel(db, hub.settings.hub.installation, number, who, now)
        note(db, now, who, "run.cancel", str(number))
        return ended

    try:
        ended = hub.store.write(work)
    except CannotCancel as error:
        stop(str(error), EXIT_USAGE)
    talk.print(
        f"run {number} is cancelled" if ended else f"run {number} ends at its next page, or before its next call"
    )


def _answer(hub: Hub, number: int | None, yes_to: str | None, no: bool) -> None:
    if number is None or (no and yes_to is not None):
        stop("say which run, and either --approve ID or --deny: hub runs 12 --approve 0123456789ab", EXIT_USAGE)
    try:
        if yes_to is None:
            deny(hub.store, hub.settings, number, me())
        else:
            approve(hub.store, hub.settings, number, yes_to, me())
    except NothingWaits as error:
        stop(str(error), EXIT_USAGE)
    except GoneMoved as error:
        stop(str(error), EXIT_HELD)
    except AlreadyRunning as error:
        stop(str(error), error.exit_code)


def _rows(hub: Hub, number: int | None) -> list[dict[str, Any]]:
    """The runs, newest first; each reconciliation with what it found."""
    query = select(runs).order_by(runs.c.id.desc()).limit(50)
    with hub.store.read() as db:
        rows = db.execute(query if number is None else query.where(runs.c.id == number)).mappings().all()
        own = select(passes).where(passes.c.run_id.in_([row["id"] for row in rows]))
        drift = {row["run_id"]: drift_of(dict(row)) for row in db.execute(own).mappings()}
    return [{**row, "drift_found": drift.get(row["id"])} for row in rows]


def runs_table(rows: list[dict[str, Any]]) -> Table:
    """One line a run, with where its rows went."""
    shown = Table(box=None, pad_edge=False)
    for name in RUN_COLUMNS:
        is_number = name not in ("connection", "stream", "status")
        shown.add_column(name, justify="right" if is_number else "left")
    for row in rows:
        shown.add_row(*(str(row[name]) for name in RUN_COLUMNS))
    return shown


def _tell_messages(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        if row["message"]:
            talk.print(f"run {row['id']} {row['connection']}.{row['stream']}: {row['message']}", markup=False)


def _tell_gone(asked: dict[str, Any] | None) -> None:
    if asked is None:
        return
    for external_id in asked["first"]:
        table.print(f"  gone: {external_id}", markup=False)
    if asked["gone"] > len(asked["first"]):
        talk.print(f"and {asked['gone'] - len(asked['first'])} more")
    talk.print(f"{asked['gone']} of {asked['records']}: --approve {asked['plan']} deletes them, --deny does not")
