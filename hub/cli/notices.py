"""The commands of notices: what waits to be told to subscribers and help desks, what is dead, and putting it back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from hub import audit
from hub.cli.app import wants_json
from hub.cli.hub import Hub, open_hub
from hub.cli.output import EXIT_USAGE, JsonOption, emit, stop, table, talk
from hub.cli.who import me
from hub.queries.notices import counts, listed
from hub.stages.notices import replay

MOST = 50

TargetOption = Annotated[str | None, typer.Option("--target", help="hook:SUBSCRIBER or desk:CONNECTION; all without.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    notices = typer.Typer(help="What is told to subscribers and help desks.", no_args_is_help=True)
    notices.command("list")(list_command)
    notices.command("replay")(replay_command)
    app.add_typer(notices, name="notices")


def list_command(
    context: typer.Context,
    status: Annotated[str | None, typer.Option("--status", help="waiting, sent, delivered or dead.")] = None,
    target: TargetOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many to show.")] = MOST,
    json: JsonOption = False,
) -> None:
    """How many there are of each kind, and the newest of them with their reasons."""
    with open_hub(context) as hub, hub.store.read() as db:
        told, rows = counts(db), listed(db, status, target, limit)
    if wants_json(context, json):
        emit({"counts": told, "notices": rows})
        return
    if not told:
        talk.print("Nothing was ever told: hub.yaml has no subscribers and no tasks, or nothing has happened yet.")
    for one in told:
        table.print(f"{one['target']:<24} {one['kind']:<16} {one['status']:<10} {one['count']}", markup=False)
    for row in rows:
        _print(row)


def _print(row: dict[str, Any]) -> None:
    when = f"{row['happened_at']:%Y-%m-%d %H:%M} UTC"
    told = f"{row['id']}  {when}  {row['target']}  {row['kind']}  {row['status']} after {row['attempts']} attempts"
    table.print(told, markup=False)
    for line in (row["reason"], row["message"]):
        if line:
            table.print(f"  {line}", markup=False)


def replay_command(
    context: typer.Context,
    ids: Annotated[list[int] | None, typer.Argument(help="The numbers of dead notices.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are dead.")] = False,
    target: TargetOption = None,
    json: JsonOption = False,
) -> None:
    """Let dead notices wait again; they are told as the same events, so that nobody takes them for new ones."""
    if bool(ids) is everything:
        stop("say which: hub notices replay 12 13, or --all (with --target, all of one)", EXIT_USAGE)
    with open_hub(context) as hub:
        done = _replay(hub, ids or None, target)
    if missing := sorted(set(ids or ()) - set(done)):
        stop(f"not dead, or not there: {', '.join(map(str, missing))}; hub notices list --status dead", EXIT_USAGE)
    if wants_json(context, json):
        emit({"replayed": done})
    else:
        table.print(f"{len(done)} notices wait again; hub up or hub worker tells them.", markup=False)


def _replay(hub: Hub, ids: list[int] | None, target: str | None) -> list[int]:
    now = datetime.now(UTC)

    def work(db: Connection) -> list[int]:
        done = replay(db, now, ids, target)
        if done:
            audit.note(db, now, me(), "notices.replay", target or "all", {"notices": len(done)})
        return done

    return hub.store.write(work)
