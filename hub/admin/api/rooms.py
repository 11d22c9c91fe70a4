"""All doors of the API: each resource gives its own, and the document that describes them is one more."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import RootModel

from hub.admin.api import consent, contacts, decisions, runs, segments
from hub.admin.api.doors import Api, ApiDoor, Asked, Contract, Reply
from hub.admin.api.openapi import describe

RESOURCES = (contacts, consent, decisions, segments, runs)


class Description(RootModel[dict[str, Any]]):
    """An OpenAPI 3.1 document."""


OPENAPI = Contract("Describe this API", "This document.", Description, has_etag=True)


def api_doors(api: Api) -> list[ApiDoor]:
    """The doors of every resource, and /openapi.json, which needs a token as all else does.

    It says nothing of this hub's own; but what is closed by default has no exceptions to remember.
    """

    @cache
    def description() -> Description:
        return Description(describe(doors))

    def answer(_asked: Asked[Any, None]) -> Reply:
        return Reply(description())

    doors = [door for resource in RESOURCES for door in resource.doors(api)]
    doors.append(api.door("GET", "/openapi.json", answer, "openapi", OPENAPI))
    return doors


def allowed(doors: Iterable[ApiDoor], path: str) -> str:
    """The methods that an address is used with, as the header of that name has them."""
    return ", ".join(sorted({way for door in doors if door.path_regex.match(path) for way in door.methods or ()}))
