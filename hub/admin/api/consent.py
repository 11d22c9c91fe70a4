"""Consent: what is known of an address, and the one door by which a person's own words are recorded."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, Field, RootModel, StringConstraints
from sqlalchemy import Connection

from hub.access.roles import Permission, Viewer
from hub.admin.api.contacts import NO_CONTACT, OneContact
from hub.admin.api.doors import Api, ApiDoor, Asked, Contract, Reply, told
from hub.admin.api.models import Key, Sent, Told, Words
from hub.admin.api.problems import FieldProblem, Refused
from hub.jobs.queue import queue_derive
from hub.queries import masks
from hub.queries.consent import consent_of_contact, consent_on
from hub.queries.find import NotFound, find_by_id
from hub.record import (
    CannotRecord,
    KeyUsed,
    NeedsPerson,
    NoSuchStop,
    Statement,
    grant,
    lift,
    object_,
    suppress,
    was_said,
    withdraw,
)
from hub.stages.ledger import Line
from mapping.normalise import NotNormal

FIRST_YEAR, LAST_YEAR = 1900, 2200


def _likely(at: datetime | date) -> datetime | date:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"a year between {FIRST_YEAR} and {LAST_YEAR}")
    return at


When = Annotated[AwareDatetime | date, AfterValidator(_likely)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]


class OneAddress(Sent):
    channel: Literal["email", "sms", "whatsapp", "voice"]
    address: Key = Field(description="An e-mail address, or a phone number in any form.")


class About(Sent):
    """What a statement is about; `*` is every purpose or brand."""

    purpose: Name = "marketing"
    brand: Name = "*"


class Withdraw(About):
    """A no. It needs nothing else."""

    action: Literal["withdraw"]
    at: When | None = Field(default=None, description="When it was said, if not now.")
    method: Literal["form", "keyword", "link", "one_click", "list_unsub", "complaint", "agent", "legal"] = "agent"
    evidence: Words = ""


class Grant(About):
    """A yes of the person, with when and how it was said and what shows it: `wording`, `evidence` or both.

    A checkbox needs the `wording` beside it, the word of an agent its `evidence`.
    """

    action: Literal["grant"]
    at: When
    method: Literal["form", "double_opt_in", "checkbox", "link", "agent"]
    wording: Words = Field(default="", description="What the person agreed to, word for word.")
    evidence: Words = Field(default="", description="Where the proof is.")


class Suppress(About):
    """Nothing more is sent to the address until somebody lifts it."""

    action: Literal["suppress"]
    reason: Literal["complaint", "hard_bounce", "invalid", "legal", "manual"]
    evidence: Words = ""


class Lift(Sent):
    """The end of one stop, whose id is among the events of the address. It is no yes."""

    action: Literal["lift"]
    event: Key
    reason: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]+$")]
    evidence: Words = ""


class StatementSent(RootModel[Annotated[Withdraw | Grant | Suppress | Lift, Field(discriminator="action")]]):
    """What a person said, or what stops sending."""


class Objection(Sent):
    """A person wants no marketing at all, at none of their addresses."""

    at: When | None = None
    evidence: Words = ""


class Entry(Told):
    """The state for one purpose and brand: whether it may be sent to, why, and all the evidence, newest first."""

    channel: str
    purpose: str
    brand: str
    state: str
    may_send: bool
    reason: str
    at: datetime | None
    scopes: list[str]
    locks: list[str]
    stops: list[str]
    review: bool
    recheck_at: datetime | None
    due_at: datetime | None
    overdue: bool
    events: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    destinations: list[dict[str, Any]]
    observed: list[dict[str, Any]]


class Consent(Told):
    address: str
    entries: list[Entry]


class Recorded(Told):
    """The ids of the events, and what the address says now. `repeated`: this very request was recorded before."""

    recorded: list[str]
    repeated: bool
    consent: Consent


class Objected(Told):
    """The same for all addresses of a contact."""

    recorded: list[str]
    repeated: bool
    consent: list[Consent]


def doors(api: Api) -> list[ApiDoor]:
    room = Room(api)
    path = "/consent/{channel}/{address:path}"
    return [
        api.door("GET", path, room.show, "consent", SHOW),
        api.door("POST", path, room.record, "consent_record", RECORD, Permission.RECORD),
        api.door("POST", "/contacts/{contact_id}/objection", room.object, "objection", OBJECT, Permission.RECORD),
    ]


SHOW = Contract(
    "Show the consent of an address",
    "Whether the address may be sent to on this channel, why, and the evidence. An address that nobody knows has the "
    "state `unknown`. Without the scope `personal` names and words are hints only.",
    Consent,
    OneAddress,
    has_etag=True,
)
RECORD = Contract(
    "Record what a person said",
    "The same door as `hub consent record`: a no needs nothing, a yes its proof; a no that stands is ended only by a "
    "later express yes of the person. The address is worked out anew before the answer, and what must leave is queued. "
    "Send an `Idempotency-Key` to be able to repeat the request: the same statement is written once for ever.",
    Recorded,
    OneAddress,
    StatementSent,
    status=201,
    problems=(403, 404, 412),
    takes_if_match=True,
    takes_repeat_key=True,
)
OBJECT = Contract(
    "Record an objection",
    "The person behind a contact wants no marketing at all; it reaches all addresses of theirs, also later ones.",
    Objected,
    OneContact,
    Objection,
    status=201,
    problems=(404,),
    takes_repeat_key=True,
)


@dataclass(frozen=True, slots=True)
class Room:
    """Law: what is recorded here is recorded by `hub.record`, whose refusals stand."""

    api: Api

    def show(self, asked: Asked[OneAddress, None]) -> Reply:
        with self.api.store.read() as db:
            return Reply(self._shown(db, asked.viewer, asked.params))

    def record(self, asked: Asked[OneAddress, StatementSent]) -> Reply:
        sent = asked.body.root
        said = _statement(asked, self.api.settings.hub.timezone, sent)

        def work(db: Connection) -> tuple[list[str], bool]:
            line = self._line(db, asked.params)
            if asked.if_match and not _is_repeated(db, said):  # a first try, whose answer was lost, has changed it
                asked.expects(self._shown(db, asked.viewer, asked.params))
            return self._kept(db, said, lambda: _keep(db, line, sent, said))

        ids, repeated = self._recorded(work)
        with self.api.store.read() as db:
            consent = self._shown(db, asked.viewer, asked.params)
        return Reply(Recorded(recorded=ids, repeated=repeated, consent=consent))

    def object(self, asked: Asked[OneContact, Objection]) -> Reply:
        said = _statement(asked, self.api.settings.hub.timezone, asked.body)

        def work(db: Connection) -> tuple[list[str], bool]:
            contact_id = self._contact(db, asked.params.contact_id)
            return self._kept(db, said, lambda: object_(db, contact_id, said))

        ids, repeated = self._recorded(work)
        with self.api.store.read() as db:
            found = consent_of_contact(db, self.api.settings, self._contact(db, asked.params.contact_id))
        documents = [told(Consent, _seen_by(asked.viewer, one)) for one in found]
        return Reply(Objected(recorded=ids, repeated=repeated, consent=documents))

    def _kept(self, db: Connection, said: Statement, keep: Callable[[], list[str]]) -> tuple[list[str], bool]:
        repeated = _is_repeated(db, said)
        ids = keep()
        if not repeated:
            queue_derive(db, self.api.settings.hub.installation, "the API recorded consent")
        return ids, repeated

    def _recorded(self, work: Callable[[Connection], tuple[list[str], bool]]) -> tuple[list[str], bool]:
        try:
            done = self.api.store.write(work)
        except CannotRecord as error:
            raise _refused(error) from None
        self.api.follow()
        return done

    def _contact(self, db: Connection, contact_id: str) -> str:
        try:
            return find_by_id(db, contact_id)
        except NotFound:
            raise Refused(404, NO_CONTACT) from None

    def _line(self, db: Connection, params: OneAddress) -> Line:
        return params.channel, str(self._document(db, params)["address"])

    def _document(self, db: Connection, params: OneAddress) -> dict[str, Any]:
        try:
            return consent_on(db, self.api.settings, params.channel, params.address)
        except NotNormal:
            wrong = FieldProblem(field="path.address", problem="is no address of this channel")
            raise Refused(422, errors=[wrong]) from None

    def _shown(self, db: Connection, viewer: Viewer, params: OneAddress) -> Consent:
        return told(Consent, _seen_by(viewer, self._document(db, params)))


def _is_repeated(db: Connection, said: Statement) -> bool:
    return bool(said.key) and was_said(db, said.key)


def _seen_by(viewer: Viewer, document: dict[str, Any]) -> dict[str, Any]:
    return document if viewer.may(Permission.PERSONAL) else masks.consent(document)


def _statement(asked: Asked[Any, Any], zone: str, sent: Any) -> Statement:
    """Who records it is the token itself; a bare date is a day of the hub's time zone."""
    repeat_key = f"{asked.viewer.name}\n{asked.repeat_key}" if asked.repeat_key else ""
    names = ("method", "wording", "evidence", "reason", "purpose", "brand")
    given = {name: getattr(sent, name) for name in names if hasattr(sent, name)}
    said = Statement(asked.viewer.name, key=repeat_key, **given)
    at: datetime | date | None = getattr(sent, "at", None)
    if isinstance(at, datetime):
        return replace(said, at=at.astimezone(UTC))
    if at is not None:
        return replace(said, at=datetime(at.year, at.month, at.day, tzinfo=UTC), precision="date", zone=zone)
    return said


def _keep(db: Connection, line: Line, sent: Withdraw | Grant | Suppress | Lift, said: Statement) -> list[str]:
    lines: Sequence[Line] = [line]
    match sent:
        case Withdraw():
            return withdraw(db, lines, said)
        case Grant():
            return grant(db, line, said)
        case Suppress():
            return suppress(db, lines, said)
        case Lift():
            return lift(db, lines, sent.event, said, named=False)


def _refused(error: CannotRecord) -> Refused:
    """Its words are those of the command line, whose options have the names of our fields."""
    match error:
        case NoSuchStop():
            return Refused(404, "No stop of this address has this id: its events have those that there are.")
        case NeedsPerson():
            told_why = "A complaint, a legal stop and an objection are ended by a named person on the hub itself only."
            return Refused(403, told_why, "needs-person")
        case KeyUsed():
            return Refused(422, "This Idempotency-Key was used for another statement before.", "key-used")
    return Refused(422, re.sub(r"--(\w+)", r"`\1`", str(error)), "cannot-record")
