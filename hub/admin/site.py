"""What every page works with: the store, the settings, the templates, the clock, and who is looking."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.admin.breaks import Breaks
from hub.admin.doors import Doors, viewer_in
from hub.admin.following import Following
from hub.admin.gate import session_of
from hub.admin.sessions import Now, form_token
from hub.admin.templates import Templates
from hub.settings.settings import Settings
from hub.store.engine import Store


@dataclass(frozen=True, slots=True)
class Site:
    """The pages of one hub. A room of pages is a function that takes it and gives its doors.

    `whole`: the store for what is asked for on purpose and walks over everything; `store` reads nothing for so long.
    """

    whole: Store
    store: Store
    settings: Settings
    templates: Templates
    now: Now
    follow: Following
    breaks: Breaks | None = None
    closing: Event = field(default_factory=Event)
    """Set when the server is about to stop: whoever keeps a reply open ends it."""

    @property
    def doors(self) -> Doors:
        return Doors(self.templates)

    def page(self, request: Request, name: str, status: int = 200, **shown: Any) -> Response:
        """A template with what it shows; `viewer`, and the `form_token` that its forms carry, are there in each."""
        token = form_token(session_of(request))
        return self.templates.page(name, status, viewer=viewer_in(request), form_token=token, **shown)

    def error(
        self, request: Request, status: int, explanation: str, matches: list[dict[str, Any]] | None = None
    ) -> Response:
        return self.templates.error(status, explanation, matches, viewer_in(request))

    def to(self, request: Request, name: str, query: str = "", **parts: str) -> Response:
        """After a form: on to a page of ours, by its name, so that no text from outside says where to."""
        return RedirectResponse(f"{request.app.url_path_for(name, **parts)}{query}", status_code=303)
