"""The doors of the API: each names its permission and the forms of what it takes and gives, and keeps both.

What stands in a door is all that `openapi` tells of it, so that the document cannot say anything else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hub.access.roles import Permission, Viewer
from hub.admin.api.limits import Limits
from hub.admin.api.models import Nothing, Sent
from hub.admin.api.problems import CHALLENGE, FieldProblem, Refused
from hub.admin.doors import Door, viewer_in
from hub.admin.following import Following
from hub.admin.sessions import Now
from hub.settings.settings import Settings
from hub.store.engine import Store

ROOT = "/api/v1"

P = TypeVar("P", bound=Sent)
B = TypeVar("B", bound=BaseModel | None)

MOST_ERRORS = 20
IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Asked(Generic[P, B]):
    """A request whose form is right. `params`: of the path and the query. `repeat_key`: its Idempotency-Key or ""."""

    viewer: Viewer
    params: P
    body: B
    if_match: str = ""
    repeat_key: str = ""

    def expects(self, shown: BaseModel) -> None:
        """Raises Refused where the caller names another version than this."""
        if self.if_match and not _names(self.if_match, etag_of(written(shown))):
            raise Refused(412)


@dataclass(frozen=True, slots=True)
class Reply:
    """A document as it is declared. `location`: the address of what was made."""

    document: BaseModel
    location: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """What a door says of itself. `problems`: the statuses that it has beyond those of every door."""

    summary: str
    description: str
    answer: type[BaseModel]
    params: type[Sent] = Nothing
    body: type[BaseModel] | None = None
    status: int = 200
    problems: tuple[int, ...] = ()
    has_etag: bool = False
    takes_if_match: bool = False
    takes_repeat_key: bool = False


class ApiDoor(Door):
    """A door with its contract."""

    def __init__(
        self, path: str, endpoint: Callable[..., object], name: str, method: str, permission: Permission, of: Contract
    ) -> None:
        super().__init__(ROOT + path, endpoint, f"api_{name}", method, permission)
        self.contract = of


@dataclass(frozen=True, slots=True)
class Api:
    """What every resource works with, and what makes its doors. A resource is a function that takes it."""

    store: Store
    settings: Settings
    now: Now
    limits: Limits
    follow: Following

    def door(
        self,
        method: str,
        path: str,
        answer: Callable[[Asked[Any, Any]], Reply],
        name: str,
        contract: Contract,
        permission: Permission = Permission.LOOK,
    ) -> ApiDoor:
        """`answer` runs in a thread and may wait for the store; what it raises as Refused is the answer."""

        async def endpoint(request: Request) -> Response:
            try:
                viewer = _permitted(request, permission)
                body = await _body_of(request, contract.body)
                return await run_in_threadpool(_answered, request, contract, viewer, body, answer)
            except Refused as refused:
                return refused.response

        return ApiDoor(path, endpoint, name, method, permission, contract)


def _permitted(request: Request, permission: Permission) -> Viewer:
    viewer = viewer_in(request)
    if not viewer.may(permission):
        told = f"This token has no scope `{permission.value}`."
        challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{permission.value}"'
        raise Refused(403, told, headers={"WWW-Authenticate": challenge})
    return viewer


async def _body_of(request: Request, model: type[BaseModel] | None) -> bytes:
    if model is None:
        return b""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415)
    try:
        return await request.body()
    except ClientDisconnect:
        raise Refused(400) from None


def _answered(
    request: Request,
    contract: Contract,
    viewer: Viewer,
    body: bytes,
    answer: Callable[[Asked[Any, Any]], Reply],
) -> Response:
    reply = answer(
        Asked(
            viewer,
            _params_of(request, contract.params),
            _checked("body", lambda model: model.model_validate_json(body), contract.body) if contract.body else None,
            request.headers.get("if-match", "") if contract.takes_if_match else "",
            _repeat_key(request) if contract.takes_repeat_key else "",
        )
    )
    text = written(reply.document)
    headers = {"location": reply.location} if reply.location else {}
    if contract.has_etag:
        headers["etag"] = etag_of(text)
        if _names(request.headers.get("if-none-match", ""), headers["etag"]):
            return Response(status_code=304, headers=headers)
    return Response(text, contract.status, headers, "application/json")


def _params_of(request: Request, model: type[Sent]) -> Sent:
    pairs = request.query_params.multi_items()
    given = dict(pairs)
    if len(given) < len(pairs):
        raise Refused(422, "A parameter stands twice in the query.")
    if not given.keys().isdisjoint(request.path_params):
        raise Refused(422, "A part of the path stands in the query too.")
    everything = {**given, **request.path_params}
    return _checked("query", lambda form: form.model_validate_strings(everything), model, request.path_params.keys())


M = TypeVar("M", bound=BaseModel)


def _checked(place: str, read: Callable[[type[M]], M], model: type[M], in_path: Set[str] = frozenset()) -> M:
    try:
        return read(model)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[:MOST_ERRORS]
        problems = [_field_problem("path" if {*one["loc"][:1]} & in_path else place, one) for one in wrong]
        raise Refused(422, errors=problems) from None


def _field_problem(place: str, one: Mapping[str, Any]) -> FieldProblem:
    """In the library's words, but where these would say again what was sent."""
    where = [str(part) for part in one["loc"]]
    if one["type"] == "extra_forbidden":
        return FieldProblem(field=".".join([place, *where[:-1]]), problem="has a name that is not known here")
    told = "is none of the kinds that there are" if one["type"] == "union_tag_invalid" else str(one["msg"])
    return FieldProblem(field=".".join([place, *where]), problem=told)


def _repeat_key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "")
    if key and not IDEMPOTENCY_KEY.fullmatch(key):
        raise Refused(422, errors=[FieldProblem(field="header.Idempotency-Key", problem="is 1 to 200 of ! to ~")])
    return key


def written(document: BaseModel) -> bytes:
    return document.model_dump_json().encode()


def etag_of(text: bytes) -> str:
    return f'"{hashlib.sha256(text).hexdigest()[:32]}"'


def _names(header: str, etag: str) -> bool:
    """Whether a list of versions has this one, or any; a proxy that compresses may have called it weak."""
    named = {one.strip().removeprefix("W/") for one in header.split(",")}
    return etag in named or "*" in named


def told(model: type[M], document: Any) -> M:
    """A document of the queries as it is declared; half characters, which no JSON text can have, are replaced."""
    return model.model_validate(_writable(document))


def _writable(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_writable(name): _writable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(part) for part in value]
    return value
