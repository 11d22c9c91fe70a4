"""The simulator's half of Mailchimp's query language, its problem documents and its form of a member. No state here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from connectors.mailchimp.audience import Audience, Member, stamp

T = TypeVar("T")
Query = Mapping[str, str]
Paths = dict[str, Any]
"""Dotted field names as a tree: members.id is {"members": {"id": {}}}; an empty dict is the end of a name."""


class Problem(Exception):
    """What the vendor refuses, as `document` (application/problem+json)."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(title)
        self.status = status
        self.document: dict[str, Any] = {
            "type": "https://mailchimp.com/developer/marketing/docs/errors/",
            "title": title,
            "status": status,
            "detail": detail,
            "instance": "b2b1c7d0-8c55-4b5e-9b73-6a1d0f2f9e11",
        }


def not_found() -> Problem:
    return Problem(404, "Resource Not Found", "The requested resource could not be found.")


def invalid(field: str) -> Problem:
    return Problem(400, "Invalid Resource", f"The resource submitted could not be validated: {field}.")


def told(audience: Audience, member: Member) -> Member:
    """The member as every reply that holds members tells it."""
    href = f"https://us19.api.mailchimp.com/3.0/lists/{member['list_id']}/members/{member['id']}"
    links = [{"rel": "self", "href": href, "method": "GET"}, {"rel": "update", "href": href, "method": "PATCH"}]
    return {**audience.shown(member), "_links": links}


def one_of(query: Query, name: str, allowed: Sequence[str]) -> str | None:
    value = query.get(name)
    if value is not None and value not in allowed:
        raise invalid(name)
    return value


def page(rows: Sequence[T], query: Query) -> Sequence[T]:
    """`count` rows (10 unless told, 1,000 at most) from `offset` on."""
    try:
        count, offset = int(query.get("count", 10)), int(query.get("offset", 0))
    except ValueError:
        raise invalid("count, offset") from None
    if not 0 <= count <= 1000 or offset < 0:
        raise invalid("count, offset")
    return rows[offset : offset + count]


def within(rows: list[Member], query: Query) -> list[Member]:
    """Rows changed after `since_last_changed` and before `before_last_changed`, both exclusive."""
    since, before = _moment(query, "since_last_changed"), _moment(query, "before_last_changed")
    if since is not None:
        rows = [m for m in rows if m["last_changed"] > since]
    if before is not None:
        rows = [m for m in rows if m["last_changed"] < before]
    return rows


def _moment(query: Query, name: str) -> str | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)  # a bare + arrives as a blank and is no time
    except ValueError:
        raise invalid(name) from None
    if moment.tzinfo is None:
        raise invalid(name)
    return stamp(moment)


def choose(document: dict[str, Any], query: Query) -> dict[str, Any]:
    """The document cut down to `fields`, or without `exclude_fields`."""
    fields, without = query.get("fields"), query.get("exclude_fields")
    if fields and without:
        raise invalid("fields, exclude_fields")
    if fields:
        document = _only(document, _tree(fields.split(",")))
    if without:
        document = _without(document, _tree(without.split(",")))
    return document


def _tree(names: Iterable[str]) -> Paths:
    tree: Paths = {}
    for name in names:
        branch = tree
        for part in name.split("."):
            branch = branch.setdefault(part, {})
    return tree


def _only(value: Any, tree: Paths) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_only(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    return {k: _only(value[k], branch) for k, branch in tree.items() if k in value}


def _without(value: Any, tree: Paths) -> Any:
    if isinstance(value, list):
        return [_without(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {k: v for k, v in value.items() if tree.get(k) != {}}
    return {**kept, **{k: _without(kept[k], branch) for k, branch in tree.items() if branch and k in kept}}
