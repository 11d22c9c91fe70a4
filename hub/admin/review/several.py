"""The pages for several records or questions at once: all records of two contacts, and pairs of one pattern."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.background import BackgroundTask
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.access.roles import Permission
from hub.admin import words
from hub.admin.doors import viewer_in
from hub.admin.review import claims
from hub.admin.review.answers import SORTED, Given
from hub.admin.review.asking import item_in, reviewer_in
from hub.admin.review.deriving import Deriving
from hub.admin.review.drawing import drawing
from hub.admin.review.patterns import ENOUGH, answer_all, groups, pattern_like
from hub.admin.review.sorting import sort_records, ticked_in
from hub.admin.site import Site
from hub.queries.review_cluster import FIELDS, Cluster, cluster_of
from hub.queries.review_pair import NoSuchPair
from hub.store.jsontext import storable

NO_PAIR = "There is no such pair, or it is answered."
MOST_COLUMNS = 5
"""So many records stand side by side; more stand below each other."""


def doors(site: Site, deriving: Deriving) -> list[BaseRoute]:
    several = Several(site, deriving)
    look, act, may = site.doors.look, site.doors.act, Permission.REVIEW
    return [
        look("/review/items/{item}/cluster", several.cluster, "review_cluster", may),
        act("/review/items/{item}/cluster", several.sort, "review_sort", may),
        look("/review/patterns", several.patterns, "review_patterns", may),
        look("/review/items/{item}/pattern", several.pattern, "review_pattern", may),
        act("/review/items/{item}/pattern", several.answer_all, "review_bulk", may),
    ]


class Several:
    """What the doors lead to."""

    def __init__(self, site: Site, deriving: Deriving) -> None:
        self.site, self.deriving = site, deriving
        self.store, self.model = site.store, site.settings.model

    def cluster(self, request: Request) -> Response:
        return self._cluster(request)

    def _cluster(self, request: Request, status: int = 200, told: str = "") -> Response:
        item = _pair_in(request)
        if item is None:
            return self.site.error(request, 404, NO_PAIR)
        left, _, right = item.partition("-")
        personal, who = viewer_in(request).may(Permission.PERSONAL), reviewer_in(request)
        with self.store.read() as db:
            masked = not personal and claims.holder_of(db, item) != who.session
            try:
                found = cluster_of(db, int(left), int(right), masked)
            except NoSuchPair:
                return self.site.error(request, 404, NO_PAIR)
        ticket = secrets.token_hex(16)
        shown = {"item": item, "cluster": found, "told": told, "fields": _fields(found), "drawing": drawing(found)}
        return self.site.page(request, "review_cluster", status, most_columns=MOST_COLUMNS, ticket=ticket, **shown)

    def sort(self, request: Request, form: FormData) -> Response:
        item = _pair_in(request)
        if item is None:
            return self.site.error(request, 404, NO_PAIR)
        text = {name: storable(str(form.get(name, ""))) for name in ("ticket", "shown", "note")}
        if not 8 <= len(text["ticket"]) <= 64:
            return self.site.error(request, 400, "This form is not whole. Load the page again.")
        given = Given(item, SORTED, text["ticket"], text["shown"], text["note"][:500])
        who, ticked = reviewer_in(request), ticked_in(form)
        outcome = self.store.write(lambda db: sort_records(db, who, given, ticked))
        if outcome.word != SORTED:
            return self._cluster(request, 409, outcome.told)
        reply = self.site.to(request, "review")
        reply.background = BackgroundTask(self.deriving)
        return reply

    def patterns(self, request: Request) -> Response:
        with self.store.read() as db:
            found = groups(db)
        return self.site.page(request, "review_patterns", groups=found)

    def pattern(self, request: Request) -> Response:
        return self._pattern(request)

    def _pattern(self, request: Request, status: int = 200, told: str = "") -> Response:
        item = _pair_in(request)
        with self.store.read() as db:
            found = pattern_like(db, self.model, reviewer_in(request), item) if item else None
        if found is None:
            return self.site.error(request, 404, NO_PAIR)
        page: dict[str, Any] = {"item": item, "found": found, "told": told, "enough": ENOUGH}
        return self.site.page(request, "review_pattern", status, **page)

    def answer_all(self, request: Request, form: FormData) -> Response:
        item, who = _pair_in(request), reviewer_in(request)
        with self.store.read() as db:
            found = pattern_like(db, self.model, who, item) if item else None
        if found is None:
            return self.site.error(request, 404, NO_PAIR)
        if not found.answer:
            return self._pattern(
                request, 409, f"Nothing was decided: answer {ENOUGH} of them by hand first, all alike."
            )
        if found.shown != str(form.get("shown", "")):
            return self._pattern(request, 409, "The questions have changed since you opened them. Nothing was decided.")
        answer_all(self.store, who, found)
        reply = self.site.to(request, "review")
        reply.background = BackgroundTask(self.deriving)
        return reply


def _pair_in(request: Request) -> str | None:
    item = item_in(request)
    return None if item is None or item.startswith("v") else item


def _fields(found: Cluster) -> list[str]:
    """The fields that any record has."""
    return [name for name in sorted(FIELDS, key=words.field_order) if any(name in one.fields for one in found.members)]
