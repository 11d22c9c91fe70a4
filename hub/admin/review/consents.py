"""The pages for consent that a person is asked about: look at the evidence, attach more, say no or leave it as it is.

Law: nothing here says yes. A yes is evidence with its proof, recorded by those who may, and the rules judge it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.access.roles import Permission
from hub.admin.deciding import decide
from hub.admin.doors import viewer_in
from hub.admin.review.asking import reviewer_in
from hub.admin.review.notes import write_note
from hub.admin.site import Site
from hub.queries.consent_questions import ConsentAsked, consent_question, consent_questions, holders_of, told_of
from hub.record import CannotRecord, Statement, leave, withdraw
from hub.store.jsontext import storable

MOST = 50
LONGEST = 500
NO_QUESTION = "There is no such question, or its evidence is another now: look at the list again."
WITHDRAW, LEAVE = "withdraw", "leave"
TOLD = {
    WITHDRAW: "The no is recorded with its evidence. It is told to the destinations at once.",
    LEAVE: "Left as it is: nothing may be sent. What you wrote is kept; it is asked again when evidence comes in.",
}


def doors(site: Site) -> list[BaseRoute]:
    consents = Consents(site)
    look, act, may = site.doors.look, site.doors.act, Permission.REVIEW
    return [
        look("/review/consent", consents.list, "consent_questions", may),
        look("/review/consent/{name}", consents.show, "consent_question", may),
        act("/review/consent/{name}", consents.attach, "attach_evidence", may),
    ]


class NotOpen(Exception):
    """Nobody is asked this now."""


@dataclass(frozen=True, slots=True)
class Consents:
    """What the doors lead to."""

    site: Site

    def list(self, request: Request) -> Response:
        with self.site.store.read() as db:
            found = consent_questions(db, MOST)
        done = TOLD.get(request.query_params.get("done", ""), "")
        masked = not viewer_in(request).may(Permission.PERSONAL)
        lines = [(one, one.address(masked)) for one in found]
        return self.site.page(request, "review_consents", lines=lines, most=MOST, told=done)

    def show(self, request: Request) -> Response:
        return self._page(request)

    def _page(self, request: Request, status: int = 200, told: str = "") -> Response:
        masked = not viewer_in(request).may(Permission.PERSONAL)
        with self.site.store.read() as db:
            asked = consent_question(db, request.path_params["name"])
            if asked is None:
                return self.site.error(request, 404, NO_QUESTION)
            entry, holders = told_of(db, self.site.settings, asked, masked), holders_of(db, asked)
        if entry is None:
            return self.site.error(request, 404, NO_QUESTION)
        page = {"asked": asked, "address": asked.address(masked), "entry": entry, "holders": holders}
        return self.site.page(request, "review_consent", status, told=told, today=self.site.now(), **page)

    def attach(self, request: Request, form: FormData) -> Response:
        """Keep what the reviewer found out: as the evidence of a no, or as a note on what stays as it is."""
        do, where, note = (storable(str(form.get(name, ""))).strip()[:LONGEST] for name in ("do", "where", "note"))
        if do not in (WITHDRAW, LEAVE):
            return self.site.error(request, 404, "There is nothing like that to do here.")
        if not where:
            return self._page(request, 422, "Nothing was recorded: say where it was said, or where you looked.")
        day = _day(str(form.get("day", "")))
        if do == WITHDRAW and day is None:
            return self._page(request, 422, "Nothing was recorded: a no needs the day on which it was said.")
        said = Statement(
            actor=viewer_in(request).name,
            at=day,
            precision="date",
            zone=self.site.settings.hub.timezone,
            method="agent",
            evidence=f"{where}: {note}" if note else where,
        )
        try:
            decide(self.site, lambda db: self._keep(db, request, do, said))
        except NotOpen:
            return self.site.error(request, 409, NO_QUESTION)
        except CannotRecord:
            return self._page(request, 422, "Nothing was recorded: this day has not come yet.")
        return self.site.to(request, "consent_questions", f"?done={do}")

    def _keep(self, db: Connection, request: Request, do: str, said: Statement) -> int:
        """Raises NotOpen for a question that is none any more, CannotRecord for a day that has not come."""
        asked = consent_question(db, request.path_params["name"])
        if asked is None:
            raise NotOpen
        if do == WITHDRAW:
            return len(withdraw(db, [asked.line], _about(said, asked)))
        leave(db, asked.line, asked.decided_by, said.actor)
        write_note(db, reviewer_in(request), asked.name, said.evidence, "")
        return 0


def _about(said: Statement, asked: ConsentAsked) -> Statement:
    return replace(said, purpose=asked.purpose, brand=asked.brand)


def _day(text: str) -> datetime | None:
    """The beginning of a day, as a date is recorded; None for what is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
