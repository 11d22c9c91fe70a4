"""The command about what was held back: by reason, and read again when the mapping has been mended."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from hub.cli.app import wants_json
from hub.cli.hub import Hub, open_hub
from hub.cli.output import EXIT_USAGE, JsonOption, emit, stop, table, talk
from hub.cli.who import noted
from hub.jobs.replay import replay
from hub.queries.drift import drift
from hub.stages.quarantine import groups
from hub.store.leases import AlreadyRunning

SAID = {
    "new": "is a new field",
    "retyped": "has values of another kind",
    "gone": "is gone from the records",
    "unknown_word": "has words that the mapping does not know: nobody with them may be sent to",
}


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    app.command("quarantine")(quarantine_command)


def quarantine_command(
    context: typer.Context,
    connection: Annotated[list[str] | None, typer.Argument(help="With --replay: only these connections.")] = None,
    again: Annotated[
        bool, typer.Option("--replay", help="Read what is held back again, with the mapping as it is now.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """What was held back, by reason, and how the records' fields have changed."""
    if connection and not again:
        stop("hub quarantine shows all connections; --replay takes their names", EXIT_USAGE)
    with open_hub(context) as hub:
        replayed = _replay(hub, connection or []) if again else []
        with hub.store.read() as db:
            found, notes = groups(db), drift(db, datetime.now(UTC))
    if wants_json(context, json):
        total = sum(group["records"] for group in found)
        emit({"groups": found, "total": total, "drift": notes, **({"replayed": replayed} if again else {})})
        return
    for one in replayed:
        talk.print(f"{one['connection']}.{one['stream']}: {one['mended']} of {one['records']} can be read now")
    _print(found, notes)


def _replay(hub: Hub, names: list[str]) -> list[dict[str, Any]]:
    try:
        done = [asdict(one) for one in replay(hub.store, hub.settings, hub.chosen(names))]
    except AlreadyRunning as error:
        stop(str(error), error.exit_code)
    mended = {"records": sum(one["records"] for one in done), "mended": sum(one["mended"] for one in done)}
    noted(hub, "quarantine.replay", ", ".join(sorted(names)) or "all", mended)
    return done


def _print(found: list[dict[str, Any]], notes: list[dict[str, Any]]) -> None:
    if not found:
        talk.print("Nothing held back.")
    for group in found:
        line = f"{group['records']:>6}  {group['connection']}.{group['stream']}  {group['reason']}  {group['location']}"
        table.print(line, markup=False)
        table.print(f"        since {group['first_seen_at']:%Y-%m-%d %H:%M}  {group['sample']}", markup=False)
    for note in notes:
        where = f"{note['connection']}.{note['stream']} {note['field']}"
        told = f"{where} {SAID[note['what']]} ({note['kind']} {note['sample'] or note['location']})"
        table.print(f"drift  {told}, since {note['first_seen_at']:%Y-%m-%d %H:%M}", markup=False)
