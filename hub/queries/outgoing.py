"""What leaves: the plan of this moment, what is withheld or waits and why, and what became of the latest changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from hub.access.masking import mask_key
from hub.settings.settings import Settings
from hub.stages.guards import Waiting, let_through
from hub.stages.plan import GRANT, TAG, UNTAG, WITHDRAW, Operation, Plan, Withheld, denial_of, make_plan
from hub.stages.sights import deliveries

MOST_SHOWN = 200
MOST_DELIVERIES = 100

LANES = {WITHDRAW: "opt-out", UNTAG: "untag", TAG: "tag", GRANT: "grant"}

ENDED_BADLY = ("rejected", "dead", "unknown", "vendor_locked")


def outgoing(db: Connection, settings: Settings, masked: bool = False) -> dict[str, Any]:
    """Everything about the next push, and the latest of those before it; lists are cut, counts are whole.

    `masked`: with no address in it that somebody could be reached by.
    """
    show = _masked if masked else _as_it_is
    plan = make_plan(db, settings)
    return {
        "plan_id": plan.id,
        "total": len(plan.operations),
        "counts": counts(plan.operations),
        "denied": denial_of(db, plan.id),
        "operations": [show(one.as_json()) for one in plan.operations[:MOST_SHOWN]],
        "withheld": {
            "total": len(plan.withheld),
            "groups": withheld_groups(plan.withheld),
            "first": [show(one.as_json()) for one in plan.withheld[:MOST_SHOWN]],
        },
        "waiting": waiting_of(db, settings, plan),
        "deliveries": [show(one) for one in _latest(db)],
        "dead": _ended_badly(db),
        "letters": {status: [show(one) for one in _last_words(db, status)] for status in ("dead", "vendor_locked")},
    }


def _as_it_is(row: dict[str, Any]) -> dict[str, Any]:
    return row


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    hidden = {name: mask_key(row[name]) for name in ("record", "external_id") if row.get(name)}
    return row | hidden | ({"address": mask_key(row["address"])} if row["address"] else {})


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
    "id",
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
    query = (
        select(deliveries.c.status, func.count())
        .where(deliveries.c.status.in_(ENDED_BADLY), _is_last())
        .group_by(deliveries.c.status)
    )
    found = {row[0]: row[1] for row in db.execute(query)}
    return {status: found.get(status, 0) for status in ENDED_BADLY}


def _last_words(db: Connection, status: str) -> list[dict[str, Any]]:
    """The changes whose last word is this, the newest first."""
    query = select(*(deliveries.c[name] for name in _TOLD)).where(deliveries.c.status == status, _is_last())
    return [dict(row) for row in db.execute(query.order_by(deliveries.c.id.desc()).limit(MOST_DELIVERIES)).mappings()]


def _is_last() -> ColumnElement[bool]:
    later = deliveries.alias("later")
    same = and_(*(later.c[name] == deliveries.c[name] for name in ("destination", "record", "address", "field")))
    return ~exists().where(same, later.c.id > deliveries.c.id)
