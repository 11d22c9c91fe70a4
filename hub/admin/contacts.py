"""The Contacts pages: search, and one contact with all that is known of it, masked for those who may not see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.access.roles import Permission
from hub.admin.contact_tabs import FIRST, KEYS, MOST_SHOWN, TABS, counted, title_of
from hub.admin.doors import viewer_in
from hub.admin.site import Site
from hub.audit import note
from hub.queries.find import NotFound, SeveralFound, find
from hub.queries.home import headings, look_up, some_contacts
from hub.queries.parts import head_of
from hub.queries.search import count_spellings

MOST_RESULTS = 50
FIRST_FEW = 20

LONGEST_SEARCH = 200
SHORTEST_REASON, LONGEST_REASON = 5, 500
NO_CONTACT = "There is no contact with this id or key."
NO_REASON = f"Say in {SHORTEST_REASON} letters or more why: it is written down for those who ask later."


def doors(site: Site) -> list[BaseRoute]:
    contacts = Contacts(site)
    return [
        site.doors.look("/contacts", contacts.search, "contacts"),
        site.doors.look("/contacts/{key}/print", contacts.print, "print_contact"),
        site.doors.act("/contacts/{key}/reveal", contacts.reveal, "reveal_contact", Permission.REVEAL),
    ]


def last_doors(site: Site) -> list[BaseRoute]:
    """The door that takes any key, also one with slashes: to be tried after all others."""
    return [site.doors.look("/contacts/{key:path}", Contacts(site).show, "contact")]


@dataclass(frozen=True, slots=True)
class Contacts:
    """Each page reads in one snapshot. Law: what a viewer may not see is masked by the queries, never here."""

    site: Site

    def search(self, request: Request) -> Response:
        text = typed(request)
        with self.site.store.read() as db:
            if text:
                found = look_up(db, text, self.site.settings.hub.region, MOST_RESULTS + 1, is_masked(request))
            else:
                found = some_contacts(db, FIRST_FEW, is_masked(request))
        return self.site.page(
            request,
            "contacts",
            text=text,
            found=found[:MOST_RESULTS],
            more=len(found) > MOST_RESULTS,
            spellings=0 if found else count_spellings(text),
        )

    def show(self, request: Request) -> Response:
        """One contact by any of its keys; every key but its own id redirects to that."""
        key: str = request.path_params["key"]
        with self.site.store.read() as db:
            contact_id = find_contact(self.site, request, db, key)
            if isinstance(contact_id, Response):
                return contact_id
            if contact_id != key:
                return self.site.to(request, "contact", key=contact_id)
            tab = request.query_params.get("tab", FIRST)
            shown = _gathered(db, self.site, contact_id, tab, is_masked(request), request.query_params.get("after", ""))
        return self.site.page(request, "contact", revealed="", **shown)

    def print(self, request: Request) -> Response:
        """Everything of one contact on one sheet."""
        with self.site.store.read() as db:
            contact_id = find_contact(self.site, request, db, request.path_params["key"])
            if isinstance(contact_id, Response):
                return contact_id
            shown: dict[str, Any] = {}
            for tab in TABS:
                shown |= _gathered(db, self.site, contact_id, tab, is_masked(request), "")
        return self.site.page(request, "contact_print", revealed="", now=self.site.now(), **shown)

    def reveal(self, request: Request, form: FormData) -> Response:
        """One page of the contact in clear, this once; the next page is masked again."""
        reason = reason_in(form)
        if len(reason) < SHORTEST_REASON:
            return self.site.error(request, 422, NO_REASON)
        with self.site.store.read() as db:
            contact_id = find_contact(self.site, request, db, request.path_params["key"])
        if isinstance(contact_id, Response):
            return contact_id
        actor, at = viewer_in(request).name, self.site.now()
        told = {"reason": reason}
        self.site.store.write(lambda db: note(db, at, actor, "contact.revealed", contact_id, told))
        with self.site.store.read() as db:
            shown = _gathered(db, self.site, contact_id, str(form.get("tab", FIRST)), False, str(form.get("after", "")))
        return self.site.page(request, "contact", revealed=reason, **shown)


def is_masked(request: Request) -> bool:
    return not viewer_in(request).may(Permission.PERSONAL)


def typed(request: Request) -> str:
    """What stands in the search box."""
    return request.query_params.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]


def reason_in(form: FormData) -> str:
    return str(form.get("reason", "")).replace("\x00", "").strip()[:LONGEST_REASON]


def find_contact(site: Site, request: Request, db: Connection, key: str) -> str | Response:
    """The id of the contact with a key; the page that says so where there is none, or more than one."""
    try:
        if "\x00" in key:  # PostgreSQL has no such text
            raise NotFound(NO_CONTACT)
        return find(db, key, site.settings.hub.region).contact_id
    except NotFound:
        return site.error(request, 404, NO_CONTACT)
    except SeveralFound as several:
        matches = headings(db, several.matches[:MOST_RESULTS], is_masked(request))
        return site.error(request, 409, "Several contacts have this key. Choose one.", matches)


def _gathered(db: Connection, site: Site, contact_id: str, tab: str, masked: bool, after: str) -> dict[str, Any]:
    """What a tab shows, with what stands on top of each."""
    tab = tab if tab in TABS else FIRST
    head = head_of(db, contact_id, masked)
    return {
        "contact": head,
        "title": title_of(head),
        "counted": counted(head["events"]),
        "tab": tab,
        "tabs": {name: word for name, (word, _) in TABS.items()},
        "keys": KEYS,
        "after": after,
        "masked": masked,
        "most": MOST_SHOWN,
        **TABS[tab][1](db, site.settings, contact_id, masked, after),
    }
