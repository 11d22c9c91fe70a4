"""What is refused, as application/problem+json (RFC 9457): a kind, a status and plain words; never what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
KIND = "urn:contact-hub:problem:"

CHALLENGE = 'Bearer realm="contact hub"'

WORDS: Mapping[int, tuple[str, str]] = {
    400: ("bad-request", "This request cannot be understood."),
    401: ("no-token", "Send `Authorization: Bearer TOKEN` with a token that is valid: `hub token add` makes one."),
    403: ("not-permitted", "This token may not do this."),
    404: ("not-found", "There is nothing at this address."),
    405: ("method-not-allowed", "This address is not used with this method."),
    409: ("conflict", "This cannot be done as things stand."),
    411: ("length-required", "Announce the length of the body with `Content-Length`."),
    412: ("changed-meanwhile", "It is not any more what `If-Match` says: read it again and decide anew."),
    413: ("too-long", "The body is longer than the API takes."),
    415: ("not-json", "The body must be JSON, sent with `Content-Type: application/json`."),
    422: ("not-valid", "What was sent does not have the form that /api/v1/openapi.json describes."),
    429: ("too-many-requests", "This token asks too often: wait as long as `Retry-After` says."),
    500: ("broken", "Something went wrong here."),
    503: ("too-slow", "The database was stopped, as this took too long: ask for less, or try again in a moment."),
}
"""By status, the last part of the kind and what is said where nothing better is known."""


class FieldProblem(BaseModel):
    """One thing that is wrong with what was sent; `field` is a path such as `body.at`, or `query.limit`."""

    field: str
    problem: str


class Problem(BaseModel):
    """`type` names the kind for programs, `detail` tells people what to do."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field(default=[], description="With 422: what is wrong where.")
    contact_ids: list[str] = Field(default=[], description="With 409 `several-contacts`: those to choose from.")


class Refused(Exception):
    """Ends a request with this problem; whoever raises it writes the detail without any value that was sent."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        kind: str = "",
        headers: Mapping[str, str] | None = None,
        errors: Sequence[FieldProblem] = (),
        contact_ids: Sequence[str] = (),
    ) -> None:
        super().__init__(status)
        plain_kind, plain_detail = WORDS[status]
        self.headers = headers
        self.problem = Problem(
            type=KIND + (kind or plain_kind),
            title=HTTPStatus(status).phrase,
            status=status,
            detail=detail or plain_detail,
            errors=list(errors),
            contact_ids=list(contact_ids),
        )

    @property
    def response(self) -> Response:
        body = self.problem.model_dump_json(exclude_defaults=True)
        return Response(body, self.problem.status, self.headers, MEDIA_TYPE)


def problem_page(status: int, detail: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """A problem in the place of a page, for what lies around the API. An unknown status is told as 400."""
    return Refused(status if status in WORDS else 400, detail, headers=headers).response
