"""How the simulated vendor says no, and how it is logged in to. No state here."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.requests import Request
from starlette.responses import Response

Form = dict[str, list[str]]


class Problem(Exception):
    """What the vendor refuses, as `document`."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.document = {
            "code": code,
            "message": message,
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        }


def not_found(request: Request) -> Problem:
    return Problem(404, 20404, f"The requested resource {request.url.path} was not found")


def answer(document: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status, media_type="application/json; charset=utf-8")


def form(request: Request) -> Form:
    """The request's form, every value of each name. A body that is not one is an empty form, as the vendor has it."""
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind != "application/x-www-form-urlencoded":
        return {}
    return parse_qs(request.state.body.decode("utf-8", "replace"), keep_blank_values=True)


def login(request: Request) -> tuple[str, str] | None:
    """User and password of HTTP Basic."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password
