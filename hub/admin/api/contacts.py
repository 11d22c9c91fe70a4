"""Contacts: page by page, one with all that is known of it, and found by what a person types or by any identifier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from hub.access.roles import Permission, Viewer
from hub.admin.api import cursors
from hub.admin.api.doors import ROOT, Api, ApiDoor, Asked, Contract, Reply, told
from hub.admin.api.models import Heading, Key, Limit, Page, Sent, Told
from hub.admin.api.problems import Refused
from hub.queries import masks
from hub.queries.contact import show
from hub.queries.find import NotFound, SeveralFound, find, find_by_id
from hub.queries.home import headings, look_up
from hub.queries.paging import contacts_after

MOST_MATCHES = 50
NO_CONTACT = "There is no contact with this id; it may never have been one, or all its records are gone."
NOBODY = "No contact has this identifier."


class Contacts(Told):
    """A page of contacts, in the order of their ids."""

    contacts: list[Heading]
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


class OneContact(Sent):
    contact_id: Key = Field(description="A contact's id, also a retired one.")


class Search(Sent):
    """What a person types: the beginnings of names, an e-mail address, a phone number, an id."""

    text: Annotated[str, StringConstraints(min_length=2, max_length=200, pattern=r"^[^\x00]*$")]
    limit: Limit = 50


class Found(Told):
    """The best matches, and whether there are more: type more of it then."""

    contacts: list[Heading]
    more: bool


class Identifier(Sent):
    """Any one identifier of a person."""

    key: Key = Field(
        description="An e-mail address, a phone number, a contact's id (also a retired one), or "
        "connection:stream:external_id of a record."
    )


class Identified(Told):
    """The contact that an identifier leads to. `location` has the whole of it."""

    contact: Heading
    location: str


class Golden(Told):
    """A field's value, the record that gave it, the rule that chose it, and what lost.

    A list field has each of its values in `values`.
    """

    value: Any
    source: str
    rule: str
    others: list[dict[str, Any]]
    values: list[dict[str, Any]] | None = None


class Record(Told):
    connection: str
    stream: str
    external_id: str
    birth_id: str
    changed_at: datetime | None
    first_landed_at: datetime | None
    last_seen_at: datetime | None
    fields: dict[str, Any]


class ContactConsent(Told):
    """The state of one address for one purpose and brand; `/consent` has its evidence."""

    address: str
    channel: str
    purpose: str
    brand: str
    state: str
    may_send: bool
    reason: str
    at: datetime | None


class InSegment(Told):
    name: str
    title: str
    entered_at: datetime | None


class Question(Told):
    """Something that a person is asked about this contact and another one."""

    kind: str
    reason: str
    weight: float
    other_contact: str = Field(validation_alias="with")


class Contact(Told):
    """One contact. `retired_ids` lead here too. `timeline` has at most the 500 newest events, newest first."""

    id: str
    retired_ids: list[str]
    golden: dict[str, Golden]
    records: list[Record]
    consent: list[ContactConsent]
    segments: list[InSegment]
    traits: dict[str, Any]
    timeline: list[dict[str, Any]]
    review: list[Question]


def doors(api: Api) -> list[ApiDoor]:
    contacts = Rooms(api)
    return [
        api.door("GET", "/contacts", contacts.page, "contacts", LIST),
        api.door("POST", "/contacts/search", contacts.search, "contact_search", SEARCH),
        api.door("GET", "/contacts/{contact_id}", contacts.one, "contact", ONE),
        api.door("POST", "/identify", contacts.identify, "identify", IDENTIFY),
    ]


LIST = Contract(
    "List contacts",
    "Every contact, page by page. Who pages through everybody takes everybody out: names and addresses are shown to "
    "tokens with both scopes `personal` and `export`, to others with all but hints taken out.",
    Contacts,
    Page,
    has_etag=True,
)
SEARCH = Contract(
    "Search contacts",
    "As the search box of the pages does. What is looked for stands in the body, so that no log of addresses has it.",
    Found,
    body=Search,
)
ONE = Contract(
    "Show a contact",
    "All that is known of one contact, with where each value comes from. Without the scope `personal` all personal "
    "values are hints only.",
    Contact,
    OneContact,
    problems=(404,),
    has_etag=True,
)
IDENTIFY = Contract(
    "Identify a person",
    "The contact that any identifier leads to. Where several contacts have it: 409 with their ids.",
    Identified,
    body=Identifier,
    problems=(404, 409),
)


@dataclass(frozen=True, slots=True)
class Rooms:
    """Each answer reads in one snapshot."""

    api: Api

    def page(self, asked: Asked[Page, None]) -> Reply:
        after = cursors.read("contacts", asked.params.cursor)
        with self.api.store.read() as db:
            found = contacts_after(db, after, asked.params.limit + 1)
        page, more = cursors.cut(found, asked.params.limit)
        rows = page if may_take_all(asked.viewer) else [masks.heading(row) for row in page]
        following = cursors.write("contacts", page[-1]["id"]) if more else None
        return Reply(told(Contacts, {"contacts": rows, "next": following}))

    def search(self, asked: Asked[Sent, Search]) -> Reply:
        limit, region = asked.body.limit, self.api.settings.hub.region
        masked = not asked.viewer.may(Permission.PERSONAL)
        with self.api.limits.searching(), self.api.store.read() as db:
            found = look_up(db, asked.body.text, region, limit + 1, masked)
        page, more = cursors.cut(found, limit)
        return Reply(told(Found, {"contacts": page, "more": more}))

    def one(self, asked: Asked[OneContact, None]) -> Reply:
        with self.api.store.read() as db:
            try:
                contact_id = find_by_id(db, asked.params.contact_id)
            except NotFound:
                raise Refused(404, NO_CONTACT) from None
            document = show(db, self.api.settings, contact_id, masked=not asked.viewer.may(Permission.PERSONAL))
        return Reply(told(Contact, document))

    def identify(self, asked: Asked[Sent, Identifier]) -> Reply:
        with self.api.store.read() as db:
            try:
                contact_id = find(db, asked.body.key, self.api.settings.hub.region).contact_id
            except NotFound:
                raise Refused(404, NOBODY) from None
            except SeveralFound as several:
                told_ids = several.matches[:MOST_MATCHES]
                text = "Several contacts have this identifier: choose one of `contact_ids`."
                raise Refused(409, text, "several-contacts", contact_ids=told_ids) from None
            rows = headings(db, [contact_id]) or [nameless(contact_id)]
        location = f"{ROOT}/contacts/{contact_id}"
        return Reply(told(Identified, {"contact": heading(asked.viewer, rows[0]), "location": location}))


def nameless(contact_id: str) -> dict[str, Any]:
    """A contact that the golden stage has not reached yet."""
    return {"id": contact_id, "name": "", "email": "", "phone": "", "records": 0}


def heading(viewer: Viewer, row: dict[str, Any]) -> dict[str, Any]:
    return row if viewer.may(Permission.PERSONAL) else masks.heading(row)


def may_take_all(viewer: Viewer) -> bool:
    """Whether somebody who pages through everybody sees who they are."""
    return viewer.may(Permission.PERSONAL) and viewer.may(Permission.EXPORT)
