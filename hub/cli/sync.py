"""The command that moves records: sync, from pull to push."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from hub.cli.app import wants_json
from hub.cli.hub import Hub, open_hub
from hub.cli.interrupt import stop_on_interrupt
from hub.cli.output import EXIT_USAGE, JsonOption, emit, show_table, stop, table, talk, worst
from hub.cli.progress import progress
from hub.cli.push import print_push, push_json
from hub.cli.runs import runs_table
from hub.jobs.inline import RunEnd
from hub.jobs.rounds import RoundResult, sync_round
from hub.queries.totals import contacts_total, review_open
from hub.stages.pull import Wish


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    app.command("sync")(sync_command)


def sync_command(
    context: typer.Context,
    connection: Annotated[list[str] | None, typer.Argument(help="Connections; all when none is named.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read everything again from the start.")] = False,
    since: Annotated[str | None, typer.Option("--since", help="Read changes since this ISO time.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Stop after about so many records.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count, keep nothing.")] = False,
    reconcile: Annotated[
        bool, typer.Option("--reconcile", help="Read everything again, and find what is gone from the source.")
    ] = False,
    no_push: Annotated[bool, typer.Option("--no-push", help="Pull only.")] = False,
    json: JsonOption = False,
) -> None:
    """Pull every stream, find out who is who, make the contacts, and push what may go by itself."""
    if reconcile and (full or since or limit or dry_run):
        stop("--reconcile reads everything and keeps it: leave --full, --since, --limit and --dry-run out", EXIT_USAGE)
    wish = Wish(full, _moment(since), limit, dry_run, reconcile)
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
    with stop_on_interrupt("page or batch") as asked, progress() as reporter:
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
    show_table(runs_table([end.as_json() for end in ends]))
    for end in ends:
        if end.message:
            talk.print(f"{end.connection}.{end.stream}: {end.message}", markup=False)
    contacts, review = document["contacts"], document["review"]
    table.print(
        f"{contacts['total']} contacts ({contacts['created']} created, {contacts['merged']} merged, "
        f"{contacts['split']} split), {review['open']} to review"
    )
