"""The commands that send: plan shows what would leave, push sends it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from hub import audit
from hub.cli.app import wants_json
from hub.cli.hub import Hub, open_hub
from hub.cli.interrupt import stop_on_interrupt
from hub.cli.output import EXIT_HELD, EXIT_USAGE, JsonOption, emit, stop, table, talk, worst
from hub.cli.who import me
from hub.jobs.rounds import current_plan, push_plan, push_what_may_go
from hub.queries.outgoing import LANES, counts, waiting_json, waiting_of, withheld_groups
from hub.stages.plan import DataMoved, NoSuchPlan, Operation, Plan, PlanDenied
from hub.stages.push import PushResult

MOST_PRINTED = 50


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    app.command("plan")(plan_command)
    app.command("push")(push_command)


def plan_command(context: typer.Context, json: JsonOption = False) -> None:
    """Show what would be sent now, and send nothing."""
    with open_hub(context) as hub:
        plan = current_plan(hub.store, hub.settings, keep=True)
        with hub.store.read() as db:
            waiting = waiting_of(db, hub.settings, plan)
    if wants_json(context, json):
        emit({**_plan_json(plan), "waiting": waiting})
    else:
        _print_plan(plan, waiting)


def _plan_json(plan: Plan) -> dict[str, Any]:
    return {
        "plan_id": plan.id,
        "operations": [one.as_json() for one in plan.operations],
        "withheld": [one.as_json() for one in plan.withheld],
    }


def _print_plan(plan: Plan, waiting: list[dict[str, Any]]) -> None:
    guards = {one["destination"]: one["message"] for one in waiting}
    planned = {(one["destination"], one["lane"]): one["operations"] for one in counts(plan.operations)}
    names = {one.destination for one in plan.operations} | {one.operation.destination for one in plan.withheld}
    for name in sorted(names):
        told = " · ".join(f"{lane} {planned.get((name, lane), 0)}" for lane in LANES.values())
        held = _withheld(plan, name)
        table.print(f"{name}  {told} · withheld {held} · guard: {guards.get(name, 'ok')}", markup=False)
    for operation in plan.operations[:MOST_PRINTED]:
        table.print(f"  {in_words(operation)}", markup=False)
    if len(plan.operations) > MOST_PRINTED:
        talk.print(f"and {len(plan.operations) - MOST_PRINTED} more: hub plan --json")
    if plan.operations:
        table.print(f"plan {plan.id}")
        talk.print(f"Nothing was sent. hub push --plan {plan.id} sends exactly this.")
    else:
        talk.print("There is nothing to send.")


def _withheld(plan: Plan, name: str) -> str:
    """How many differences of a destination are not sent, and why."""
    groups = [one for one in withheld_groups(plan.withheld) if one["destination"] == name]
    reasons = ", ".join(f"{one['reason']} {one['count']}" for one in groups)
    return f"{sum(one['count'] for one in groups)} ({reasons})" if groups else "0"


def in_words(one: Operation) -> str:
    """An operation on one line."""
    who = " ".join(part for part in (one.record, one.address) if part)
    by_mail = ", by a mail that asks them to confirm" if one.by_confirmation else ""
    return f"{one.destination} {who} {one.field}: {one.old or 'nothing'} -> {one.wanted} ({one.reason}{by_mail})"


def push_command(
    context: typer.Context,
    plan: Annotated[str | None, typer.Option("--plan", help="Send exactly this plan; refused when data moved.")] = None,
    json: JsonOption = False,
) -> None:
    """Send what may go by itself; or with --plan all of a plan that was shown."""
    with open_hub(context) as hub:
        sent, result = _push(hub, plan)
    if wants_json(context, json):
        emit({**_plan_json(sent), **push_json(result)})
    else:
        print_push(result)
    raise typer.Exit(worst([end.exit_code for end in result.ends]))


def _push(hub: Hub, plan_id: str | None) -> tuple[Plan, PushResult]:
    with stop_on_interrupt("batch") as asked:
        if plan_id is None:
            return push_what_may_go(hub.store, hub.settings, asked)
        try:
            return push_plan(hub.store, hub.settings, plan_id, asked, _approved)
        except NoSuchPlan as error:
            stop(str(error), EXIT_USAGE)
        except (DataMoved, PlanDenied) as error:
            stop(str(error), EXIT_HELD)


def _approved(db: Connection, plan: Plan) -> None:
    audit.note(db, datetime.now(UTC), me(), "plan.approve", f"plan:{plan.id}", {"operations": len(plan.operations)})


def push_json(result: PushResult) -> dict[str, Any]:
    """How a push ended: what arrived, per destination, what waits and what is held."""
    return {
        "pushed": {
            "withdrawals": result.count("out"),
            "grants": result.count("in"),
            "segments": result.count("add", "remove"),
        },
        "destinations": [end.as_json() for end in result.ends],
        "waiting": [waiting_json(one) for one in result.waiting],
        "held_grants": dict(result.held_grants),
    }


def print_push(result: PushResult) -> None:
    """The ends of a push as text; what needs a person goes to stderr."""
    for end in result.ends:
        told = ", ".join(f"{wanted} {status} {number}" for (wanted, status), number in sorted(end.counts.items()))
        table.print(f"{end.destination}  {told or 'nothing sent'}", markup=False)
        if end.message:
            talk.print(f"{end.destination}: {end.message}", markup=False)
    for one in result.waiting:
        talk.print(f"{one.destination}: {one.message}", markup=False)
    for name, reason in sorted(result.held_grants.items()):
        talk.print(f"{name}: grants wait, {reason}", markup=False)
