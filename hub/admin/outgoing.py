"""The Outgoing page: what would leave and why the rest does not, and a person's yes to exactly what it shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.access.roles import Permission
from hub.admin.charts import by_day
from hub.admin.consent_words import STATUSES
from hub.admin.doors import viewer_in
from hub.admin.files import as_file
from hub.admin.kept import Kept
from hub.admin.letters import DONE, Letters
from hub.admin.site import Site
from hub.audit import entries, note
from hub.jobs.rounds import current_plan, push_plan
from hub.queries.days import Days, optouts_by_day
from hub.queries.notices import counts, listed
from hub.queries.outgoing import outgoing
from hub.settings.settings import Settings
from hub.stages.notices import DEAD
from hub.stages.plan import (
    DataMoved,
    NoSuchPlan,
    Plan,
    PlanDenied,
    denial_of,
    deny,
    keep_plan,
    make_plan,
    plans,
    take_back_denial,
)
from hub.stages.push import PushResult
from hub.stages.sights import deliveries

MOST_SENT = 1_000
"""Operations that one request sends; more take longer than a browser waits."""

MOST_NOTICES = 50
KEEP_SECONDS = 30.0
APPROVED = "plan.approve"

NO_PLAN = "There is no such plan."
SENT_BEFORE = "This plan was sent already; what became of it stands below, among the latest deliveries."
PLAN_ID = re.compile(r"[0-9a-f]{12}")


def doors(site: Site) -> list[BaseRoute]:
    outgoing, letters = Outgoing(site, Kept(KEEP_SECONDS, lambda: _days(site))), Letters(site)
    return [
        site.doors.look("/outgoing", outgoing.show, "outgoing"),
        site.doors.look("/outgoing/days.csv", outgoing.days, "optouts_by_day"),
        site.doors.act("/outgoing", letters.act, "act_on_letters", Permission.PUSH),
        site.doors.act("/outgoing/{plan_id}/answer", outgoing.answer, "answer_plan", Permission.PUSH),
        site.doors.act("/outgoing/{plan_id}", outgoing.send, "send_plan", Permission.PUSH),
    ]


def _days(site: Site) -> Days:
    with site.store.read() as db:
        return optouts_by_day(db, ZoneInfo(site.settings.hub.timezone), site.now())


@dataclass(frozen=True, slots=True)
class Note:
    """What the page says on top; `kind` is a state's word, `lines` are details."""

    kind: str
    text: str
    lines: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Law: only the POST of a form that this session was shown sends anything, and only the plan it was shown with."""

    site: Site
    by_days: Kept[Days]

    def show(self, request: Request) -> Response:
        sent, done = (request.query_params.get(name, "") for name in ("sent", "done"))
        notes = [self._became_of(sent)] if PLAN_ID.fullmatch(sent) else []
        return self._page(request, [*notes, Note("ok", DONE[done])] if done in DONE else notes)

    def days(self, _request: Request) -> Response:
        rows = [{"day": day.isoformat(), "opt-outs": number} for day, number in self.by_days()]
        return as_file("opt-outs-by-day", "csv", ("day", "opt-outs"), rows)

    def answer(self, request: Request, form: FormData) -> Response:
        """A no to exactly the plan that was shown, or the no taken back."""
        plan_id, do = request.path_params["plan_id"], str(form.get("do", ""))
        who, now = viewer_in(request).name, self.site.now()
        if not PLAN_ID.fullmatch(plan_id) or do not in ("deny", "allow"):
            return self.site.error(request, 404, NO_PLAN)

        def work(db: Connection) -> str:
            if refused := _cannot_answer(db, plan_id, do):
                return refused
            known = deny(db, plan_id, who, now) if do == "deny" else take_back_denial(db, plan_id)
            if known:
                note(db, now, who, f"plan.{do}", f"plan:{plan_id}")
            return "" if known else "nobody was shown this plan"

        if refused := self.site.store.write(work):
            return self._page(request, [Note("held", f"Nothing was done: {refused}.")], 409)
        return self.site.to(request, "outgoing", f"?done={do}")

    def send(self, request: Request, _form: FormData) -> Response:
        plan_id: str = request.path_params["plan_id"]
        if not PLAN_ID.fullmatch(plan_id):
            return self.site.error(request, 404, NO_PLAN)
        if len(current_plan(self.site.store, self.site.settings).operations) > MOST_SENT:
            return self._page(request, [Note("held", f"Nothing was sent. {_by_hand(plan_id)}")], 409)
        by = viewer_in(request).name

        def approved(db: Connection, plan: Plan) -> None:
            told = {"operations": len(plan.operations)}
            note(db, self.site.now(), by, APPROVED, f"plan:{plan.id}", told)

        try:
            _, result = push_plan(self.site.store, self.site.settings, plan_id, approved=approved)
        except NoSuchPlan:
            return self._page(request, [Note("held", "Nothing was sent: nobody was shown this plan.")], 409)
        except PlanDenied as denied:
            return self._page(request, [Note("held", f"Nothing was sent: {denied}.")], 409)
        except DataMoved as moved:
            if self._was_sent(plan_id):
                return self._page(request, [Note("held", f"Nothing was sent again. {SENT_BEFORE}")], 409)
            refused = "Nothing was sent: the data has moved since the plan was shown. Below is what would be sent now."
            return self._page(request, [Note("held", refused, _what_moved(moved))], 409)
        if troubles := _troubles(result):
            return self._page(request, [self._became_of(plan_id), *troubles])
        return self.site.to(request, "outgoing", f"?sent={plan_id}")

    def _page(self, request: Request, notes: Sequence[Note], status: int = 200) -> Response:
        masked = not viewer_in(request).may(Permission.PERSONAL)
        with self.site.store.read() as db:
            found = outgoing(db, self.site.settings, masked)
            told, dead = counts(db), listed(db, DEAD, None, MOST_NOTICES)
        self._keep(found)
        return self.site.page(
            request,
            "outgoing",
            status,
            outgoing=found,
            destinations=_destinations(self.site.settings, found),
            segments={name: segment.title for name, segment in self.site.settings.segments.items()},
            last_at=max((one["answered_at"] for one in found["deliveries"] if one["answered_at"]), default=None),
            notes=notes,
            notices=told,
            dead_notices=dead,
            optouts=by_day(self.by_days(), "opt-outs"),
            by_hand=_by_hand(found["plan_id"]) if found["total"] > MOST_SENT else "",
        )

    def _keep(self, found: dict[str, Any]) -> None:
        """Remember the plan, so that its approval can be told what has moved since."""
        if not 0 < found["total"] <= MOST_SENT:
            return
        with self.site.store.read() as db:
            if db.execute(select(plans.c.id).where(plans.c.id == found["plan_id"])).first() is not None:
                return
            plan = make_plan(db, self.site.settings)
        self.site.store.write(lambda db: keep_plan(db, plan))

    def _was_sent(self, plan_id: str) -> bool:
        with self.site.store.read() as db:
            return _was_approved(db, plan_id)

    def _became_of(self, plan_id: str) -> Note:
        with self.site.store.read() as db:
            ended = _ended(db, plan_id)
        told = [f"{destination}: {number} {STATUSES.get(status, status)}" for destination, status, number in ended]
        text = f"Plan {plan_id} was sent." if ended else f"Nothing of plan {plan_id} was sent."
        return Note("ok", text, told)


def _cannot_answer(db: Connection, plan_id: str, do: str) -> str:
    """Why a plan cannot be denied, or the no to it taken back; "" where it can."""
    denial = denial_of(db, plan_id)
    if do == "allow":
        return "" if denial else "nobody says no to this plan"
    if denial:
        return f"{denial['denied_by']} has denied this plan already"
    return "this plan was sent already" if _was_approved(db, plan_id) else ""


def _was_approved(db: Connection, plan_id: str) -> bool:
    """What has left by itself was never approved."""
    yes = (entries.c.action == APPROVED) & (entries.c.subject == f"plan:{plan_id}")
    return db.execute(select(entries.c.id).where(yes).limit(1)).first() is not None


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
