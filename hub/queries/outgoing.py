"""What leaves: the plan of this moment, what is withheld or waits and why, and what became of the latest changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select

from hub.settings.settings import Settings
from hub.stages.guards import Waiting, let_through
from hub.stages.plan import GRANT, TAG, UNTAG, WITHDRAW, Operation, Plan, Withheld, make_plan
from hub.stages.sights import deliveries

MOST_SHOWN = 200
MOST_DELIVERIES = 100

LANES = {WITHDRAW: "opt-out", UNTAG: "untag", TAG: "tag", GRANT: "grant"}

ENDED_BADLY = ("rejected", "dead", "unknown", "vendor_locked")


def outgoing(db: Connection, settings: Settings) -> dict[str, Any]:
    """Everything about the next push, and the latest of those before it; lists are cut, counts are whole."""
    plan = make_plan(db, settings)
    return {
        "plan_id": plan.id,
        "total": len(plan.operations),
        "counts": counts(plan.operations),
        "operations": [one.as_json() for one in plan.operations[:MOST_SHOWN]],
        "withheld": {
            "total": len(plan.withheld),
            "groups": withheld_groups(plan.withheld),
            "first": [one.as_json() for one in plan.withheld[:MOST_SHOWN]],
        },
        "waiting": waiting_of(db, settings, plan),
        "deliveries": _latest(db),
        "dead": _ended_badly(db),
    }


def counts(operations: Iterable[Operation]) -> list[dict[str, Any]]:
    """How many operations of each lane each destination would get; `lane` in words."""
    found = Counter((one.destination, one.lane) for one in operations)
    return [
        {"destination": destination, "lane": LANES[lane], "operations": number}
        for (destination, lane), number in sorted(found.items())
    ]


def withheld_groups(withheld: Iterable[Withheld]) -> list[dict[str, Any]]:
    found = Counter((one.operation.destination, one.reason) for one in withheld)
    return [
        {"destination": destination, "reason": reason, "count": number}
        for (destination, reason), number in sorted(found.items())
    ]


def waiting_json(one: Waiting) -> dict[str, Any]:
    return {
        "destination": one.destination,
        "operations": one.operations,
        "reason": one.reason,
        "message": one.message,
    }


def waiting_of(db: Connection, settings: Settings, plan: Plan) -> list[dict[str, Any]]:
    """What of a plan would wait for a person."""
    return [waiting_json(one) for one in let_through(db, settings, plan)[1]]


_TOLD = (
    "destination",
    "kind",
    "record",
    "channel",
    "address",
    "field",
    "wanted",
    "was",
    "reason",
    "status",
    "message",
    "attempts",
    "created_at",
    "sent_at",
    "answered_at",
    "acknowledged_at",
    "consent_at",
)


def _latest(db: Connection) -> list[dict[str, Any]]:
    query = select(*(deliveries.c[name] for name in _TOLD)).order_by(deliveries.c.id.desc()).limit(MOST_DELIVERIES)
    return [dict(row) for row in db.execute(query).mappings()]


def _ended_badly(db: Connection) -> dict[str, int]:
    """How many changes ended without effect, counting only the last word on each."""
    place = (deliveries.c.destination, deliveries.c.record, deliveries.c.address, deliveries.c.field)
    last = select(func.max(deliveries.c.id)).group_by(*place)
    query = (
        select(deliveries.c.status, func.count())
        .where(deliveries.c.id.in_(last), deliveries.c.status.in_(ENDED_BADLY))
        .group_by(deliveries.c.status)
    )
    found = {row[0]: row[1] for row in db.execute(query)}
    return {status: found.get(status, 0) for status in ENDED_BADLY}
