"""The commands of alerts: which stand, and a test message over every channel."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sqlalchemy import select

from hub.cli.app import wants_json
from hub.cli.hub import Hub, open_hub
from hub.cli.output import EXIT_CONFIG, EXIT_USAGE, EXIT_VENDOR_DOWN, JsonOption, emit, stop, table, talk
from hub.watch.clean import Cleaner
from hub.watch.tables import FIRING, alert_states


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    alerts = typer.Typer(help="What is wrong, and who is told.", no_args_is_help=True)
    alerts.command("list")(list_command)
    alerts.command("test")(try_command)
    app.add_typer(alerts, name="alerts")


def list_command(context: typer.Context, json: JsonOption = False) -> None:
    """The alerts that stand now, the oldest first."""
    query = select(alert_states).where(alert_states.c.state == FIRING)
    with open_hub(context) as hub, hub.store.read() as db:
        rows = [dict(row) for row in db.execute(query.order_by(alert_states.c.since)).mappings()]
    if wants_json(context, json):
        emit({"alerts": rows})
        return
    if not rows:
        talk.print("Nothing is wrong.")
    for row in rows:
        table.print(
            f"{row['since']:%Y-%m-%d %H:%M} UTC  {row['rule']} {row['subject']}: {row['message']}", markup=False
        )
        table.print(f"  do: {row['fix']}", markup=False)


def try_command(
    context: typer.Context,
    channel: Annotated[list[str] | None, typer.Argument(help="email, webhook or slack; all without.")] = None,
    json: JsonOption = False,
) -> None:
    """Send a test message, and say of each channel whether it took it."""
    with open_hub(context) as hub:
        results = [_try(hub, one) for one in _chosen(hub, channel or [])]
    if wants_json(context, json):
        emit({"channels": results})
    else:
        for one in results:
            table.print(f"{'✔' if one['ok'] else '✖'} {one['channel']:<8} {one['message']}", markup=False)
    raise typer.Exit(0 if all(one["ok"] for one in results) else EXIT_VENDOR_DOWN)


def _chosen(hub: Hub, named: list[str]) -> list[str]:
    from hub.watch.channels import configured

    known = configured(hub.settings.hub.alerts)
    if not known:
        stop("alerts: in hub.yaml has no channel: write email, webhook or slack below it", EXIT_CONFIG)
    for name in named:
        if name not in known:
            stop(f"there is no channel {name!r}; there are: {', '.join(known)}", EXIT_USAGE)
    return named or known


def _try(hub: Hub, channel: str) -> dict[str, Any]:
    from hub.watch.channels import Message, Undelivered, deliver

    told = "This is a test. If you can read it, alerts reach you."
    message = Message("test", hub.settings.hub.installation, "test", told, "", datetime.now(UTC))
    try:
        deliver(hub.settings.hub.alerts, channel, message, hub.settings.hub.network.door)
    except Undelivered as reason:
        return {"channel": channel, "ok": False, "message": Cleaner(hub.settings.secrets)(str(reason))}
    return {"channel": channel, "ok": True, "message": "took the message"}
