"""What is done to one contact on its pages: pin, split, merge, undo, ask why not, and take it out as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.access.roles import Permission
from hub.admin.contact_tabs import title_of
from hub.admin.contacts import MOST_RESULTS, find_contact, is_masked, reason_in, typed
from hub.admin.deciding import decide
from hub.admin.doors import viewer_in
from hub.admin.site import Site
from hub.audit import note
from hub.decide import CannotDecide, merge, pin, split, undo
from hub.queries.contact import show
from hub.queries.explain import explain
from hub.queries.find import Found
from hub.queries.home import look_up
from hub.queries.parts import fields_of, head_of, history_of
from hub.queries.review_consequences import consequences_of
from hub.queries.timeline import timeline
from hub.stages.reading import members

MOST_EXPORTED = 100_000
"""Events of one contact in its export."""

LONGEST_NUMBER = 18
MOVED = "This has changed since the page was shown. Look again and decide anew."
NO_VALUES = "Nothing is said of this field, so there is nothing to choose."


def doors(site: Site) -> list[BaseRoute]:
    acts = Acts(site)
    look, act = site.doors.look, site.doors.act
    return [
        look("/contacts/{key}/pin", acts.values, "values_of_contact", Permission.REVIEW),
        act("/contacts/{key}/pin", acts.pin, "pin_field", Permission.REVIEW),
        act("/contacts/{key}/split", acts.split, "split_contact", Permission.REVIEW),
        look("/contacts/{key}/merge", acts.other, "choose_other", Permission.REVIEW),
        act("/contacts/{key}/merge", acts.merge, "merge_contacts", Permission.REVIEW),
        look("/contacts/{key}/why", acts.why, "why_not"),
        act("/contacts/{key}/undo", acts.undo, "undo_decision", Permission.REVIEW),
        act("/contacts/{key}/export", acts.export, "export_contact", Permission.EXPORT),
    ]


@dataclass(frozen=True, slots=True)
class Acts:
    """Law: every act is a form of one session, noted in the transaction of the act; and can be undone from History."""

    site: Site

    def values(self, request: Request) -> Response:
        """The values of one field, to choose one."""
        field = request.query_params.get("field", "")
        with self.site.store.read() as db:
            contact_id = self._own(request, db)
            if isinstance(contact_id, Response):
                return contact_id
            found = [one for one in fields_of(db, contact_id, is_masked(request)) if one["field"] == field]
            head = head_of(db, contact_id, is_masked(request))
        if not found:
            return self.site.error(request, 404, NO_VALUES)
        return self.site.page(
            request, "contact_pin", contact=head, title=title_of(head), field=field, choices=choices_of(found[0])
        )

    def pin(self, request: Request, form: FormData) -> Response:
        """Take the value that stood at a place of the list, if the record that said it still says it there."""
        field = str(form.get("field", ""))
        with self.site.store.read() as db:
            contact_id = self._own(request, db)
            if isinstance(contact_id, Response):
                return contact_id
            found = [one for one in fields_of(db, contact_id) if one["field"] == field]
        chosen = {one["name"]: one for one in choices_of(found[0])}.get(str(form.get("value", ""))) if found else None
        if chosen is None:
            return self.site.error(request, 409, MOVED)
        said = chosen["record_id"], field, chosen["value"], viewer_in(request).name, reason_in(form)
        return self._decided(request, contact_id, lambda db: pin(db, *said))

    def split(self, request: Request, form: FormData) -> Response:
        """Say that the ticked records are somebody else."""
        ticked = sorted({number for one in form.getlist("record") if (number := _number(one)) is not None})
        with self.site.store.read() as db:
            contact_id = self._own(request, db)
            if isinstance(contact_id, Response):
                return contact_id
            if not ticked:
                return self.site.error(request, 422, "Tick the records that are somebody else.")
            homes = members.c.record_id.in_(ticked) & (members.c.contact_id == contact_id)
            own = db.execute(members.select().where(homes)).all()
        if len(own) < len(ticked):
            return self.site.error(request, 409, MOVED)
        said = ticked, viewer_in(request).name, reason_in(form)
        return self._decided(request, contact_id, lambda db: split(db, *said))

    def other(self, request: Request) -> Response:
        """Search for the other contact; then look at both and say yes."""
        return self._beside(request, "contact_merge")

    def merge(self, request: Request, form: FormData) -> Response:
        with self.site.store.read() as db:
            contact_id = self._own(request, db)
            other = find_contact(self.site, request, db, str(form.get("other", "")))
        if isinstance(contact_id, Response):
            return contact_id
        if isinstance(other, Response):
            return other
        said = contact_id, other, viewer_in(request).name, reason_in(form)
        return self._decided(request, contact_id, lambda db: merge(db, *said))

    def why(self, request: Request) -> Response:
        """Why two contacts are not one, or a contact and a record of it are."""
        return self._beside(request, "contact_why", explained=True)

    def undo(self, request: Request, form: FormData) -> Response:
        number = _number(form.get("decision", ""))
        with self.site.store.read() as db:
            contact_id = self._own(request, db)
            if isinstance(contact_id, Response):
                return contact_id
            own = {one["decision"] for one in history_of(db, contact_id, masked=True)}
        if number is None or number not in own:
            return self.site.error(request, 409, MOVED)
        return self._decided(request, contact_id, _undoing(number, viewer_in(request).name))

    def export(self, request: Request, _form: FormData) -> Response:
        """Everything known of the contact, as a file."""
        with self.site.store.read() as db:
            contact_id = self._own(request, db)
        if isinstance(contact_id, Response):
            return contact_id
        actor, at = viewer_in(request).name, self.site.now()
        self.site.store.write(lambda db: note(db, at, actor, "contact.exported", contact_id))
        with self.site.store.read() as db:
            document = show(db, self.site.settings, contact_id, how=True, masked=is_masked(request))
            document["timeline"] = timeline(db, contact_id, MOST_EXPORTED, masked=is_masked(request)).events
        content = orjson.dumps(document, option=orjson.OPT_INDENT_2, default=str)
        headers = {"content-disposition": f'attachment; filename="contact-{contact_id}.json"'}
        return Response(content, media_type="application/json", headers=headers)

    def _own(self, request: Request, db: Connection) -> str | Response:
        return find_contact(self.site, request, db, request.path_params["key"])

    def _beside(self, request: Request, page: str, explained: bool = False) -> Response:
        """A contact and another one, or the search for that."""
        masked, key, text = is_masked(request), request.query_params.get("with", ""), typed(request)
        shown: dict[str, Any] = {"text": text, "found": [], "other": None, "explanation": None}
        with self.site.store.read() as db:
            contact_id = self._own(request, db)
            if isinstance(contact_id, Response):
                return contact_id
            if key:
                other = find_contact(self.site, request, db, key)
                if isinstance(other, Response):
                    return other
                shown["other"] = head_of(db, other, masked) | {"title": title_of(head_of(db, other, masked))}
                if explained:
                    pair = Found(contact_id), Found(other)
                    shown["explanation"] = explain(db, *pair, self.site.settings.model, masked)
                else:
                    shown["consequences"] = consequences_of(db, self.site.settings, contact_id, other)
            elif text:
                found = look_up(db, text, self.site.settings.hub.region, MOST_RESULTS, masked)
                shown["found"] = [one for one in found if one["id"] != contact_id]
            head = head_of(db, contact_id, masked)
        return self.site.page(request, page, contact=head, title=title_of(head), **shown)

    def _decided(self, request: Request, contact_id: str, work: Callable[[Connection], int]) -> Response:
        try:
            decide(self.site, work)
        except CannotDecide as error:
            return self.site.error(request, 409, _sentence(str(error)))
        return self.site.to(request, "contact", "?tab=history", key=contact_id)


def _undoing(number: int, actor: str) -> Callable[[Connection], int]:
    def work(db: Connection) -> int:
        undo(db, number, actor)
        return number

    return work


def choices_of(field: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """The values of a field that its records say, the golden ones first; `name` is what the form calls each."""
    said = [one for value in field["values"] for one in (value, *value["others"])]
    return [{**one, "name": f"{at}-{one['record_id']}"} for at, one in enumerate(said) if one["value"] is not None]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _number(text: Any) -> int | None:
    given = str(text)
    return int(given) if given.isascii() and given.isdigit() and len(given) <= LONGEST_NUMBER else None
