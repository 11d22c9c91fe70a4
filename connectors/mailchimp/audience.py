"""One audience as the simulator keeps it: members, static segments, mails, change times. No HTTP here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

STATUSES = ("subscribed", "unsubscribed", "cleaned", "pending", "transactional")
"""What a member can be; `archived` is what the API says instead while the member is archived."""

BY_ADMIN = "N/A (Unsubscribed by an admin)"
"""The reason of an unsubscribe through the API too; any other is the person's own."""

TAGS_SHOWN = 50
MERGE_FIELDS = ("FNAME", "LNAME", "ADDRESS", "PHONE", "BIRTHDAY")

Member = dict[str, Any]


def subscriber_hash(email: str) -> str:
    """A member's `id`: md5 of the lower-case address."""
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()


def stamp(moment: datetime) -> str:
    """The vendor's form of a time: UTC, whole seconds, `+00:00`. Such texts sort as the times do."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that asks the person to confirm the subscription."""

    at: datetime
    list_id: str
    address: str


class Audience:
    """The vendor's state of one list. Every edit of a member moves its `last_changed`; tagging does not.

    `locked`: who unsubscribed, complained or bounced, until they confirm or are subscribed by hand.
    `forgotten`: who was deleted for good.
    """

    def __init__(self, list_id: str, name: str, now: Callable[[], datetime]) -> None:
        self.list_id = list_id
        self.name = name
        self.double_optin = False
        self._now = now
        self.members: dict[str, Member] = {}
        self.archived: set[str] = set()
        self.locked: set[str] = set()
        self.forgotten: set[str] = set()
        self.mails: list[Mail] = []
        self.abuse_reports: list[dict[str, Any]] = []
        self.segments: dict[int, dict[str, Any]] = {}
        self._listings: dict[tuple[str | None, str | None], list[Member]] = {}

    def upsert(self, given: Mapping[str, Any]) -> str:
        """Add or change the member of this address and return its id; raises ValueError for what is no member's field.

        Only `email_address` must be given; `tags` are names. An archived member comes back unless `archived` is true.
        """
        member_id = subscriber_hash(given["email_address"])
        known = self.members.get(member_id) or self._blank(given["email_address"])
        self._set(member_id, known, {k: v for k, v in given.items() if k not in ("tags", "archived")})
        (self.archived.add if given.get("archived") else self.archived.discard)(member_id)
        self.forgotten.discard(member_id)
        for name in given.get("tags", ()):
            self.tag(member_id, name)
        return member_id

    def edit(self, member_id: str, changes: Mapping[str, Any]) -> str:
        """Change fields of a member that is there; a new `email_address` gives it a new id, which is returned."""
        member = self.members[member_id]
        if "email_address" not in changes:
            self._set(member_id, member, changes)
            return member_id
        new_id = subscriber_hash(changes["email_address"])
        for holders in (self.archived, self.locked):
            if member_id in holders:
                holders.remove(member_id)
                holders.add(new_id)
        unique = _unique_email_id(changes["email_address"])
        self._set(new_id, self.members.pop(member_id), {**changes, "id": new_id, "unique_email_id": unique})
        for segment in self.segments.values():
            if member_id in segment["members"]:
                segment["members"][new_id] = segment["members"].pop(member_id)
        return new_id

    def archive(self, member_id: str) -> None:
        self.archived.add(member_id)
        self._set(member_id, self.members[member_id], {})

    def ask(self, member_id: str) -> None:
        """Send the mail that asks for a confirmation."""
        self.mails.append(Mail(self._now(), self.list_id, self.members[member_id]["email_address"].lower()))

    def report_abuse(self, member_id: str) -> None:
        member = self.members[member_id]
        report = {
            "id": len(self.abuse_reports) + 1,
            "campaign_id": "",
            "list_id": self.list_id,
            "email_id": member_id,
            "email_address": member["email_address"],
            "date": stamp(self._now()),
        }
        self.abuse_reports.append(report)

    def delete(self, member_id: str) -> None:
        """Permanently: never listed again, and nobody but the person may bring the address back."""
        del self.members[member_id]
        self.archived.discard(member_id)
        self.locked.discard(member_id)
        self.forgotten.add(member_id)
        for segment in self.segments.values():
            segment["members"].pop(member_id, None)
        self._listings.clear()

    def listing(self, *, status: str | None = None, sort_field: str | None = None) -> list[Member]:
        """The plain listing, which has no archived members, or the `archived` one; as added unless sorted."""
        key = (status, sort_field)
        if key not in self._listings:
            archived = status == "archived"
            rows = [m for i, m in self.members.items() if (i in self.archived) is archived]
            rows = [m for m in rows if status in (None, "archived", m["status"])]
            self._listings[key] = sorted(rows, key=lambda m: str(m[sort_field])) if sort_field else rows
        return self._listings[key]

    def shown(self, member: Member) -> Member:
        """The member as the API tells it: an archived one does not tell its real status."""
        return {**member, "status": "archived"} if member["id"] in self.archived else member

    def add_segment(self, name: str, members: Iterable[str] = (), segment_id: int | None = None) -> int:
        new_id = segment_id if segment_id is not None else max(self.segments, default=31000) + 1
        now = stamp(self._now())
        held = dict.fromkeys(members, now)
        self.segments[new_id] = {"id": new_id, "name": name, "created_at": now, "updated_at": now, "members": held}
        for member_id in held:
            self._tell_tags(member_id)
        return new_id

    def tag(self, member_id: str, name: str) -> None:
        found = next((s for s in self.segments.values() if s["name"] == name), None)
        segment = found or self.segments[self.add_segment(name)]
        now = stamp(self._now())
        segment["members"].setdefault(member_id, now)
        segment["updated_at"] = now
        self._tell_tags(member_id)

    def untag(self, member_id: str, name: str) -> None:
        for segment in self.segments.values():
            if segment["name"] == name:
                segment["members"].pop(member_id, None)
                segment["updated_at"] = stamp(self._now())
        self._tell_tags(member_id)

    def tags_of(self, member_id: str) -> list[dict[str, Any]]:
        """All of the member's tags, however many."""
        return [
            {"id": s["id"], "name": s["name"], "date_added": s["members"][member_id]}
            for s in self.segments.values()
            if member_id in s["members"]
        ]

    def tagged(self, segment_id: int, statuses: Iterable[str]) -> list[Member]:
        """A segment's members of these statuses; archived ones are not in it."""
        held, wanted = self.segments[segment_id]["members"], set(statuses)
        rows = (self.members[i] for i in held if i not in self.archived)
        return [m for m in rows if m["status"] in wanted]

    def _tell_tags(self, member_id: str) -> None:
        tags = [{"id": s["id"], "name": s["name"]} for s in self.segments.values() if member_id in s["members"]]
        self.members[member_id].update(tags=tags[:TAGS_SHOWN], tags_count=len(tags))

    def _set(self, member_id: str, member: Member, changes: Mapping[str, Any]) -> None:
        self._check(member, changes)
        status = changes.get("status", member["status"])
        given = changes.get("last_changed")
        moment = datetime.fromisoformat(given) if given else self._now()
        changed = {**member, **changes, "last_changed": stamp(moment)}
        changed["merge_fields"] = {**member["merge_fields"], **changes.get("merge_fields", {})}
        changed["full_name"] = f"{changed['merge_fields']['FNAME']} {changed['merge_fields']['LNAME']}".strip()
        if status == "subscribed" and member["status"] != "subscribed" and "timestamp_opt" not in changes:
            changed["timestamp_opt"] = changed["last_changed"]
        if status == "unsubscribed":
            changed.setdefault("unsubscribe_reason", BY_ADMIN)
        else:
            changed.pop("unsubscribe_reason", None)
        self._lock(member_id, changed)
        self.members[member_id] = changed
        self._listings.clear()

    def _lock(self, member_id: str, member: Member) -> None:
        if member["status"] == "subscribed":
            self.locked.discard(member_id)
        elif member["status"] == "cleaned" or member.get("unsubscribe_reason", BY_ADMIN) != BY_ADMIN:
            self.locked.add(member_id)

    @staticmethod
    def _check(member: Member, changes: Mapping[str, Any]) -> None:
        unknown = set(changes) - set(member) - {"unsubscribe_reason"}
        if unknown:
            raise ValueError(f"a member has no {sorted(unknown)}")
        if changes.get("status", "subscribed") not in STATUSES:
            raise ValueError(f"a member cannot be {changes['status']}")

    def _blank(self, email: str) -> Member:
        member_id = subscriber_hash(email)
        return {
            "id": member_id,
            "email_address": email,
            "unique_email_id": _unique_email_id(email),
            "contact_id": hashlib.md5(f"{self.list_id} {member_id}".encode(), usedforsecurity=False).hexdigest(),
            "full_name": "",
            "web_id": int(member_id[:7], 16),
            "email_type": "html",
            "status": "transactional",
            "consents_to_one_to_one_messaging": True,
            "merge_fields": dict.fromkeys(MERGE_FIELDS, ""),
            "interests": {},
            "stats": {"avg_open_rate": 0, "avg_click_rate": 0},
            "ip_signup": "",
            "timestamp_signup": "",
            "ip_opt": "",
            "timestamp_opt": "",
            "member_rating": 2,
            "last_changed": "",
            "language": "",
            "vip": False,
            "email_client": "",
            "location": {"latitude": 0, "longitude": 0, "gmtoff": 0, "dstoff": 0, "country_code": "", "timezone": ""},
            "marketing_permissions": [],
            "source": "API - Generic",
            "tags_count": 0,
            "tags": [],
            "list_id": self.list_id,
        }


def _unique_email_id(email: str) -> str:
    return hashlib.sha256(email.lower().encode()).hexdigest()[:10]
