"""One round of everything: pull, derive, consent, segments, plan and push; and its parts for those who want one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection as Db

from hub.jobs.ends import Quiet, Reporter, RunEnd
from hub.jobs.inline import Runner
from hub.settings.settings import Connection, Settings
from hub.stages.consent import consent_all
from hub.stages.guards import let_through
from hub.stages.moves import Resolved
from hub.stages.order import derive
from hub.stages.outbox import with_work
from hub.stages.plan import Plan, check_not_denied, check_unmoved, keep_plan, make_plan, plan_to_send
from hub.stages.pull import Wish
from hub.stages.push import Push, PushResult
from hub.stages.segment import segment_all
from hub.store.engine import Store

PLAIN = Wish()


@dataclass
class RoundResult:
    """What a round did. `plan` is what it found to send, before the guards."""

    ends: list[RunEnd] = field(default_factory=list)
    resolved: Resolved = field(default_factory=Resolved)
    plan: Plan = field(default_factory=lambda: Plan((), ()))
    push: PushResult = field(default_factory=PushResult)


def sync_round(
    store: Store,
    settings: Settings,
    connections: Sequence[Connection] | None = None,
    wish: Wish = PLAIN,
    reporter: Reporter | None = None,
    asked_to_stop: Callable[[], bool] = lambda: False,
    push: bool = True,
    resolving: Callable[[int], None] = lambda _: None,
) -> RoundResult:
    """Pull these connections (all that are not paused), and push what may go by itself.

    A dry run pushes nothing, nor does who was asked to stop. `resolving` hears how many records have been resolved.
    """
    chosen = [one for one in settings.connections.values() if not one.paused] if connections is None else connections
    runner = Runner(store, settings, reporter or Quiet(), asked_to_stop)
    ends = runner.run_all(chosen, wish)
    resolved = derive(store, settings, resolving)
    if not push or wish.dry_run or asked_to_stop():
        return RoundResult(ends, resolved)
    plan, pushed = push_what_may_go(store, settings, asked_to_stop)
    return RoundResult(ends, resolved, plan, pushed)


def current_plan(store: Store, settings: Settings, keep: bool = False) -> Plan:
    """What would be sent now, after working off what waits for the consent and segment stages."""
    _work_off(store, settings)
    with store.read() as db:
        plan = make_plan(db, settings)
    if keep:
        store.write(lambda db: keep_plan(db, plan))
    return plan


def _work_off(store: Store, settings: Settings) -> None:
    consent_all(store, settings)
    segment_all(store, settings)


def push_what_may_go(
    store: Store,
    settings: Settings,
    asked_to_stop: Callable[[], bool] = lambda: False,
) -> tuple[Plan, PushResult]:
    """Push what may go by itself, to all destinations."""
    plan = current_plan(store, settings)
    with store.read() as db:
        going, waiting = let_through(db, settings, plan)
    result = Push(store, settings, going, plan.id, asked_to_stop).run()
    result.waiting = waiting
    if result.ends:
        derive(store, settings)  # what was read before the writes is news too
    return plan, result


def push_to(store: Store, settings: Settings, destination: str, asked_to_stop: Callable[[], bool]) -> PushResult:
    """Push what is queued there and what else may go there by itself; who asks derives afterwards, later."""
    _work_off(store, settings)
    with store.read() as db:
        plan = plan_to_send(db, settings, destination)
        going, _ = let_through(db, settings, plan)
    return Push(store, settings, going, plan.id, asked_to_stop, {destination}).run()


def destinations_to_push(store: Store, settings: Settings) -> list[str]:
    """The destinations that something may leave for now, or where an earlier push left something open."""
    _work_off(store, settings)
    known = settings.connections
    with store.read() as db:
        going, _ = let_through(db, settings, plan_to_send(db, settings))
        names = {one.destination for one in going} | set(with_work(db, known))
    return sorted(name for name in names if known[name].push.mode != "off")


def push_plan(
    store: Store,
    settings: Settings,
    plan_id: str,
    asked_to_stop: Callable[[], bool] = lambda: False,
    approved: Callable[[Db, Plan], None] = lambda *_: None,
) -> tuple[Plan, PushResult]:
    """Send exactly the plan that was shown. Raises NoSuchPlan, DataMoved when it would be another now, PlanDenied.

    `approved` writes down who said yes, before the first change leaves.
    """
    plan = current_plan(store, settings)
    with store.read() as db:
        check_unmoved(db, plan, plan_id)
        check_not_denied(db, plan_id)
    store.write(lambda db: approved(db, plan))
    result = Push(store, settings, plan.operations, plan.id, asked_to_stop).run()
    derive(store, settings)
    return plan, result
