"""The commands about what was done by whom: audit verify, list."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
import typer

from hub import audit
from hub.cli.app import wants_json
from hub.cli.hub import open_hub
from hub.cli.output import EXIT_HELD, JsonOption, emit, stop, table, talk
from hub.queries.acts import Wanted, acts

MOST_LISTED = 50


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    group = typer.Typer(help="What was done here, and by whom.", no_args_is_help=True)
    group.command("verify")(verify_command)
    group.command("list")(list_command)
    app.add_typer(group, name="audit")


def verify_command(context: typer.Context, json: JsonOption = False) -> None:
    """Look whether every row is as it was written. Kept elsewhere, what this prints shows even a whole new chain."""
    with open_hub(context) as hub, hub.store.read() as db:
        broken, (number, last) = audit.verify(db), audit.head(db)
    if wants_json(context, json):
        row = {"row": broken.number, "reason": broken.reason} if broken else None
        emit({"ok": broken is None, "rows": number, "head": last, "broken": row})
    if broken:
        stop(f"row {broken.number} {broken.reason}", EXIT_HELD)
    if not wants_json(context, json):
        table.print(f"{number} rows, all as they were written; anchor: {number} {last}", markup=False, soft_wrap=True)


def list_command(
    context: typer.Context,
    actor: Annotated[str, typer.Option("--actor", help="Only what this user, token or person did.")] = "",
    subject: Annotated[str, typer.Option("--subject", help="Only what was done to this.")] = "",
    action: Annotated[str, typer.Option("--action", help="Only this, like user.add; or all that begin: user.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many to show.")] = MOST_LISTED,
    json: JsonOption = False,
) -> None:
    """What was done, the newest first."""
    with open_hub(context) as hub, hub.store.read() as db:
        rows = acts(db, Wanted(actor, action, subject), limit)
    if wants_json(context, json):
        emit({"entries": rows})
        return
    if not rows:
        talk.print("Nothing of that kind was done.")
    for row in rows:
        table.print(_line(row), markup=False, soft_wrap=True)


def _line(row: dict[str, Any]) -> str:
    told = orjson.dumps(row["details"]).decode() if row["details"] else ""
    return (
        f"{row['id']:>6}  {row['at']:%Y-%m-%d %H:%M:%S} UTC  {row['actor']}  {row['action']}  {row['subject']}  {told}"
    )
