"""The Outgoing page: what would leave and why the rest does not, and a person's yes to exactly what it shows."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.admin.consent_words import STATUSES
from hub.admin.gate import session_of
from hub.admin.sessions import Now, form_token
from hub.admin.templates import Templates
from hub.jobs.rounds import current_plan, push_plan
from hub.queries.outgoing import outgoing
from hub.settings.settings import Settings
from hub.stages.plan import DataMoved, NoSuchPlan, keep_plan, make_plan, plans
from hub.stages.push import PushResult
from hub.stages.sights import deliveries
from hub.store.engine import Store

MOST_SENT = 1_000
"""Operations that one request sends; more take longer than a browser waits."""

NO_PLAN = "There is no such plan."
STALE_FORM = "This form is not of your session. Load the page again and decide anew."
PLAN_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Note:
    """What the page says on top; `kind` is a state's word, `lines` are details."""

    kind: str
    text: str
    lines: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Law: only the POST of a form that this session was shown sends anything, and only the plan it was shown with."""

    store: Store
    settings: Settings
    templates: Templates
    now: Now

    def show(self, request: Request) -> Response:
        sent = request.query_params.get("sent", "")
        notes = [self._became_of(sent)] if PLAN_ID.fullmatch(sent) else []
        return self._page(request, notes)

    async def send(self, request: Request) -> Response:
        async with request.form(max_files=0) as form:
            token = str(form.get("form", ""))
        if not hmac.compare_digest(token.encode(), form_token(session_of(request)).encode()):
            return self.templates.error(403, STALE_FORM)
        plan_id: str = request.path_params["plan_id"]
        if not PLAN_ID.fullmatch(plan_id):
            return self.templates.error(404, NO_PLAN)
        return await run_in_threadpool(self._send, request, plan_id)

    def _send(self, request: Request, plan_id: str) -> Response:
        if len(current_plan(self.store, self.settings).operations) > MOST_SENT:
            return self._page(request, [Note("held", f"Nothing was sent. {_by_hand(plan_id)}")], 409)
        try:
            _, result = push_plan(self.store, self.settings, plan_id)
        except NoSuchPlan:
            return self._page(request, [Note("held", "Nothing was sent: nobody was shown this plan.")], 409)
        except DataMoved as moved:
            refused = "Nothing was sent: the data has moved since the plan was shown. Below is what would be sent now."
            return self._page(request, [Note("held", refused, _what_moved(moved))], 409)
        if troubles := _troubles(result):
            return self._page(request, [self._became_of(plan_id), *troubles])
        return RedirectResponse(f"{request.app.url_path_for('outgoing')}?sent={plan_id}", status_code=303)

    def _page(self, request: Request, notes: Sequence[Note], status: int = 200) -> Response:
        with self.store.read() as db:
            found = outgoing(db, self.settings)
        self._keep(found)
        return self.templates.page(
            "outgoing",
            status,
            outgoing=found,
            destinations=_destinations(self.settings, found),
            segments={name: segment.title for name, segment in self.settings.segments.items()},
            last_at=max((one["answered_at"] for one in found["deliveries"] if one["answered_at"]), default=None),
            notes=notes,
            by_hand=_by_hand(found["plan_id"]) if found["total"] > MOST_SENT else "",
            token=form_token(session_of(request)),
        )

    def _keep(self, found: dict[str, Any]) -> None:
        """Remember the plan, so that its approval can be told what has moved since."""
        if not 0 < found["total"] <= MOST_SENT:
            return
        with self.store.read() as db:
            if db.execute(select(plans.c.id).where(plans.c.id == found["plan_id"])).first() is not None:
                return
            plan = make_plan(db, self.settings)
        self.store.write(lambda db: keep_plan(db, plan))

    def _became_of(self, plan_id: str) -> Note:
        with self.store.read() as db:
            ended = _ended(db, plan_id)
        told = [f"{destination}: {number} {STATUSES.get(status, status)}" for destination, status, number in ended]
        text = f"Plan {plan_id} was sent." if ended else f"Nothing of plan {plan_id} was sent."
        return Note("ok", text, told)


def _ended(db: Connection, plan_id: str) -> list[tuple[str, str, int]]:
    query = (
        select(deliveries.c.destination, deliveries.c.status, func.count())
        .where(deliveries.c.plan == plan_id)
        .group_by(deliveries.c.destination, deliveries.c.status)
        .order_by(deliveries.c.destination, deliveries.c.status)
    )
    return [(row[0], row[1], row[2]) for row in db.execute(query)]


def _destinations(settings: Settings, found: dict[str, Any]) -> list[dict[str, Any]]:
    """A line for everything that is written to: how much of each kind, and what waits for a person."""
    counts = {(one["destination"], one["lane"]): one["operations"] for one in found["counts"]}
    waiting = {one["destination"]: one for one in found["waiting"]}
    return [
        {
            "name": name,
            "lanes": [counts.get((name, lane), 0) for lane in ("opt-out", "grant", "tag", "untag")],
            "waiting": waiting.get(name),
        }
        for name, connection in settings.connections.items()
        if connection.push.mode != "off" and connection.connector.destination is not None
    ]


def _troubles(result: PushResult) -> list[Note]:
    """What an approved push could not do, destination by destination."""
    failed = [Note("failed", f"{end.destination}: {end.message}") for end in result.ends if end.exit_code]
    held = [Note("held", f"{name}: the yeses wait: {reason}") for name, reason in sorted(result.held_grants.items())]
    return failed + held


def _what_moved(moved: DataMoved) -> list[str]:
    """The lines of the message between its first, which the page says itself, and its last, which is for terminals."""
    return [line.strip() for line in str(moved).splitlines()[1:-1]]


def _by_hand(plan_id: str) -> str:
    return f"The plan is larger than a page sends: `hub push --plan {plan_id}` sends it."
