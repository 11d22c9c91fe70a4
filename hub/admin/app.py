"""The web application: the routes, and the layers that every request passes."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from connectors.kit.base import utc_now
from hub.admin import (
    breaking,
    contact_acts,
    contacts,
    home,
    hooks,
    outgoing,
    quarantine,
    review,
    runs,
    settings_audit,
    settings_configuration,
    settings_export,
    settings_own,
    settings_people,
    sign_in,
)
from hub.admin.api.doors import Api
from hub.admin.api.limits import Limits
from hub.admin.api.problems import problem_page
from hub.admin.api.rooms import allowed, api_doors
from hub.admin.api.token_gate import TokenGate
from hub.admin.breaks import Breaks
from hub.admin.following import Following
from hub.admin.gate import Gate
from hub.admin.sessions import Now
from hub.admin.shield import Shield, is_api, is_hook
from hub.admin.site import Site
from hub.admin.templates import Templates
from hub.admin.vitals import Vitals
from hub.settings.settings import Settings
from hub.store.engine import Store

STATIC = Path(__file__).parent / "static"

ROOMS = (
    *(home, review, contacts, contact_acts, runs, quarantine, outgoing, sign_in),
    *(settings_own, settings_people, settings_configuration, settings_audit, settings_export),
)
"""The pages: each room gives its own doors."""

EXPLANATIONS = {
    404: "There is no such page.",
    405: "This page cannot be used that way.",
}


def create_app(store: Store, settings: Settings, now: Now = utc_now, breaks: Breaks | None = None) -> FastAPI:
    """The admin pages over a store whose schema is current. `now` gives aware UTC.

    `breaks`: what the demo lets a visitor break. `state.closing` is set by who is about to stop serving.
    """
    templates = Templates(settings.hub.timezone, now)
    pages, following = store.for_pages, Following(store, settings)
    site = Site(store, pages, settings, templates, now, following, breaks)
    rooms = (*ROOMS, breaking) if breaks else ROOMS
    listening = hooks.Hooks(store, settings, now)
    vitals = Vitals(store, settings)
    api = Api(pages, settings, now, Limits(), following)
    programs = api_doors(api)

    async def error(request: Request, reason: HTTPException) -> Response:
        if is_hook(request.url.path):
            return hooks.refusal(reason.status_code)
        if is_api(request.url.path):
            others = {"Allow": allowed(programs, request.url.path)} if reason.status_code == 405 else None
            return problem_page(reason.status_code, headers=others)
        explanation = EXPLANATIONS.get(reason.status_code, "This request cannot be understood.")
        return templates.error(reason.status_code, explanation, viewer=getattr(request.state, "viewer", None))

    app = FastAPI(
        openapi_url=None,
        redirect_slashes=False,
        exception_handlers={HTTPException: error},
        middleware=[
            Middleware(Shield, error_page=templates.error, api_error=problem_page),
            Middleware(Gate, store=pages, now=now, error_page=templates.error),
            Middleware(TokenGate, store=pages, now=now, limits=api.limits),
        ],
        routes=[
            *(door for room in rooms for door in room.doors(site)),
            *programs,
            *contacts.last_doors(site),
            Route("/healthz", vitals.healthz, name="healthz"),
            Route("/readyz", vitals.readyz, name="readyz"),
            Route("/metrics", vitals.metrics, name="metrics"),
            Route("/hooks/{connection}", listening.receive, methods=["POST"], name="hook"),
            Route("/hooks/{connection}", listening.greet, name="hook_greeting"),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
    )
    app.state.closing = site.closing
    return app
