"""The command that shows the hub at work in five minutes: demo."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from hub.cli.app import Invocation, wants_json
from hub.cli.hub import Hub, open_hub
from hub.cli.output import EXIT_TRY_LATER, EXIT_USAGE, JsonOption, stop, table
from hub.cli.up import AT_NEXT_PAGE, PortOption, pages, stop_on_signals, work_until
from hub.stages.golden import contacts
from hub.watch.reporter import Logged

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
    from hub.cli.breaking import Mortal, breaks_of, work
    from hub.cli.play import play
    from hub.demo.world import FolderInUse, world

    try:
        with world(FOLDER, people) as running:
            context.obj = Invocation(FOLDER / "config", wants_json(context, json))
            mortal = Mortal(Logged())
            with (
                open_hub(context) as hub,
                pages(hub, "127.0.0.1", port, breaks_of(hub, running.vendors, mortal)) as server,
            ):
                code = play(hub, running, server.sign_in_url, wants_json(context, json))
                if not once and code != EXIT_TRY_LATER:
                    stopping = stop_on_signals(AT_NEXT_PAGE)
                    _tell(hub, server.sign_in_url)
                    work_until(stopping, hub, lambda: work(hub, mortal, stopping))
    except (FolderInUse, ValueError) as error:
        stop(str(error), EXIT_USAGE)
    raise typer.Exit(code)


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
        "And on the page: break something, and watch it recover.",
        "",
        "Ctrl-C ends it.",
    ):
        table.print(line, markup=False, soft_wrap=True)
