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
from hub.admin import hooks
from hub.admin.gate import Gate
from hub.admin.outgoing import Outgoing
from hub.admin.pages import Pages
from hub.admin.sessions import Now
from hub.admin.shield import Shield, is_hook
from hub.admin.sign_in import SignIn
from hub.admin.templates import Templates
from hub.settings.settings import Settings
from hub.store.engine import Store

STATIC = Path(__file__).parent / "static"

EXPLANATIONS = {
    404: "There is no such page.",
    405: "This page cannot be used that way.",
}


def create_app(store: Store, settings: Settings, now: Now = utc_now) -> FastAPI:
    """The admin pages over a store whose schema is current. `now` gives aware UTC."""
    templates = Templates(settings.hub.timezone, now)
    pages = Pages(store, settings, templates, now)
    sign_in = SignIn(store, templates, now)
    outgoing = Outgoing(store, settings, templates, now)
    listening = hooks.Hooks(store, settings, now)

    async def error(request: Request, reason: HTTPException) -> Response:
        if is_hook(request.url.path):
            return hooks.refusal(reason.status_code)
        explanation = EXPLANATIONS.get(reason.status_code, "This request cannot be understood.")
        return templates.error(reason.status_code, explanation)

    return FastAPI(
        openapi_url=None,
        redirect_slashes=False,
        exception_handlers={HTTPException: error},
        middleware=[
            Middleware(Shield, error_page=templates.error),
            Middleware(Gate, store=store, now=now, error_page=templates.error),
        ],
        routes=[
            Route("/", pages.home, name="home"),
            Route("/contacts", pages.contacts, name="contacts"),
            Route("/contacts/{key:path}", pages.contact, name="contact"),
            Route("/runs", pages.runs, name="runs"),
            Route("/runs/{number}", pages.run, name="run"),
            Route("/quarantine", pages.quarantine, name="quarantine"),
            Route("/outgoing", outgoing.show, name="outgoing"),
            Route("/outgoing/{plan_id}", outgoing.send, methods=["POST"], name="send_plan"),
            Route("/sign-in", sign_in.show, name="sign_in"),
            Route("/sign-in", sign_in.open, methods=["POST"], name="open_session"),
            Route("/sign-out", sign_in.close, methods=["POST"], name="sign_out"),
            Route("/hooks/{connection}", listening.receive, methods=["POST"], name="hook"),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
    )
