"""After a restore: what is still to be read before anything may leave, and then what exactly would leave.

Law: a thaw is one transaction with the proof that every stream was read whole and that the plan is the one shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from hub.queries.outgoing import LANES, counts, withheld_groups
from hub.settings.settings import Settings
from hub.stages.freeze import frozen_since, thaw, unread_since
from hub.stages.plan import Plan, check_unmoved
from hub.stages.sights import deliveries
from hub.watch.going import OPEN


class NotReady(Exception):
    """It cannot be approved yet; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Restored:
    """How far the hub is after a restore. `left_over`: what lies in the restored outbox without a final answer."""

    since: datetime
    unread: list[str]
    left_over: list[dict[str, Any]]

    @property
    def is_read(self) -> bool:
        return not self.unread

    def as_json(self, plan: Plan | None) -> dict[str, Any]:
        """`plan`: what would be sent now; only told when everything has been read."""
        document: dict[str, Any] = {
            "frozen_since": self.since,
            "unread": self.unread,
            "left_over": self.left_over,
            "plan_id": None,
        }
        if plan is not None:
            document |= {
                "plan_id": plan.id,
                "counts": counts(plan.operations),
                "operations": [one.as_json() for one in plan.operations],
                "withheld": withheld_groups(plan.withheld),
            }
        return document


def restored(db: Connection, settings: Settings) -> Restored | None:
    """None when nothing is frozen."""
    since = frozen_since(db)
    return None if since is None else Restored(since, unread_since(db, settings, since), _left_over(db))


def _left_over(db: Connection) -> list[dict[str, Any]]:
    query = (
        select(deliveries.c.destination, deliveries.c.lane, deliveries.c.status, func.count())
        .where(deliveries.c.status.in_(OPEN))
        .group_by(deliveries.c.destination, deliveries.c.lane, deliveries.c.status)
        .order_by(deliveries.c.destination, deliveries.c.lane, deliveries.c.status)
    )
    return [
        {"destination": destination, "lane": LANES[lane], "status": status, "count": number}
        for destination, lane, status, number in db.execute(query)
    ]


def approve(db: Connection, settings: Settings, plan: Plan, plan_id: str) -> None:
    """Let pushes go again. `plan` is what would be sent now.

    Raises NotReady; NoSuchPlan, or DataMoved when that is not the plan that was shown.
    """
    found = restored(db, settings)
    if found is None:
        raise NotReady("nothing is frozen")
    if not found.is_read:
        raise NotReady(f"not read whole since the restore: {', '.join(found.unread)}. hub sync --full --no-push")
    check_unmoved(db, plan, plan_id)
    thaw(db)
