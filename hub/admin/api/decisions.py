"""Decisions of people about who is who: those that were made, new ones, and taking one back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, RootModel
from sqlalchemy import Connection

from hub.access.masking import DOTS
from hub.access.roles import Permission, Viewer
from hub.admin.api import cursors
from hub.admin.api.doors import ROOT, Api, ApiDoor, Asked, Contract, Reply, told
from hub.admin.api.models import Key, Number, Page, Sent, Told, Words
from hub.admin.api.problems import FieldProblem, Refused
from hub.decide import CannotDecide, apart, confirm, merge, split, undo
from hub.jobs.queue import queue_derive
from hub.queries.find import Found, NotFound, SeveralFound, find
from hub.queries.paging import decisions_before, one_decision

BEHIND_THE_NEWEST = 2**53
NO_DECISION = "There is no decision with this number."

Pair = Annotated[list[Key], Field(min_length=2, max_length=2)]


class Merge(Sent):
    """Two contacts are one person. Of two records of one contact: they are one person, whatever they say."""

    kind: Literal["merge"]
    contacts: Pair = Field(description="Contact ids, or any other identifiers.")
    reason: Words = ""


class Apart(Sent):
    """Two contacts are two people, now and later."""

    kind: Literal["apart"]
    contacts: Pair = Field(description="Contact ids, or any other identifiers.")
    reason: Words = ""


class Split(Sent):
    """These records of a contact are somebody else."""

    kind: Literal["split"]
    records: Annotated[list[Key], Field(min_length=1, max_length=100)] = Field(
        description="Each as connection:stream:external_id."
    )
    reason: Words = ""


class DecisionSent(RootModel[Annotated[Merge | Apart | Split, Field(discriminator="kind")]]):
    """What is decided."""


class OneDecision(Sent):
    number: Number


class Decision(Told):
    """Who decided what, when and why. One that was undone stays, with who undid it."""

    number: int = Field(validation_alias="id")
    kind: str
    author: str
    reason: str
    decided_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None


class Link(Told):
    """What it says of two records, by the ids that they were born with: `must` or `cannot` be one person."""

    left: str
    right: str
    link: str


class WholeDecision(Decision):
    """With up to 1,000 of the pairs that it names."""

    links: list[Link]


class Decisions(Told):
    """A page of decisions, newest first."""

    decisions: list[Decision]
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


def doors(api: Api) -> list[ApiDoor]:
    room = Room(api)
    return [
        api.door("GET", "/decisions", room.page, "decisions", LIST),
        api.door("POST", "/decisions", room.decide, "decide", DECIDE, Permission.REVIEW),
        api.door("GET", "/decisions/{number}", room.one, "decision", ONE),
        api.door("POST", "/decisions/{number}/undo", room.undo, "undo", UNDO, Permission.REVIEW),
    ]


LIST = Contract("List decisions", "All decisions of people, newest first.", Decisions, Page, has_etag=True)
ONE = Contract(
    "Show a decision", "With the records that it names.", WholeDecision, OneDecision, problems=(404,), has_etag=True
)
DECIDE = Contract(
    "Decide who is who",
    "Merge, apart or split. Written down as the token's, for ever undoable, and worked out before the answer: the "
    "contacts of the records that it names are new then, and so are segments and consent. Where that takes longer than "
    "a few seconds the answer does not wait for it; a run that is queued with the decision ends it.",
    WholeDecision,
    body=DecisionSent,
    status=201,
    problems=(404, 409),
)
UNDO = Contract(
    "Undo a decision",
    "Everything is as if it had never been made. With `If-Match` only if the decision is still as it was read.",
    WholeDecision,
    OneDecision,
    problems=(404, 409, 412),
    takes_if_match=True,
)


@dataclass(frozen=True, slots=True)
class Room:
    """Law: a decision is made by `hub.decide` only, in one transaction with its entry in the audit."""

    api: Api

    def page(self, asked: Asked[Page, None]) -> Reply:
        before = cursors.read_number("decisions", asked.params.cursor, BEHIND_THE_NEWEST)
        with self.api.store.read() as db:
            found = decisions_before(db, before, asked.params.limit + 1)
        page, more = cursors.cut(found, asked.params.limit)
        following = cursors.write("decisions", page[-1]["id"]) if more else None
        return Reply(told(Decisions, {"decisions": [_seen_by(asked.viewer, one) for one in page], "next": following}))

    def one(self, asked: Asked[OneDecision, None]) -> Reply:
        with self.api.store.read() as db:
            return Reply(_shown(db, asked.viewer, asked.params.number))

    def decide(self, asked: Asked[Sent, DecisionSent]) -> Reply:
        sent, author = asked.body.root, asked.viewer.name
        with self.api.store.read() as db:
            found = [self._found(db, key) for key in (sent.records if isinstance(sent, Split) else sent.contacts)]
        number = self._written(lambda db: _decided(db, sent, found, author))
        with self.api.store.read() as db:
            return Reply(_shown(db, asked.viewer, number), f"{ROOT}/decisions/{number}")

    def undo(self, asked: Asked[OneDecision, None]) -> Reply:
        number, author = asked.params.number, asked.viewer.name

        def work(db: Connection) -> int:
            asked.expects(_shown(db, asked.viewer, number))
            undo(db, number, author)
            return number

        self._written(work)
        with self.api.store.read() as db:
            return Reply(_shown(db, asked.viewer, number))

    def _written(self, work: Callable[[Connection], int]) -> int:
        def noted(db: Connection) -> int:
            number = work(db)
            queue_derive(db, self.api.settings.hub.installation, "the API decided")
            return number

        try:
            number = self.api.store.write(noted)
        except CannotDecide as error:
            raise Refused(409, f"{str(error).capitalize()}.", "cannot-decide") from None
        self.api.follow()
        return number

    def _found(self, db: Connection, key: str) -> Found:
        try:
            return find(db, key, self.api.settings.hub.region)
        except NotFound:
            raise Refused(404, "One of the identifiers leads to no contact.") from None
        except SeveralFound as several:
            told_why = "Several contacts have one of the identifiers: name one of `contact_ids`."
            raise Refused(409, told_why, "several-contacts", contact_ids=several.matches[:50]) from None


def _decided(db: Connection, sent: Merge | Apart | Split, found: list[Found], author: str) -> int:
    if isinstance(sent, Split):
        record_ids = [one.record_id for one in found if one.record_id is not None]
        if len(record_ids) < len(found):
            wrong = FieldProblem(field="body.records", problem="takes connection:stream:external_id only")
            raise Refused(422, errors=[wrong])
        return split(db, record_ids, author, sent.reason)
    left, right = found
    if isinstance(sent, Apart):
        return apart(db, left.contact_id, right.contact_id, author, sent.reason)
    if left.contact_id == right.contact_id and left.record_id and right.record_id:
        return confirm(db, left.record_id, right.record_id, author, sent.reason)
    return merge(db, left.contact_id, right.contact_id, author, sent.reason)


def _shown(db: Connection, viewer: Viewer, number: int) -> WholeDecision:
    found = one_decision(db, number)
    if found is None:
        raise Refused(404, NO_DECISION)
    return told(WholeDecision, _seen_by(viewer, found))


def _seen_by(viewer: Viewer, row: dict[str, Any]) -> dict[str, Any]:
    """Why somebody decided may name people."""
    return row if viewer.may(Permission.PERSONAL) or not row["reason"] else {**row, "reason": DOTS}
