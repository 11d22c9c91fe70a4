"""The simulator's answers to writes, as handlers of (audience, request); None is 204. What they do is in `rules`."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from connectors.kit.simulator import json_body
from connectors.mailchimp import rules
from connectors.mailchimp.audience import Audience, subscriber_hash
from connectors.mailchimp.wire import Problem, invalid, not_found, told

BULK = 500
NOT_IN_BULK = (
    "unsubscribe_reason", "consents_to_one_to_one_messaging", "web_id", "marketing_permissions", "contact_id",
    "source", "full_name",
)  # fmt: skip


def add_member(audience: Audience, request: Request) -> dict[str, Any]:
    log = _log(request, "consents")
    return told(audience, audience.members[rules.add(audience, _object(request), log)])


def put_member(audience: Audience, request: Request) -> dict[str, Any]:
    log = _log(request, "consents")
    return told(audience, audience.members[rules.put(audience, member_id(request), _object(request), log)])


def patch_member(audience: Audience, request: Request) -> dict[str, Any]:
    log, body = _log(request, "consents"), _object(request)
    if body.get("status") == "transactional":
        raise invalid("status")
    return told(audience, audience.members[rules.change(audience, member_id(request), body, log)])


def archive_member(audience: Audience, request: Request) -> None:
    rules.archive(audience, member_id(request), _log(request, "consents"))


def forget_member(audience: Audience, request: Request) -> None:
    rules.forget(audience, member_id(request), _log(request, "consents"))


def tag_member(audience: Audience, request: Request) -> None:
    log = _log(request, "tags")
    if member_id(request) not in audience.members:
        raise not_found()
    rules.tag(audience, member_id(request), _body(request), log)


def bulk(audience: Audience, request: Request) -> dict[str, Any]:
    """What fails is told inside of a 200; whether for compliance or for good, only the text says."""
    log, body = _log(request, "consents"), _object(request)
    rows = body.get("members")
    if not isinstance(rows, list) or len(rows) > BULK:
        raise invalid("members")
    new: list[Any] = []
    updated: list[Any] = []
    errors: list[Any] = []
    for row in rows:
        try:
            is_new, member = _one_of_bulk(audience, row, body.get("update_existing") is True, log)
            (new if is_new else updated).append(member)
        except Problem as problem:
            errors.append(_error(row, problem))
    return {
        "new_members": new,
        "updated_members": updated,
        "errors": errors,
        "total_created": len(new),
        "total_updated": len(updated),
        "error_count": len(errors),
        "_links": [],
    }


def member_id(request: Request) -> str:
    """The path may name the member by its id or by its address."""
    given: str = request.path_params["member"]
    return subscriber_hash(given) if "@" in given else given


def _one_of_bulk(audience: Audience, row: Any, update: bool, log: rules.Log) -> tuple[bool, dict[str, Any]]:
    if not isinstance(row, dict) or not isinstance(row.get("email_address"), str):
        raise invalid("email_address")
    known = subscriber_hash(row["email_address"])
    is_new = known not in audience.members
    made = rules.change(audience, known, row, log) if update and not is_new else rules.add(audience, row, log)
    member = told(audience, audience.members[made])
    return is_new, {name: value for name, value in member.items() if name not in NOT_IN_BULK}


def _error(row: Any, problem: Problem) -> dict[str, str]:
    return {
        "email_address": str(row.get("email_address", "")) if isinstance(row, dict) else "",
        "error": problem.document["detail"],
        "error_code": "ERROR_CONTACT_EXISTS" if problem.document["title"] == "Member Exists" else "ERROR_GENERIC",
        "field": "",
        "field_message": "",
    }


def _log(request: Request, key: str) -> rules.Log:
    """Where this write's effects go; they stand in the ledger also if it is refused."""
    log: rules.Log = []
    request.state.effect = {key: log}
    return log


def _body(request: Request) -> Any:
    try:
        return json_body(request)
    except json.JSONDecodeError:
        raise Problem(400, "JSON Parse Error", "We encountered an unspecified JSON parsing error.") from None


def _object(request: Request) -> dict[str, Any]:
    body = _body(request)
    if not isinstance(body, dict):
        raise invalid("the body is no object")
    return body
