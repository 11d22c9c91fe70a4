"""The command that shows the hub at work in five minutes: demo."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import select

from hub.cli.app import Invocation, wants_json
from hub.cli.hub import Hub, open_hub
from hub.cli.output import EXIT_TRY_LATER, EXIT_USAGE, JsonOption, emit, stop, table, talk, worst
from hub.cli.sync import run_sync
from hub.cli.up import PortOption, pages, work_until_stopped
from hub.queries.totals import contacts_total, records_total, review_open
from hub.stages.golden import contacts
from hub.stages.pull import Wish

FOLDER = Path("build/demo")


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    app.command("demo")(demo_command)


def demo_command(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Exit when the first sync is done.")] = False,
    people: Annotated[int, typer.Option("--people", help="How many people to invent.")] = 2_000,
    port: PortOption = 0,
    json: JsonOption = False,
) -> None:
    """Simulated vendors, invented people, a first sync, and the page to look at them."""
    from hub.demo.world import FolderInUse, world

    try:
        with world(FOLDER, people):
            context.obj = Invocation(FOLDER / "config", wants_json(context, json))
            with open_hub(context) as hub, pages(hub, "127.0.0.1", port) as server:
                code = _first_sync(hub, people, server.sign_in_url, wants_json(context, json))
                if not once and code != EXIT_TRY_LATER:
                    _tell(hub, server.sign_in_url)
                    work_until_stopped(hub)
    except (FolderInUse, ValueError) as error:
        stop(str(error), EXIT_USAGE)
    raise typer.Exit(code)


def _first_sync(hub: Hub, people: int, url: str, as_json: bool) -> int:
    talk.print(f"{people} invented people, as two vendors and two file drops know them. Pulling:")
    ends, _ = run_sync(hub, [], Wish())
    document = _document(hub, people, url)
    if as_json:
        emit(document)
    else:
        told = (
            f"{document['records']} records became {document['contacts']} contacts, {document['review_open']} to review"
        )
        table.print(told)
    return worst([end.exit_code for end in ends])


def _document(hub: Hub, people: int, url: str) -> dict[str, Any]:
    """The contract's document of a demo. Nothing is pushed yet, so nothing can have been."""
    with hub.store.read() as db:
        return {
            "people": people,
            "records": records_total(db),
            "contacts": contacts_total(db),
            "review_open": review_open(db),
            "pushed": {"withdrawals": 0, "grants": 0, "segments": 0},
            "withheld": 0,
            "opted_out_sent": 0,
            "url": url,
        }


def _command() -> str:
    """What to type for `hub` here: a new user's virtual environment is seldom on the path."""
    return "hub" if shutil.which("hub") else os.path.relpath(sys.argv[0])


def _tell(hub: Hub, url: str) -> None:
    with hub.store.read() as db:
        richest = db.execute(select(contacts).order_by(contacts.c.records.desc(), contacts.c.id).limit(1)).one()
    hub_here = f"{_command()} -c {FOLDER / 'config'}"
    for line in (
        "",
        f"Open   {url}   (works once, for 15 minutes)",
        "",
        "Three things to try, in another terminal:",
        "  one person, and how the contact was built:",
        f"    {hub_here} contacts show {richest.id} --how",
        "  a second sync, in which nothing is applied twice:",
        f"    {hub_here} sync",
        "  who belongs to whom, record by record:",
        f"    {hub_here} export assignments --band likely",
        "",
        "Ctrl-C ends it.",
    ):
        table.print(line, markup=False, soft_wrap=True)
