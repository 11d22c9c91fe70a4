"""What writes through Mailchimp's API do to a member, and what the simulator lets its ledger say of them. No HTTP here.

A write appends its effects to `log` also when it is refused; before and after are the real statuses, which an archived
member does not show, and "" where there is no member.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from connectors.kit.destination import effect_of_consent, effect_of_tag
from connectors.mailchimp.audience import STATUSES, Audience, subscriber_hash
from connectors.mailchimp.wire import Problem, invalid, not_found

WRITABLE = (
    "email_address", "email_type", "status", "merge_fields", "interests", "language", "vip", "location",
    "marketing_permissions", "ip_signup", "timestamp_signup", "ip_opt", "timestamp_opt",
)  # fmt: skip
MEANS = {"subscribed": "in", "pending": "in", "unsubscribed": "out"}

Body = Mapping[str, Any]
Log = list[dict[str, Any]]


def add(audience: Audience, body: Body, log: Log) -> str:
    """Make a member of an address that the audience does not have; returns the id. `subscribed` asks nobody."""
    address, status = _address(body), _status(body, STATUSES)
    member_id = subscriber_hash(address)
    with _noting(audience, log, member_id, address, status):
        if status is None:
            raise invalid("status")
        if member_id in audience.members:
            raise member_exists(address)
        if member_id in audience.forgotten:
            raise _forgotten(address)
        audience.upsert(_given(body))
        if status == "pending":
            audience.ask(member_id)
    return member_id


def put(audience: Audience, member_id: str, body: Body, log: Log) -> str:
    """Change the member, or make one with `status_if_new`; returns the id."""
    if member_id in audience.members:
        return change(audience, member_id, body, log)
    return add(audience, {**body, "status": body.get("status_if_new", body.get("status"))}, log)


def change(audience: Audience, member_id: str, body: Body, log: Log) -> str:
    """Change a member; returns the id, new with a new address, which takes the status along.

    A status brings an archived member back, and then nothing of the past refuses it.
    """
    member = audience.members.get(member_id)
    address = member["email_address"] if member else str(body.get("email_address", ""))
    status = _status(body, STATUSES)
    with _noting(audience, log, member_id, address, status):
        if member_id in audience.forgotten:
            raise _forgotten(address or "The address")
        if member is None:
            raise not_found()
        new = _address(body) if "email_address" in body else address
        if subscriber_hash(new) != member_id:
            return _move(audience, member_id, new, body, log)
        return _change(audience, member_id, body, status)


def tag(audience: Audience, member_id: str, body: Any, log: Log) -> None:
    """Set and remove tags. A body of another shape changes nothing, and nobody is told."""
    address = audience.members[member_id]["email_address"].lower()
    wishes = body.get("tags") if isinstance(body, dict) else None
    if not isinstance(wishes, list) or not all(_is_wish(wish) for wish in wishes):
        return
    for wish in wishes:
        wanted = "add" if wish["status"] == "active" else "remove"
        (audience.tag if wanted == "add" else audience.untag)(member_id, wish["name"])
        log.append(effect_of_tag(member_id, address, wish["name"], wanted, applied=True))


def archive(audience: Audience, member_id: str, log: Log) -> None:
    """The status stays as it is, hidden."""
    with _noting_known(audience, log, member_id):
        if member_id in audience.archived:
            raise Problem(405, "Method Not Allowed", "This list member cannot be removed.")
        audience.archive(member_id)


def forget(audience: Audience, member_id: str, log: Log) -> None:
    with _noting_known(audience, log, member_id):
        audience.delete(member_id)


def member_exists(address: str) -> Problem:
    return Problem(
        400, "Member Exists", f"{address} is already a list member. Use PUT to insert or update list members."
    )


def _move(audience: Audience, member_id: str, new: str, body: Body, log: Log) -> str:
    """To another address: the yes or no of the old one becomes the new one's."""
    new_id, status = subscriber_hash(new), _status(body, STATUSES)
    with _noting(audience, log, new_id, new, status):
        if new_id in audience.members:
            raise member_exists(new)
        if new_id in audience.forgotten:
            raise _forgotten(new)
        return _change(audience, member_id, body, status)


def _change(audience: Audience, member_id: str, body: Body, status: str | None) -> str:
    address = audience.members[member_id]["email_address"]
    if status == "subscribed" and member_id in audience.locked and member_id not in audience.archived:
        raise _compliance(address)
    if status is not None:
        audience.archived.discard(member_id)
    new_id = audience.edit(member_id, _given(body))
    if status == "pending":
        audience.ask(new_id)
    return new_id


@contextmanager
def _noting(audience: Audience, log: Log, member_id: str, address: str, status: str | None) -> Iterator[None]:
    before = _real(audience, member_id)
    try:
        yield
    finally:
        after = _real(audience, member_id)
        meant = MEANS.get(status or "", "")
        log.append(effect_of_consent(member_id, "email", address.lower(), meant, before, after))


@contextmanager
def _noting_known(audience: Audience, log: Log, member_id: str) -> Iterator[None]:
    member = audience.members.get(member_id)
    with _noting(audience, log, member_id, member["email_address"] if member else "", None):
        if member is None:
            raise not_found()
        yield


def _real(audience: Audience, member_id: str) -> str:
    member = audience.members.get(member_id)
    return str(member["status"]) if member else ""


def _given(body: Body) -> dict[str, Any]:
    """What of a body is taken; everything else, `tags` too, is passed over."""
    given = {name: body[name] for name in WRITABLE if body.get(name) is not None}
    if not isinstance(given.get("merge_fields", {}), dict):
        raise invalid("merge_fields")
    return given


def _address(body: Body) -> str:
    address = body.get("email_address")
    if not isinstance(address, str) or "@" not in address.strip("@"):
        raise invalid("email_address")
    return address


def _status(body: Body, allowed: tuple[str, ...]) -> str | None:
    status = body.get("status")
    if status is not None and status not in allowed:
        raise invalid("status")
    return status


def _is_wish(wish: Any) -> bool:
    if not isinstance(wish, dict) or wish.get("status") not in ("active", "inactive"):
        return False
    return isinstance(wish.get("name"), str) and bool(wish["name"])


def _compliance(address: str) -> Problem:
    why = "due to unsubscribe, bounce, or compliance review and cannot be subscribed."
    return Problem(400, "Member In Compliance State", f"{address} is in a compliance state {why}")


def _forgotten(address: str) -> Problem:
    why = "was permanently deleted and cannot be re-imported. The contact must re-subscribe to get back on the list."
    return Problem(400, "Forgotten Email Not Subscribed", f"{address} {why}")
