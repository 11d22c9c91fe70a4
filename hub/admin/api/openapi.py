"""The OpenAPI document, made of the doors' contracts: what a door checks is what is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from hub.access.roles import Permission
from hub.admin.api.doors import ApiDoor, Contract
from hub.admin.api.problems import MEDIA_TYPE, WORDS, Problem

VERSION = "1.0"
ALWAYS = (400, 401, 403, 422, 429, 500, 503)
WITH_BODY = (411, 413, 415)
REFERENCE = "#/components/schemas/{model}"

ABOUT = """What the hub knows of people and what they consented to, for a support desk's sidebar or a preference centre.

Every request carries `Authorization: Bearer TOKEN`; `hub token add` makes tokens. A token has scopes: """ + ", ".join(
    f"`{one.value}`" for one in Permission
)

RETRY = {"Retry-After": {"description": "Seconds to wait.", "required": True, "schema": {"type": "integer"}}}
CHALLENGE = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
HEADERS: dict[int, dict[str, Any]] = {401: CHALLENGE, 429: RETRY}


def describe(doors: Sequence[ApiDoor]) -> dict[str, Any]:
    """The whole document."""
    modes = list(_models(doors))
    refs, definitions = models_json_schema(modes, ref_template=REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for door in doors:
        (method,) = (door.methods or set()) - {"HEAD"}
        paths.setdefault(door.path_format, {})[method.lower()] = _operation(door, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "contact hub", "version": VERSION, "description": ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "responses": {_name(status): _problem(status) for status in WORDS},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _models(doors: Iterable[ApiDoor]) -> Iterable[tuple[type[BaseModel], JsonSchemaMode]]:
    yield Problem, "serialization"
    for contract in (door.contract for door in doors):
        yield contract.answer, "serialization"
        if contract.body is not None:
            yield contract.body, "validation"


def _operation(door: ApiDoor, refs: Any) -> dict[str, Any]:
    of = door.contract
    operation: dict[str, Any] = {
        "operationId": door.name.removeprefix("api_"),
        "summary": of.summary,
        "description": of.description,
        "security": [{"token": [door.permission.value]}],
        "parameters": [*_parameters(door), *_request_headers(of)],
        "responses": _responses(door, refs[of.answer, "serialization"]),
    }
    if of.body is not None:
        content = {"application/json": {"schema": refs[of.body, "validation"]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameters(door: ApiDoor) -> list[dict[str, Any]]:
    schema = door.contract.params.model_json_schema()
    found = []
    for name, form in schema.get("properties", {}).items():
        own = {key: value for key, value in form.items() if key not in ("title", "description")}
        place = {"in": "path", "required": True} if name in door.param_convertors else {"in": "query"}
        told = {"description": form["description"]} if "description" in form else {}
        found.append({"name": name, **place, **told, "schema": own})
    return found


def _request_headers(of: Contract) -> list[dict[str, Any]]:
    found = []
    if of.has_etag:
        found.append(_header("If-None-Match", "The `ETag` that is known: 304 where it still holds."))
    if of.takes_if_match:
        found.append(_header("If-Match", "The `ETag` that the decision rests on: 412 where it does not hold any more."))
    if of.takes_repeat_key:
        told = "The request's own key; sent again with it, the statement is not written again."
        found.append(_header("Idempotency-Key", told, {"pattern": "^[!-~]{1,200}$"}))
    return found


def _header(name: str, told: str, form: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": told, "schema": {"type": "string", **(form or {})}}


def _responses(door: ApiDoor, answer: dict[str, Any]) -> dict[str, Any]:
    of = door.contract
    headers: dict[str, Any] = {}
    if of.has_etag:
        headers["ETag"] = {"required": True, "schema": {"type": "string"}}
    if of.status in (201, 202) and "{" not in door.path_format:
        headers["Location"] = {"required": True, "schema": {"type": "string", "format": "uri-reference"}}
    content = {"application/json": {"schema": answer}}
    found: dict[str, Any] = {
        str(of.status): {"description": HTTPStatus(of.status).phrase, "headers": headers, "content": content}
    }
    if of.has_etag:
        found["304"] = {"description": "It is still what `If-None-Match` says.", "headers": headers}
    nowhere = {404} if door.param_convertors else set()
    for status in sorted({*ALWAYS, *nowhere, *of.problems, *(WITH_BODY if of.body else ())}):
        found[str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
    return found


def _problem(status: int) -> dict[str, Any]:
    return {
        "description": WORDS[status][1],
        "headers": HEADERS.get(status, {}),
        "content": {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model=Problem.__name__)}}},
    }


def _name(status: int) -> str:
    return "".join(word.capitalize() for word in WORDS[status][0].split("-"))
