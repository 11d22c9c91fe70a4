"""The command that looks whether a hub is well, and that keeps a restored one from sending anything unseen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy import Connection

from hub import audit
from hub.cli.app import folder, wants_json
from hub.cli.hub import Hub, open_hub
from hub.cli.output import EXIT_HELD, EXIT_USAGE, JsonOption, emit, stop, table, talk, worst
from hub.cli.push import in_words
from hub.cli.who import me
from hub.jobs.rounds import current_plan
from hub.queries.outgoing import counts
from hub.stages.freeze import freeze
from hub.stages.plan import DataMoved, NoSuchPlan, Plan
from hub.watch.doctor_database import integrity
from hub.watch.finding import Finding
from hub.watch.restore import NotReady, Restored, approve, restored

MOST_PRINTED = 50


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    app.command("doctor")(doctor_command)


def doctor_command(
    context: typer.Context,
    after_restore: Annotated[
        bool, typer.Option("--after-restore", help="The database was restored: freeze pushes, tell what is missing.")
    ] = False,
    approve_restore: Annotated[
        str | None,
        typer.Option("--approve-restore", metavar="PLAN", help="Let pushes go again, as --after-restore showed it."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Look whether everything that the hub stands on is well; say what to do where it is not."""
    if approve_restore is not None:
        _approve(context, approve_restore)
        return
    from hub.watch.doctor import examine

    found: list[Finding] = []
    state: Restored | None = None
    plan: Plan | None = None
    if after_restore:
        with open_hub(context) as hub:
            hub.store.write(_freeze)
            found.append(integrity(hub.store))
            state, plan = _state(hub)
    found += examine(folder(context))
    if wants_json(context, json):
        restore = {"restore": state.as_json(plan)} if state else {}
        emit({"ok": all(one.ok for one in found), "checks": [one.as_json() for one in found], **restore})
    else:
        _print(found)
        if state is not None:
            _print_restore(state, plan)
    raise typer.Exit(worst([one.exit_code for one in found]))


def _freeze(db: Connection) -> None:
    now = datetime.now(UTC)
    freeze(db, now)
    audit.note(db, now, me(), "push.freeze", "all")


def _let_go(db: Connection, hub: Hub, plan: Plan, plan_id: str) -> None:
    approve(db, hub.settings, plan, plan_id)
    audit.note(db, datetime.now(UTC), me(), "push.thaw", f"plan:{plan_id}")


def _state(hub: Hub) -> tuple[Restored | None, Plan | None]:
    """The plan is made, and kept for its approval, only when everything has been read."""
    with hub.store.read() as db:
        state = restored(db, hub.settings)
    is_read = state is not None and state.is_read
    return state, current_plan(hub.store, hub.settings, keep=True) if is_read else None


def _approve(context: typer.Context, plan_id: str) -> None:
    with open_hub(context) as hub:
        plan = current_plan(hub.store, hub.settings)
        try:
            hub.store.write(lambda db: _let_go(db, hub, plan, plan_id))
        except NoSuchPlan as error:
            stop(str(error), EXIT_USAGE)
        except (NotReady, DataMoved) as error:
            stop(str(error), EXIT_HELD)
    talk.print(f"Pushes go again. hub push --plan {plan_id} sends what was shown.")


def _print(found: list[Finding]) -> None:
    for one in found:
        table.print(f"{'✔' if one.ok else '✖'} {one.subject:<18} {one.message}", markup=False)
        if one.fix and not one.ok:
            table.print(f"  {'':<18} do: {one.fix}", markup=False)


def _print_restore(state: Restored, plan: Plan | None) -> None:
    table.print(f"\nPushes are frozen since {state.since:%Y-%m-%d %H:%M:%S} UTC.", markup=False)
    for one in state.left_over:
        told = f"  in the restored outbox: {one['destination']} {one['lane']} {one['status']} {one['count']}"
        table.print(told, markup=False)
    if plan is None:
        table.print(f"Not read whole since: {', '.join(state.unread)}", markup=False)
        talk.print(
            "hub sync --full --no-push reads everything; then hub doctor --after-restore shows what would leave."
        )
        return
    table.print("Everything has been read. This would leave now:", markup=False)
    for lane in counts(plan.operations):
        table.print(f"  {lane['destination']}  {lane['lane']} {lane['operations']}", markup=False)
    for operation in plan.operations[:MOST_PRINTED]:
        table.print(f"  {in_words(operation)}", markup=False)
    talk.print(f"hub doctor --approve-restore {plan.id} lets pushes go again, if this is right.")
