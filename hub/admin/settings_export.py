"""The Settings page by which contacts leave as a file: for a stated reason, not too many, and written down first."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub import audit
from hub.access.roles import Permission
from hub.admin.doors import viewer_in
from hub.admin.site import Site
from hub.queries.cells import Rows, write_csv, write_jsonl
from hub.queries.export import chosen_contacts, golden_contacts
from hub.store.jsontext import storable

MOST_ROWS = 10_000
SHORTEST_REASON = 5
LONGEST_REASON = 200

FORMATS: dict[str, tuple[Callable[[Rows, io.StringIO], int], str]] = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "jsonl": (write_jsonl, "application/x-ndjson"),
}


def doors(site: Site) -> list[BaseRoute]:
    export = Export(site)
    return [
        site.doors.look("/settings/export", export.show, "export", Permission.EXPORT),
        site.doors.act("/settings/export", export.send, "export_contacts", Permission.EXPORT),
    ]


@dataclass(frozen=True, slots=True)
class Export:
    """Law: nothing leaves before its row is in the audit."""

    site: Site

    def show(self, request: Request) -> Response:
        return self._page(request)

    def send(self, request: Request, form: FormData) -> Response:
        segment, form_name = str(form.get("segment", "")), str(form.get("format", "csv"))
        reason = storable(str(form.get("reason", ""))).strip()[:LONGEST_REASON]
        if problem := self._problem(segment, form_name, reason):
            return self._page(request, 422, problem)
        with self.site.whole.read() as db:
            number = len(db.execute(chosen_contacts(segment, MOST_ROWS + 1)).all())
        if number > MOST_ROWS:
            most = f"These are more than {MOST_ROWS} contacts, and a page gives no more at once."
            return self._page(request, 409, f"{most} Choose a segment, or use `hub export contacts`.")
        told: dict[str, object] = {"reason": reason, "segment": segment or None, "format": form_name, "rows": number}
        self.site.store.write(lambda db: self._note(db, viewer_in(request).name, told))
        return self._file(segment, form_name)

    def _problem(self, segment: str, form_name: str, reason: str) -> str:
        if len(reason) < SHORTEST_REASON:
            return "Say what this is for; it is written down with your name."
        if form_name not in FORMATS or (segment and segment not in self.site.settings.segments):
            return "Choose a format and a segment of those that are there."
        return ""

    def _note(self, db: Connection, by: str, told: dict[str, object]) -> None:
        audit.note(db, self.site.now(), by, "export.contacts", "all", told)

    def _file(self, segment: str, form_name: str) -> Response:
        write, media_type = FORMATS[form_name]
        file = io.StringIO()
        with self.site.whole.read() as db:
            write(golden_contacts(db, chosen_contacts(segment, MOST_ROWS)), file)
        named = {"content-disposition": f'attachment; filename="contacts.{form_name}"'}
        return Response(file.getvalue(), media_type=media_type, headers=named)

    def _page(self, request: Request, status: int = 200, problem: str = "") -> Response:
        segments = {name: segment.title or name for name, segment in self.site.settings.segments.items()}
        return self.site.page(
            request,
            "settings_export",
            status,
            segments=segments,
            formats=list(FORMATS),
            most=MOST_ROWS,
            problem=problem,
        )
