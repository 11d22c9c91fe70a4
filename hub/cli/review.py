"""The command that lists what a person is asked, or asks it: review."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from hub.cli.app import wants_json
from hub.cli.hub import open_hub
from hub.cli.output import EXIT_USAGE, JsonOption, emit, stop, table, talk
from hub.cli.review_next import review_in_terminal
from hub.queries.review import open_items
from hub.queries.review_queue import POPULAR_VALUE
from hub.queries.totals import review_open


def register(app: typer.Typer) -> None:
    """Add the command of this file to `hub`."""
    app.command("review")(review_command)


def review_command(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many questions to show.")] = 20,
    next_: Annotated[bool, typer.Option("--next", help="Ask one question after the other, by single keys.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who decides; your user name unless told.")] = "",
    json: JsonOption = False,
) -> None:
    """What a person is asked: who may be one, who can hardly be, which values too many share; with the answers."""
    if next_:
        if wants_json(context, json):
            stop("--next asks a person: leave --json away", EXIT_USAGE)
        with open_hub(context) as hub:
            review_in_terminal(hub, by or getpass.getuser())
        return
    with open_hub(context) as hub, hub.store.read() as db:
        open_, items = review_open(db), open_items(db, hub.settings.model, limit)
    if wants_json(context, json):
        emit({"open": open_, "items": items})
        return
    for item in items:
        _print_item(item)
    talk.print(f"{len(items)} of {open_} questions." if items else "Nothing to review.")


def _print_item(item: dict[str, Any]) -> None:
    kind = item["kind"].replace("_", " ")
    if item["kind"] == POPULAR_VALUE:
        head = f"{kind}: {item['value_kind']} {item['value']}"
    else:
        head = f"{kind}: {item['left']} and {item['right']}, weight {item['weight']:+.1f}"
    table.print(head, style="bold", markup=False)
    for line in (item["reason"], *item["commands"]):
        table.print(f"  {line}", markup=False)
