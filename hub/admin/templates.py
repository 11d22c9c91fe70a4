"""Makes HTML of templates: everything that is put in is escaped, and a name that is missing is an error."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from hub.access.roles import Viewer
from hub.admin import consent_words, words
from hub.admin.bars import bars
from hub.admin.navigation import pages_for, settings_for
from hub.admin.sessions import Now

FOLDER = Path(__file__).parent / "templates"


class Templates:
    """The pages' templates. Times are shown in the hub's own zone, or as a distance from now."""

    def __init__(self, timezone: str, now: Now) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "local": partial(_local, zone=ZoneInfo(timezone)),
            "day": lambda at: f"{at:%-d %b %Y}",
            "moment": _moment,
            "distance": lambda at: words.distance(at, now()),
            "number": words.number,
            "weight": words.weight,
            "field_name": words.field_name,
            "record_fields": words.record_fields,
            "bars": bars,
        }
        self._environment.globals |= {
            "pages_for": pages_for,
            "settings_for": settings_for,
            "plural": words.plural,
            "span": words.span,
            "lines": words.lines,
            "JUDGEMENTS": words.JUDGEMENTS,
            "QUESTIONS": words.QUESTIONS,
            "COMPARED": words.COMPARED,
            "DECISIONS": words.DECISIONS,
            "KINDS": words.KINDS,
            "CHANNELS": consent_words.CHANNELS,
            "STATES": consent_words.STATES,
            "REASONS": consent_words.REASONS,
            "METHODS": consent_words.METHODS,
            "STATUSES": consent_words.STATUSES,
            "WANTED": consent_words.WANTED,
            "SHOWN": consent_words.SHOWN,
            "WAITING": consent_words.WAITING,
            "happened": consent_words.happened,
            "why_not_sent": consent_words.why_not_sent,
            "lock": consent_words.lock,
        }

    def page(self, name: str, status: int = 200, viewer: Viewer | None = None, **shown: Any) -> HTMLResponse:
        """`viewer`: who is signed in; nobody is on the pages around signing in."""
        return HTMLResponse(self._environment.get_template(f"{name}.html").render(viewer=viewer, **shown), status)

    def error(
        self,
        status: int,
        explanation: str,
        matches: list[dict[str, Any]] | None = None,
        viewer: Viewer | None = None,
    ) -> HTMLResponse:
        """The page for everything that is no page. `matches`: contacts to choose from instead."""
        return self.page("error", status, viewer, code=status, explanation=explanation, matches=matches or [])


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%-d %b %Y, %H:%M %Z}"


def _moment(text: str | None) -> datetime | None:
    """A time that a JSON column holds as ISO text."""
    return None if text is None else datetime.fromisoformat(text)
