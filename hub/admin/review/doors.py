"""The Review pages: the queue, one question after the other, and everything that was answered.

Law: asking for a page takes nothing and decides nothing; only forms do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection
from starlette.background import BackgroundTask, BackgroundTasks
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.access.roles import Permission
from hub.admin.counting import OpenQuestions
from hub.admin.doors import viewer_in
from hub.admin.review import claims, consents, fields, several
from hub.admin.review.answers import (
    DECIDED,
    GONE,
    STALE,
    Given,
    Outcome,
    TakenBack,
    answer,
    undo_last,
    undo_number,
)
from hub.admin.review.asking import ITEM, Wish, choices_in, is_script, item_in, reviewer_in
from hub.admin.review.deriving import Deriving
from hub.admin.review.history import PAGE, latest_decisions
from hub.admin.review.known import hold_known, is_due
from hub.admin.review.moved import what_moved
from hub.admin.review.notes import asked_of, colleagues, write_note
from hub.admin.review.page import Shown
from hub.admin.review.prepared import Prepared
from hub.admin.review.progress import progress, week
from hub.admin.review.rail import rail
from hub.admin.site import Site
from hub.decide import CannotDecide
from hub.queries.consent_questions import consent_questions
from hub.queries.field_questions import field_questions
from hub.queries.home import next_run
from hub.queries.review_pair import NoSuchPair
from hub.queries.review_queue import is_open
from hub.queries.review_value import NoSuchValue
from hub.store.jsontext import storable

AHEAD = 4
"""How many questions a session may have before it: one on the screen and three behind it."""

AT_ONCE = 2
"""How many of them one reply brings at most: each takes its time to be read."""

MOST_COUNTED = 50
"""Conflicts that the queue's page counts; a page of their own has them."""

NO_ITEM = "There is no such question."


def doors(site: Site) -> list[BaseRoute]:
    deriving = Deriving(site.whole, site.settings)
    review = Review(site, deriving)
    look, act, may = site.doors.look, site.doors.act, Permission.REVIEW
    return [
        look("/review", review.queue, "review", may),
        look("/review/history", review.history, "review_history", may),
        act("/review/next", review.next, "review_next", may),
        act("/review/undo", review.undo, "review_undo", may),
        act("/review/undo/{number:int}", review.undo_number, "review_undo_number", may),
        act("/review/alive", review.alive, "review_alive", may),
        look("/review/items/{item}", review.show, "review_item", may),
        act("/review/items/{item}", review.answer, "review_answer", may),
        act("/review/items/{item}/take", review.take, "review_take", may),
        act("/review/items/{item}/notes", review.note, "review_note", may),
        *several.doors(site, deriving),
        *consents.doors(site),
        *fields.doors(site),
    ]


class Review:
    """What the doors lead to."""

    def __init__(self, site: Site, deriving: Deriving) -> None:
        self.site, self.deriving = site, deriving
        self.store, self.settings = site.store, site.settings
        self.still_open = OpenQuestions()
        self.prepared = Prepared(site.settings)

    # what is looked at

    def queue(self, request: Request) -> Response:
        who, wish = reviewer_in(request), Wish.of(request, self.settings)
        of = wish.narrowed(self.settings.model)
        with self.store.read() as db:
            still_open = self.still_open(db, of)
            found = rail(db, of, request.query_params.get("after", ""), still_open)
            told = progress(db, who, still_open)
            asked = asked_of(db, who.name)
            clear: dict[str, Any] = {}
            if not found.entries:
                clear = {"week": week(db), "next_run": next_run(db, self.settings)}
            conflicts = len(field_questions(db, MOST_COUNTED)), len(consent_questions(db, MOST_COUNTED))
        following = f"{wish.query or '?'}&after={found.after}" if found.after else ""
        sources = sorted(self.settings.connections)
        return self.site.page(
            request,
            "review",
            wish=wish,
            rail=found,
            progress=told,
            sources=sources,
            asked=asked,
            following=following,
            conflicts=conflicts,
            most_counted=MOST_COUNTED,
            **clear,
        )

    def history(self, request: Request) -> Response:
        before = request.query_params.get("before", "")
        with self.store.read() as db:
            found = latest_decisions(db, int(before) if before.isdecimal() and len(before) < 18 else None)
        older = f"?before={found[-1].id}" if len(found) == PAGE else ""
        return self.site.page(request, "review_history", decisions=found, older=older)

    def show(self, request: Request) -> Response:
        item = item_in(request)
        if item is None:
            return self.site.error(request, 404, NO_ITEM)
        return self._item(request, item)

    # what is done

    def next(self, request: Request, form: FormData) -> Response:
        """Take the next question; for the script the next few, besides those that it has."""
        if is_script(request):
            return self._then(self._news(request, Outcome(DECIDED, ""), _have(form)), self._prepare(request))
        return self._to_next(request)

    def take(self, request: Request, _form: FormData) -> Response:
        """Take this very question, as one does who was asked. Only open ones, or anybody's values could be had."""
        item, who = item_in(request), reviewer_in(request)
        if item is None or not self.store.write(lambda db: is_open(db, item) and claims.claim(db, who, item)):
            return self.site.error(request, 409, "Somebody else has this question before them, or it is answered.")
        return self.site.to(request, "review_item", Wish.of(request, self.settings).query, item=item)

    def alive(self, request: Request, _form: FormData) -> Response:
        self.store.write(lambda db: claims.keep(db, reviewer_in(request)))
        return Response(status_code=204)

    def answer(self, request: Request, form: FormData) -> Response:
        item = item_in(request)
        if item is None:
            return self.site.error(request, 404, NO_ITEM)
        text = {name: storable(str(form.get(name, ""))) for name in ("answer", "ticket", "shown", "note")}
        if not 8 <= len(text["ticket"]) <= 64:
            return self.site.error(request, 400, "This form is not whole. Load the page again.")
        given = Given(item, text["answer"], text["ticket"], text["shown"], text["note"], choices_in(form))
        have, reads_on = _have(form), is_script(request)

        def work(db: Connection) -> tuple[Outcome, list[str]]:
            outcome = answer(db, self.settings, reviewer_in(request), given)
            return outcome, self._hold(db, request, have) if reads_on and outcome.word == DECIDED else []

        outcome, held = self.store.write(work)
        if outcome.word == DECIDED:
            reply = self._news(request, outcome, have, held=held) if reads_on else self._to_next(request)
            return self._then(reply, self._prepare(request), self.deriving)
        return self._not_decided(request, given, outcome, form)

    def undo(self, request: Request, form: FormData) -> Response:
        """Take the newest answer of this session back, and show what it was about."""
        who = reviewer_in(request)
        undone = self.store.write(lambda db: undo_last(db, who))
        if not undone:
            nothing = Outcome(GONE, "There is nothing of this session left to undo: History has the rest.")
            return self._news(request, nothing, _have(form)) if is_script(request) else self.site.to(request, "review")
        return self._then(self._shown_again(request, undone, form), self.deriving)

    def undo_number(self, request: Request, _form: FormData) -> Response:
        who, number = reviewer_in(request), int(request.path_params["number"])
        try:
            undone = self.store.write(lambda db: undo_number(db, who, min(number, 2**62)))
        except CannotDecide as error:
            return self.site.error(request, 409, f"Nothing was undone: {error}.")
        back = self.site.to(request, "review_item", item=undone.item) if undone else None
        return self._then(back or self.site.to(request, "review_history"), self.deriving)

    def note(self, request: Request, form: FormData) -> Response:
        item = item_in(request)
        if item is None:
            return self.site.error(request, 404, NO_ITEM)
        who, text, assignee = reviewer_in(request), str(form.get("text", "")), str(form.get("assignee", ""))
        if not self.store.write(lambda db: write_note(db, who, item, text, assignee)):
            return self.site.error(request, 400, "Write something, and ask somebody whom the hub knows.")
        return self.site.to(request, "review_item", Wish.of(request, self.settings).query, item=item)

    # how it is answered

    def _then(self, reply: Response, *works: Callable[[], None]) -> Response:
        """What the reviewer does not wait for: what follows from an answer, and making the next question ready."""
        reply.background = BackgroundTasks([BackgroundTask(work) for work in works])
        return reply

    def _prepare(self, request: Request) -> Callable[[], None]:
        who, of = reviewer_in(request), Wish.of(request, self.settings).narrowed(self.settings.model)

        def work() -> None:
            self.prepared.prepare(self.store, who, of, AT_ONCE)

        return work

    def _to_next(self, request: Request) -> Response:
        wish = Wish.of(request, self.settings)
        if given := self._give(request, set(), ahead=1):
            return self.site.to(request, "review_item", wish.query, item=given[0].item)
        return self.site.to(request, "review", wish.query)

    def _give(
        self, request: Request, have: set[str], ahead: int = AHEAD, held: Sequence[str] | None = None
    ) -> list[Shown]:
        """The next questions (`held`: these); what cannot be shown is given back, and something else taken for it."""
        for _ in range(AHEAD):
            if held is None:
                held = self.store.write(partial(self._hold, request=request, have=have, ahead=ahead))
            shown = self._shown(request, held)
            if len(shown) == len(held):
                return shown
            for item in {*held} - {one.item for one in shown}:
                self.store.write(partial(claims.let_go, item=item))
            held = None
        return shown

    def _hold(self, db: Connection, request: Request, have: set[str], ahead: int = AHEAD) -> list[str]:
        """Take questions, until there are `ahead` with those that the session has before it."""
        who, of = reviewer_in(request), Wish.of(request, self.settings).narrowed(self.settings.model)
        most = min(ahead - len(have), AT_ONCE)
        if most <= 0:
            return []
        known = hold_known(db, who) if is_due(db, who) else None
        found = claims.hold(db, who, {*have, known or ""}, most - (known is not None), of)
        return [*found, known] if known else found

    def _shown(self, request: Request, items: Sequence[str]) -> list[Shown]:
        """Those that still are questions."""
        who, personal = reviewer_in(request), viewer_in(request).may(Permission.PERSONAL)
        found = []
        with self.store.read() as db:
            for item in items:
                try:
                    found.append(self.prepared.shown(db, who, item, personal))
                except (NoSuchPair, NoSuchValue):
                    continue
        return found

    def _item(
        self, request: Request, item: str, status: int = 200, outcome: Outcome | None = None, moved: Sequence[str] = ()
    ) -> Response:
        shown = self._shown(request, [item])
        who, wish = reviewer_in(request), Wish.of(request, self.settings)
        if not shown:
            return self.site.error(request, 404, "This question is answered, or one of its records is gone.")
        with self.store.read() as db:
            still_open = self.still_open(db, wish.narrowed(self.settings.model))
            told, known = progress(db, who, still_open), colleagues(db)
        page = {"wish": wish, "one": shown[0], "progress": told, "outcome": outcome, "moved": moved}
        return self.site.page(request, "review_item", status, colleagues=known, **page)

    def _news(
        self,
        request: Request,
        outcome: Outcome,
        have: set[str],
        again: Sequence[Shown] = (),
        moved: Sequence[str] = (),
        status: int = 200,
        held: Sequence[str] | None = None,
    ) -> Response:
        """What the script puts into the page: a word on what became of it, and the next questions, `held` if told."""
        who, wish = reviewer_in(request), Wish.of(request, self.settings)
        ahead = self._give(request, have | {one.item for one in again}, held=held)
        with self.store.read() as db:
            still_open = self.still_open(db, wish.narrowed(self.settings.model))
            told, known = progress(db, who, still_open), colleagues(db)
        page = {"wish": wish, "outcome": outcome, "again": again, "ahead": ahead, "moved": moved, "progress": told}
        return self.site.page(request, "review_news", status, colleagues=known, **page)

    def _not_decided(self, request: Request, given: Given, outcome: Outcome, form: FormData) -> Response:
        shown = self._shown(request, [given.item])
        moved: list[str] = []
        if outcome.word == STALE and shown and shown[0].is_pair:
            with self.store.read() as db:
                moved = what_moved(db, self.settings, shown[0].asked, given.shown)
        if is_script(request):
            again = shown if outcome.word not in (GONE, "taken") else []
            return self._news(request, outcome, _have(form), again, moved, 409)
        if outcome.word == GONE or not shown:
            return self.site.error(request, 409, outcome.told)
        return self._item(request, given.item, 409, outcome, moved)

    def _shown_again(self, request: Request, undone: Sequence[TakenBack], form: FormData) -> Response:
        numbers = [str(one.decision) for one in undone if one.decision is not None]
        outcome = Outcome("undone", f"Undone: decision {', '.join(numbers)}." if numbers else "Undone.")
        last = undone[0].item
        if is_script(request):
            return self._news(request, outcome, _have(form), self._shown(request, [last]))
        return self.site.to(request, "review_item", Wish.of(request, self.settings).query, item=last)


def _have(form: FormData) -> set[str]:
    """The questions that the script has already."""
    return {item for item in str(form.get("have", "")).split()[: 2 * AHEAD] if ITEM.fullmatch(item)}
