"""The pages for fields that no rule settles: what each source says, and one of the values pinned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.access.roles import Permission
from hub.admin.contact_acts import choices_of
from hub.admin.contact_tabs import title_of
from hub.admin.contacts import is_masked, reason_in
from hub.admin.deciding import decide
from hub.admin.review import claims
from hub.admin.review.asking import reviewer_in
from hub.admin.site import Site
from hub.decide import CannotDecide, pin
from hub.queries.field_questions import FieldAsked, field_question, field_questions
from hub.queries.parts import fields_of, head_of

MOST = 50
NO_QUESTION = "Nobody is asked about this field any more, or somebody else has it before them."
PINNED = "Pinned. It can be undone from the contact's History for ever."


def doors(site: Site) -> list[BaseRoute]:
    fields = Fields(site)
    look, act, may = site.doors.look, site.doors.act, Permission.REVIEW
    return [
        look("/review/fields", fields.list, "field_questions", may),
        look("/review/fields/{key}", fields.show, "field_question", may),
        act("/review/fields/{key}/take", fields.take, "take_field", may),
        act("/review/fields/{key}", fields.pin, "settle_field", may),
    ]


@dataclass(frozen=True, slots=True)
class Fields:
    """Law: the values are shown in clear to whoever has taken the question, and to those who may see them anyway."""

    site: Site

    def list(self, request: Request) -> Response:
        with self.site.store.read() as db:
            found = field_questions(db, MOST)
            lines = [(one, title_of(head_of(db, one.contact_id, is_masked(request)))) for one in found]
        told = PINNED if "done" in request.query_params else ""
        return self.site.page(request, "review_fields", lines=lines, most=MOST, told=told)

    def take(self, request: Request, form: FormData) -> Response:
        who, field = reviewer_in(request), str(form.get("field", ""))

        def work(db: Connection) -> FieldAsked | None:
            asked = _asked(db, request, field)
            return asked if asked and claims.claim(db, who, asked.item) else None

        asked = self.site.store.write(work)
        if asked is None:
            return self.site.error(request, 409, NO_QUESTION)
        return self.site.to(request, "field_question", f"?{urlencode({'field': asked.field})}", key=asked.contact_id)

    def show(self, request: Request) -> Response:
        with self.site.store.read() as db:
            asked = _asked(db, request, request.query_params.get("field", ""))
            if asked is None:
                return self.site.error(request, 404, NO_QUESTION)
            is_held = claims.holder_of(db, asked.item) == reviewer_in(request).session
            masked = is_masked(request) and not is_held
            head = head_of(db, asked.contact_id, masked)
            choices = _choices(db, asked, masked)
        page: dict[str, Any] = {"asked": asked, "title": title_of(head), "masked": masked, "is_held": is_held}
        return self.site.page(request, "review_field", choices=choices, **page)

    def pin(self, request: Request, form: FormData) -> Response:
        """Take the value that stood at a place of the list, if the record that said it still says it there."""
        with self.site.store.read() as db:
            asked = _asked(db, request, str(form.get("field", "")))
            holder = claims.holder_of(db, asked.item) if asked else None
            choices = {one["name"]: one for one in _choices(db, asked)} if asked else {}
        who, chosen = reviewer_in(request), choices.get(str(form.get("value", "")))
        if asked is None or chosen is None or holder not in (None, who.session):
            return self.site.error(request, 409, NO_QUESTION)

        def work(db: Connection) -> int:
            claims.let_go(db, asked.item)
            return pin(db, chosen["record_id"], asked.field, chosen["value"], who.name, reason_in(form))

        try:
            decide(self.site, work)
        except CannotDecide:
            return self.site.error(request, 409, NO_QUESTION)
        return self.site.to(request, "field_questions", "?done=1")


def _asked(db: Connection, request: Request, field: str) -> FieldAsked | None:
    key: str = request.path_params["key"]
    return None if "\x00" in key + field else field_question(db, key, field)


def _choices(db: Connection, asked: FieldAsked, masked: bool = False) -> list[dict[str, Any]]:
    (found,) = (one for one in fields_of(db, asked.contact_id, masked) if one["field"] == asked.field)
    return list(choices_of(found))
