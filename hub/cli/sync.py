"""The commands that move records: sync, from pull to push; runs, quarantine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import select

from hub.cli.app import wants_json
from hub.cli.hub import Hub, open_hub
from hub.cli.interrupt import stop_on_interrupt
from hub.cli.output import EXIT_OK, EXIT_USAGE, JsonOption, emit, show_table, stop, table, talk, worst
from hub.cli.progress import progress
from hub.cli.push import print_push, push_json
from hub.jobs.inline import RunEnd
from hub.jobs.rounds import RoundResult, sync_round
from hub.queries.totals import contacts_total, review_open
from hub.stages.pull import Wish
from hub.stages.quarantine import groups
from hub.stages.runs import runs

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
    app.command("sync")(sync_command)
    app.command("runs")(runs_command)
    app.command("quarantine")(quarantine_command)


def sync_command(
    context: typer.Context,
    connection: Annotated[list[str] | None, typer.Argument(help="Connections; all when none is named.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read everything again from the start.")] = False,
    since: Annotated[str | None, typer.Option("--since", help="Read changes since this ISO time.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Stop after about so many records.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count, keep nothing.")] = False,
    no_push: Annotated[bool, typer.Option("--no-push", help="Pull only.")] = False,
    json: JsonOption = False,
) -> None:
    """Pull every stream, find out who is who, make the contacts, and push what may go by itself."""
    wish = Wish(full, _moment(since), limit, dry_run)
    with open_hub(context) as hub:
        done = run_round(hub, connection or [], wish, push=not no_push)
        document = outcome(hub, done)
        if wants_json(context, json):
            emit(document)
        else:
            _show(done.ends, document)
            print_push(done.push)
    raise typer.Exit(exit_code(done))


def run_round(hub: Hub, names: list[str], wish: Wish, push: bool = True) -> RoundResult:
    """A round of these connections, all when none is named, with its progress on the terminal."""
    chosen = hub.chosen(names)
    if not chosen:
        talk.print("There is nothing to sync: no connection is configured. `hub init` writes examples.")
    asked = stop_on_interrupt("page or batch")
    with progress() as reporter:
        return sync_round(hub.store, hub.settings, chosen, wish, reporter, asked, push, reporter.resolving)


def exit_code(done: RoundResult) -> int:
    """The worst of the runs and of the destinations."""
    return worst([end.exit_code for end in done.ends] + [end.exit_code for end in done.push.ends])


def outcome(hub: Hub, done: RoundResult) -> dict[str, Any]:
    """The contract's document of a sync."""
    pushed = push_json(done.push)
    with hub.store.read() as db:
        total, questions = contacts_total(db), review_open(db)
    return {
        "runs": [end.as_json() for end in done.ends],
        "contacts": {
            "total": total,
            "created": done.resolved.created,
            "merged": done.resolved.merged,
            "split": done.resolved.split,
        },
        "review": {"open": questions},
        "push": {
            "plan_id": done.plan.id,
            **pushed.pop("pushed"),
            "withheld": len(done.plan.withheld),
            **pushed,
        },
    }


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        stop(f"--since takes an ISO time such as 2026-11-01 or 2026-11-01T09:30:00Z, not {text!r}", EXIT_USAGE)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _show(ends: list[RunEnd], document: dict[str, Any]) -> None:
    show_table(_runs_table([end.as_json() for end in ends]))
    for end in ends:
        if end.message:
            talk.print(f"{end.connection}.{end.stream}: {end.message}", markup=False)
    contacts, review = document["contacts"], document["review"]
    table.print(
        f"{contacts['total']} contacts ({contacts['created']} created, {contacts['merged']} merged, "
        f"{contacts['split']} split), {review['open']} to review"
    )


def _runs_table(rows: list[dict[str, Any]]) -> Table:
    shown = Table(box=None, pad_edge=False)
    for name in RUN_COLUMNS:
        is_number = name not in ("connection", "stream", "status")
        shown.add_column(name, justify="right" if is_number else "left")
    for row in rows:
        shown.add_row(*(str(row[name]) for name in RUN_COLUMNS))
    return shown


def runs_command(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(help="One run.")] = None,
    json: JsonOption = False,
) -> None:
    """The latest sync runs, or one of them."""
    query = select(runs).order_by(runs.c.id.desc()).limit(50)
    with open_hub(context) as hub, hub.store.read() as db:
        rows = [
            dict(row) for row in db.execute(query if number is None else query.where(runs.c.id == number)).mappings()
        ]
    if number is not None and not rows:
        stop(f"there is no run {number}", EXIT_USAGE)
    if wants_json(context, json):
        emit({"runs": rows})
    elif not rows:
        talk.print("No syncs yet: hub sync")
    else:
        show_table(_runs_table(rows))
        _tell_messages(rows)
    raise typer.Exit(EXIT_OK)


def _tell_messages(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        if row["message"]:
            talk.print(f"run {row['id']} {row['connection']}.{row['stream']}: {row['message']}", markup=False)


def quarantine_command(context: typer.Context, json: JsonOption = False) -> None:
    """What was held back, by reason."""
    with open_hub(context) as hub, hub.store.read() as db:
        found = groups(db)
    if wants_json(context, json):
        emit({"groups": found, "total": sum(group["records"] for group in found)})
        return
    if not found:
        talk.print("Nothing held back.")
    for group in found:
        line = f"{group['records']:>6}  {group['connection']}.{group['stream']}  {group['reason']}  {group['location']}"
        table.print(line, markup=False)
