"""What each tab of a contact shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection

from hub.admin import words
from hub.queries.contact import consent_entries, retired_ids
from hub.queries.parts import built_of, fields_of, history_of, records_of, review_of
from hub.queries.segments import segments_of
from hub.queries.timeline import EVENTS, Place, timeline
from hub.settings.settings import Settings
from mapping.models import ConsentObservation, Message, Order, OrderItem, Ticket

MOST_SHOWN = 50
"""Events, records and match steps of one contact that one page writes out; a giant contact has thousands."""

LONGEST_PLACE = 60
_MODELS: Mapping[str, type[BaseModel]] = {"order": Order, "ticket": Ticket, "message": Message}

Shown = dict[str, Any]


def _fields(db: Connection, settings: Settings, contact_id: str, masked: bool, _after: str) -> Shown:
    fields = fields_of(db, contact_id, masked)
    fields.sort(key=lambda one: words.field_order(one["field"]))
    return {"fields": fields, "review": review_of(db, settings, contact_id, masked)}


def _timeline(db: Connection, _settings: Settings, contact_id: str, masked: bool, after: str) -> Shown:
    place = place_from(after)
    stretch = timeline(db, contact_id, MOST_SHOWN, place, masked)
    return {
        "timeline": [_happened(event) for event in stretch.events],
        "older": place_text(stretch.end) if stretch.end else "",
        "newest": place is None,
    }


def _consent(db: Connection, settings: Settings, contact_id: str, masked: bool, _after: str) -> Shown:
    entries = consent_entries(db, settings, contact_id, masked)
    return {"entries": entries, "observed": _observed(entries)}


def _segments(db: Connection, settings: Settings, contact_id: str, _masked: bool, _after: str) -> Shown:
    return {"segments": segments_of(db, settings, contact_id)}


def _records(db: Connection, settings: Settings, contact_id: str, masked: bool, _after: str) -> Shown:
    return {
        "records": records_of(db, contact_id, MOST_SHOWN, masked),
        "matches": built_of(db, settings, contact_id, masked),
        "retired": retired_ids(db, contact_id),
    }


def _history(db: Connection, _settings: Settings, contact_id: str, masked: bool, _after: str) -> Shown:
    return {"history": history_of(db, contact_id, masked)}


TABS: Mapping[str, tuple[str, Callable[[Connection, Settings, str, bool, str], Shown]]] = {
    "fields": ("Fields", _fields),
    "timeline": ("Timeline", _timeline),
    "consent": ("Consent", _consent),
    "segments": ("Segments", _segments),
    "records": ("Records", _records),
    "history": ("History", _history),
}
"""By the word in the address: the word on the page, and what gathers it."""

KEYS: Mapping[str, str] = {"timeline": "t", "consent": "c", "records": "o", "history": "h"}
"""By tab the key that leads to it."""

FIRST = "fields"


def title_of(head: Mapping[str, Any]) -> str:
    """What to call the contact: its name, else the first way to reach it, else its id."""
    return str(head["name"] or head["email"] or head["phone"] or head["id"])


def counted(events: Mapping[str, int]) -> list[str]:
    """How many events of each kind there are; orders are always told of."""
    return [words.plural(events.get(kind, 0), kind) for kind in EVENTS if events.get(kind) or kind == "order"]


def place_text(place: Place) -> str:
    return f"{place.at.isoformat() if place.at else ''}~{place.record_id}"


def place_from(text: str) -> Place | None:
    """What `place_text` made; the beginning for anything else."""
    at, mark, number = text[:LONGEST_PLACE].partition("~")
    if not mark or not number.isascii() or not number.isdigit():
        return None
    try:
        moment = datetime.fromisoformat(at) if at else None
    except ValueError:
        return None
    return None if moment is not None and moment.tzinfo is None else Place(moment, int(number[:18]))


def _happened(event: Shown) -> Shown:
    """An event of the timeline with all the fields of its kind."""
    whole = _whole(_MODELS[event["kind"]], event)
    if "items" in whole:
        whole["items"] = [_whole(OrderItem, item) for item in event.get("items", ())]
    return whole


def _observed(entries: list[Shown]) -> list[Shown]:
    """What the sources say, each saying once: an address has an entry for every purpose and brand."""
    said = [_whole(ConsentObservation, observed) for entry in entries for observed in entry["observed"]]
    return list({(one["source"], one["channel"], one["address"], one["scope"]): one for one in said}.values())


def _whole(model: type[BaseModel], stored: Shown) -> Shown:
    """With the defaults that are left out of what is stored."""
    return {name: field.default for name, field in model.model_fields.items()} | stored
