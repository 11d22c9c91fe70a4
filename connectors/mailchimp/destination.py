"""Mailchimp's side we write to: the status and the tags of members that are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from connectors.kit.base import Record
from connectors.kit.clock import SYSTEM, Clock
from connectors.kit.destination import (
    Capabilities,
    ConsentChange,
    Destination,
    Outcome,
    Permitted,
    SegmentChange,
)
from connectors.kit.errors import BadPayload, ConnectorError, Refused, VendorDown
from connectors.mailchimp.api import audience_path, open_http
from connectors.mailchimp.config import MailchimpConfig
from connectors.mailchimp.judge import MemberGone, MemberLocked
from connectors.mailchimp.source import MEMBERS
from connectors.mailchimp.walk import changed_at

TAGS_A_PAGE = 1000
NO_CONTENT = 204

NOT_REACHED = Outcome("retry", "Mailchimp could not be reached any more before this change was sent")
LOST = Outcome("unknown", "Mailchimp's answer was lost")
GONE = Outcome("not_held", "the audience has no such member")
ARCHIVED = Outcome("not_held", "archived")
CONTRADICTED = Outcome("unknown", "Mailchimp accepted the change and tells another status")
UNSUPPORTED = Outcome("unsupported", "Mailchimp keeps consent for e-mail only")
IGNORED = Outcome("rejected", "Mailchimp took the tag without a word and did not set it")

W = TypeVar("W")
R = TypeVar("R")


def capabilities(config: MailchimpConfig) -> Capabilities:
    """What a connection to this audience can do. On a double opt-in audience a yes was confirmed, whoever reads it."""
    return Capabilities(
        stream=MEMBERS.name,
        consent=("email",),
        scope=config.audience,
        resubscribe="pending",
        change_time_covers_consent=True,
        id_follows_address=True,
        sees_second_no="log",
        yes_methods={"": "double_opt_in"} if config.double_optin else {},
        tags=True,
        consent_batch=4,
        tag_batch=6,
        fetch_batch=50,
    )


class MailchimpDestination(Destination):
    """Writes one member at a time: the account's ten connections are shared with the customer's other tools.

    So the batches are small: a newer opt-out waits for the end of one, in which each member takes two or three calls.

    The vendor's bulk call is not used: it creates the people it does not know. Nothing is ever deleted or added.
    """

    def __init__(self, config: MailchimpConfig, *, clock: Clock = SYSTEM) -> None:
        self._config = config
        self._http = open_http(config, clock)
        self._audience_stands = False

    def fetch(self, ids: Sequence[str]) -> list[Record]:
        found = []
        for member_id in ids:
            try:
                member = self._read(self._path(member_id), {"exclude_fields": "_links"})
            except MemberGone:
                self._look_for_the_audience()
                continue
            if not isinstance(member.get("id"), str):
                raise BadPayload("Mailchimp told a member without an id: is base_url its API?")
            found.append(Record(member["id"], member, changed_at(member)))
        return found

    def write_consent(self, changes: Sequence[Permitted[ConsentChange]]) -> list[Outcome]:
        outcomes = _in_turn([permitted.change for permitted in changes], self._change_status)
        return [outcome or NOT_REACHED for outcome in outcomes]

    def write_tags(self, changes: Sequence[SegmentChange]) -> list[Outcome]:
        by_member: dict[str, list[SegmentChange]] = {}
        for change in changes:
            by_member.setdefault(change.record, []).append(change)
        done = dict(zip(by_member, _in_turn(list(by_member.values()), self._tag), strict=True))
        return [(done[change.record] or {}).get(change, NOT_REACHED) for change in changes]

    def close(self) -> None:
        self._http.close()

    def _change_status(self, change: ConsentChange) -> Outcome:
        if change.channel != "email":
            return UNSUPPORTED
        path = self._path(change.record)
        try:
            standing = self._read(path, {"fields": "status"}).get("status")
            if standing == "archived":  # any status would bring the member back from the archive
                return ARCHIVED
            if standing in _content_with(change):  # another write would only send another mail or move the times
                return Outcome("confirmed")
            return self._send_status(path, _status(change))
        except MemberGone:
            self._look_for_the_audience()
            return GONE
        except MemberLocked as locked:
            return Outcome("vendor_locked", str(locked))
        except Refused as refused:
            return Outcome("rejected", str(refused))

    def _send_status(self, path: str, status: str) -> Outcome:
        """A required merge field that the member lacks would refuse the status too, but for the query's word."""
        try:
            said = _document(self._http.patch(f"{path}?skip_merge_validation=true", json={"status": status}).json())
        except (VendorDown, BadPayload):
            return LOST
        return Outcome("confirmed") if said.get("status") == status else CONTRADICTED

    def _tag(self, changes: Sequence[SegmentChange]) -> dict[SegmentChange, Outcome]:
        """All changes of one member. What they did is read back: the vendor answers 204 to anything."""
        path = self._path(changes[0].record) + "/tags"
        unset = IGNORED
        try:
            if self._http.post(path, json=_tags_body(changes)).status != NO_CONTENT:
                unset = LOST  # it was somebody else who answered
        except MemberGone:
            self._look_for_the_audience()
            return dict.fromkeys(changes, GONE)
        except Refused as refused:
            return dict.fromkeys(changes, Outcome("rejected", str(refused)))
        except VendorDown:
            unset = LOST
        try:
            held = self._tags_of(path)
        except MemberGone:
            return dict.fromkeys(changes, GONE)
        except ConnectorError:
            raise _Over(dict.fromkeys(changes, LOST)) from None
        return {c: Outcome("confirmed") if (c.tag in held) is (c.wanted == "add") else unset for c in changes}

    def _tags_of(self, path: str) -> set[str]:
        """The names of all tags. Raises BadPayload for a listing that is none or ends before its total."""
        names: set[str] = set()
        offset = 0
        while True:
            said = self._read(path, {"count": str(TAGS_A_PAGE), "offset": str(offset)})
            tags, total = said.get("tags"), said.get("total_items")
            if not isinstance(tags, list) or type(total) is not int:
                raise BadPayload("Mailchimp told a member's tags in another shape: is base_url its API?")
            names.update(str(tag["name"]) for tag in tags if isinstance(tag, dict) and "name" in tag)
            offset += len(tags)
            if offset >= total:
                return names
            if not tags:
                raise BadPayload("Mailchimp told fewer tags than it counts")

    def _look_for_the_audience(self) -> None:
        """A wrong `audience` has no members either: raises ConfigError before anybody is taken for gone."""
        if not self._audience_stands:
            self._http.get(audience_path(self._config), {"fields": "id"})
            self._audience_stands = True

    def _read(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        return _document(self._http.get(path, query).json())

    def _path(self, member_id: str) -> str:
        return audience_path(self._config, f"members/{quote(member_id, safe='')}")


class _Over(Exception):
    """The vendor has gone: `result` is what is known of the work in hand, the rest is not begun."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


def _in_turn(work: Sequence[W], act: Callable[[W], R]) -> list[R | None]:
    """What `act` made of each; None for what was not begun because the vendor went away after others were done.

    An error of the very first is raised: nothing has been applied.
    """
    done: list[R | None] = []
    for one in work:
        try:
            done.append(act(one))
        except _Over as over:
            done.append(over.result)
            break
        except ConnectorError:
            if not done:
                raise
            break
    return done + [None] * (len(work) - len(done))


def _status(change: ConsentChange) -> str:
    if change.wanted == "out":
        return "unsubscribed"
    return "pending" if change.by_confirmation else "subscribed"


def _content_with(change: ConsentChange) -> set[str]:
    """The statuses in which nothing is left to write. Asking a subscribed member to confirm would stop their mail."""
    return {_status(change)} if change.wanted == "out" else {_status(change), "subscribed"}


def _tags_body(changes: Sequence[SegmentChange]) -> dict[str, Any]:
    """`is_syncing` keeps automations from firing."""
    tags = [{"name": c.tag, "status": "active" if c.wanted == "add" else "inactive"} for c in changes]
    return {"tags": tags, "is_syncing": True}


def _document(body: Any) -> dict[str, Any]:
    """Raises BadPayload for anything but an object."""
    if not isinstance(body, dict):
        raise BadPayload("Mailchimp did not answer with an object: is base_url its API?")
    return body
