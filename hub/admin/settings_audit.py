"""The Settings page of the audit: what was done by whom, looked through and verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub import audit
from hub.access.roles import Permission
from hub.admin.site import Site
from hub.queries.acts import Wanted, acts

MOST_SHOWN = 50
LONGEST = 200
FIRST_YEAR, LAST_YEAR = 1970, 9000
FIELDS = ("actor", "action", "subject", "from", "to")


def doors(site: Site) -> list[BaseRoute]:
    trail = Trail(site)
    return [
        site.doors.look("/settings/audit", trail.show, "audit", Permission.AUDIT),
        site.doors.act("/settings/audit", trail.verify, "verify_audit", Permission.AUDIT),
    ]


@dataclass(frozen=True, slots=True)
class Trail:
    """Reads a page of rows by the number of the last one before; writes nothing."""

    site: Site

    def show(self, request: Request) -> Response:
        return self._page(request)

    def verify(self, request: Request, _form: FormData) -> Response:
        with self.site.whole.read() as db:
            broken, (number, last) = audit.verify(db), audit.head(db)
        if broken:
            return self._page(request, "failed", f"Row {broken.number} {broken.reason}.")
        return self._page(request, "ok", f"{number} rows, all as they were written. Anchor: `{number} {last}`")

    def _page(self, request: Request, kind: str = "", told: str = "") -> Response:
        asked = {name: request.query_params.get(name, "").replace("\x00", "").strip()[:LONGEST] for name in FIELDS}
        before = request.query_params.get("before", "")
        wanted = Wanted(
            asked["actor"], asked["action"], asked["subject"], self._day(asked["from"]), self._day(asked["to"], 1)
        )
        number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
        with self.site.store.read() as db:
            rows = acts(db, wanted, MOST_SHOWN + 1, number)
        more = urlencode({**asked, "before": rows[MOST_SHOWN - 1]["id"]}) if len(rows) > MOST_SHOWN else ""
        shown = [{**row, "details": _in_words(row["details"])} for row in rows[:MOST_SHOWN]]
        return self.site.page(request, "settings_audit", rows=shown, asked=asked, more=more, kind=kind, told=told)

    def _day(self, text: str, later: int = 0) -> datetime | None:
        """The beginning of a day in the hub's own time zone, or of the one after; None for what is no day."""
        try:
            day = date.fromisoformat(text) + timedelta(days=later)
        except (ValueError, OverflowError):
            return None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:  # a time zone leads out of what a date can be
            return None
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.site.settings.hub.timezone))


def _in_words(details: dict[str, object]) -> list[tuple[str, str]]:
    return [(name, one if isinstance(one, str) else orjson.dumps(one).decode()) for name, one in details.items()]
