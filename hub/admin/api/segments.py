"""Segments: those that are configured, and their members page by page."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from hub.admin.api import cursors
from hub.admin.api.contacts import may_take_all, nameless
from hub.admin.api.doors import Api, ApiDoor, Asked, Contract, Reply, told
from hub.admin.api.models import Heading, Key, Page, Sent, Told
from hub.admin.api.problems import Refused
from hub.queries import masks
from hub.queries.home import headings
from hub.queries.paging import members_after
from hub.queries.segments import may_be_sent_to
from hub.stages.tags import tag_of


class Segment(Told):
    """`targets`: as which tag each connection gets its members."""

    name: str
    title: str
    channel: str
    targets: dict[str, str]


class Segments(Told):
    segments: list[Segment]


class Members(Page):
    name: Key


class Member(Heading):
    """`may_send`: whether any address of theirs may be sent to on the segment's channel."""

    may_send: bool


class MembersPage(Told):
    """A page of members, in the order of their ids."""

    members: list[Member]
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


def doors(api: Api) -> list[ApiDoor]:
    room = Room(api)
    return [
        api.door("GET", "/segments", room.all, "segments", LIST),
        api.door("GET", "/segments/{name}/members", room.members, "segment_members", MEMBERS),
    ]


LIST = Contract("List segments", "The segments of `segments.yaml`.", Segments, has_etag=True)
MEMBERS = Contract(
    "List the members of a segment",
    "As they were worked out last; every sync does. Names and addresses as in the list of contacts.",
    MembersPage,
    Members,
    problems=(404,),
    has_etag=True,
)


@dataclass(frozen=True, slots=True)
class Room:
    """No counts: they would take the longer the more contacts there are."""

    api: Api

    def all(self, _asked: Asked[Sent, None]) -> Reply:
        settings = self.api.settings
        found = [
            {
                "name": name,
                "title": segment.title,
                "channel": segment.channel,
                "targets": {
                    one.name: tag_of(one.push.segments[name])
                    for one in settings.connections.values()
                    if name in one.push.segments
                },
            }
            for name, segment in settings.segments.items()
        ]
        return Reply(told(Segments, {"segments": found}))

    def members(self, asked: Asked[Members, None]) -> Reply:
        name, limit = asked.params.name, asked.params.limit
        segment = self.api.settings.segments.get(name)
        if segment is None:
            raise Refused(404, "There is no segment with this name.")
        after = cursors.read(f"members-of-{name}", asked.params.cursor)
        with self.api.store.read() as db:
            ids, more = cursors.cut(members_after(db, name, after, limit + 1), limit)
            known = {row["id"]: row for row in headings(db, ids)}
            sendable = may_be_sent_to(db, ids, segment.channel)
        rows = [{**(known.get(one) or nameless(one)), "may_send": one in sendable} for one in ids]
        shown = rows if may_take_all(asked.viewer) else [masks.heading(row) for row in rows]
        following = cursors.write(f"members-of-{name}", ids[-1]) if more else None
        return Reply(told(MembersPage, {"members": shown, "next": following}))
