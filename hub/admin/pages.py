"""The pages: each reads what it shows in one snapshot of the store and writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.admin import words
from hub.admin.sessions import Now
from hub.admin.templates import Templates
from hub.jobs.scheduler import NEEDS_ATTENTION
from hub.queries.contact import show
from hub.queries.find import NotFound, SeveralFound, find
from hub.queries.home import headings, latest_runs, look_up, one_run, overview, some_contacts
from hub.settings.settings import Settings
from hub.stages.quarantine import groups
from hub.store.engine import Store
from mapping.models import ConsentObservation, Message, Order, OrderItem, Ticket

MOST_RESULTS = 50
FIRST_FEW = 20
MOST_SHOWN = 50
"""Records and match steps of one contact that are written out; a giant contact has thousands."""

LONGEST_SEARCH = 200
EVENTS: Mapping[str, type[BaseModel]] = {"order": Order, "ticket": Ticket, "message": Message}
NO_CONTACT = "There is no contact with this id or key."


@dataclass(frozen=True, slots=True)
class Pages:
    """The read-only pages of one hub."""

    store: Store
    settings: Settings
    templates: Templates
    now: Now

    def home(self, _request: Request) -> Response:
        with self.store.read() as db:
            found = overview(db, self.settings, NEEDS_ATTENTION)
        return self.templates.page("home", overview=found, now=self.now())

    def contacts(self, request: Request) -> Response:
        text = request.query_params.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
        with self.store.read() as db:
            if text:
                found = look_up(db, text, self.settings.hub.region, MOST_RESULTS + 1)
            else:
                found = some_contacts(db, FIRST_FEW)
        more = len(found) > MOST_RESULTS
        return self.templates.page("contacts", text=text, found=found[:MOST_RESULTS], more=more)

    def contact(self, request: Request) -> Response:
        """One contact by any of its keys; every key but its own id redirects to that."""
        key: str = request.path_params["key"]
        with self.store.read() as db:
            try:
                contact_id = _find(db, key, self.settings.hub.region)
            except NotFound:
                return self.templates.error(404, NO_CONTACT)
            except SeveralFound as several:
                matches = headings(db, several.matches[:MOST_RESULTS])
                return self.templates.error(409, "Several contacts have this key. Choose one.", matches)
            if contact_id != key:
                own = str(request.app.url_path_for("contact", key=contact_id))
                return RedirectResponse(own, status_code=302)
            document = show(db, self.settings, contact_id, how=True)
        return self.templates.page("contact", contact=document, **_arranged(document))

    def runs(self, _request: Request) -> Response:
        with self.store.read() as db:
            found = latest_runs(db)
        return self.templates.page("runs", runs=found, now=self.now())

    def run(self, request: Request) -> Response:
        with self.store.read() as db:
            found = one_run(db, _number(request.path_params["number"]))
        if found is None:
            return self.templates.error(404, "There is no run with this number.")
        return self.templates.page("run", run=found, now=self.now())

    def quarantine(self, _request: Request) -> Response:
        with self.store.read() as db:
            found = groups(db)
        return self.templates.page("quarantine", groups=found)


def _find(db: Connection, key: str, region: str | None) -> str:
    if "\x00" in key:  # PostgreSQL has no such text
        raise NotFound(NO_CONTACT)
    return find(db, key, region).contact_id


def _number(text: str) -> int:
    """A run's number; 0, which no run has, for anything else. Of very many digits Python itself makes no number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


def _arranged(document: dict[str, Any]) -> dict[str, Any]:
    """The parts of a contact in the order in which the page shows them."""
    golden = document["golden"]
    changed = {
        f"{one['connection']}:{one['stream']}:{one['external_id']}": one["changed_at"] for one in document["records"]
    }
    return {
        "title": _title(document),
        "fields": [
            (name, golden[name].get("values", [golden[name]])) for name in sorted(golden, key=words.field_order)
        ],
        "changed": changed,
        "timeline": [_happened(event) for event in document["timeline"]],
        "counted": _counted(document["timeline"]),
        "consent": _observed(document["consent"]),
        "matches": [step for step in document["how"] if step["step"] == "match"],
        "decisions": [step for step in document["how"] if step["step"] != "match"],
        "most": MOST_SHOWN,
    }


def _happened(event: dict[str, Any]) -> dict[str, Any]:
    """An event of the timeline with all the fields of its kind."""
    whole = _whole(EVENTS[event["kind"]], event)
    if "items" in whole:
        whole["items"] = [_whole(OrderItem, item) for item in event.get("items", ())]
    return whole


def _counted(timeline: list[dict[str, Any]]) -> list[str]:
    """How many events of each kind there are; orders are always told of."""
    counts = Counter(event["kind"] for event in timeline)
    return [words.plural(counts[kind], kind) for kind in EVENTS if counts[kind] or kind == "order"]


def _observed(consent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the sources say, each saying once: an address has an entry for every purpose and brand."""
    said = [_whole(ConsentObservation, observed) for entry in consent for observed in entry["observed"]]
    return list({(one["source"], one["channel"], one["address"], one["scope"]): one for one in said}.values())


def _whole(model: type[BaseModel], stored: dict[str, Any]) -> dict[str, Any]:
    """With the defaults that are left out of what is stored."""
    return {name: field.default for name, field in model.model_fields.items()} | stored


def _title(document: dict[str, Any]) -> str:
    """What to call the contact: its name, else the first way to reach it, else its id."""
    for field in ("name", "emails", "phones"):
        value = document["golden"].get(field, {}).get("value")
        if text := next(iter(words.lines(field, value)), ""):
            return text
    return str(document["id"])
