"""What the queries tell about people, with the personal values masked: what is not known to be open is masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from hub.access.masking import DOTS, mask_email, mask_free, mask_key, mask_phone, mask_record, mask_text, mask_value

Document = dict[str, Any]
Masking = Callable[[Any], Any]

CODE = re.compile(r"[a-z_]{1,40}")
"""Words of ours; a vendor's message or a person's own words look otherwise."""

OPEN_OF_EVENTS = frozenset(
    {"kind", "at", "placed_at", "opened_at", "currency", "total", "refunded", "cancelled_at", "test", "direction"}
    | {"quantity", "price", "record_id"}
)
CODES_OF_EVENTS = frozenset({"status", "channel", "satisfaction", "verdict"})
OPEN_OF_CONSENT = frozenset(
    {"id", "channel", "action", "value", "method", "basis", "occurred_at", "precision", "observed_at", "source"}
    | {"purpose", "brand", "scope", "echo_of", "explained_by", "lifts"}
)
OPEN_OF_OBSERVED = frozenset({"channel", "state", "at", "day", "zone", "scope"})
OPEN_TRAITS = frozenset({"city", "state", "country", "language", "sources", "satisfaction"})


def heading(row: Mapping[str, Any]) -> Document:
    """A contact's line in a list."""
    masks = {"name": mask_text, "email": mask_email, "phone": mask_phone}
    return {**row, **{name: mask(row[name]) if row[name] else "" for name, mask in masks.items()}}


def contact(document: Mapping[str, Any]) -> Document:
    """The document of one contact."""
    made = {
        **document,
        "golden": {name: golden_field(name, one) for name, one in document["golden"].items()},
        "records": [record(one) for one in document["records"]],
        "consent": [entry(one) for one in document["consent"]],
        "traits": {name: _trait(name, value) for name, value in document["traits"].items()},
        "timeline": [event(one) for one in document["timeline"]],
        "review": [question(one) for one in document["review"]],
    }
    if "how" in document:
        made["how"] = [step(one) for one in document["how"]]
    return made


def value_of(field: str, value: Any) -> Any:
    """A field's value; of what a business added itself nobody knows what it is."""
    if field == "custom" or field.startswith("custom."):
        return dict.fromkeys(value, DOTS) if field == "custom" and value else mask_free(value)
    return mask_value(field, value)


def golden_field(name: str, one: Mapping[str, Any]) -> Document:
    made = {
        **one,
        "value": value_of(name, one["value"]),
        "source": mask_record(one["source"]) if one["source"] else "",
        "others": [
            {**lost, "value": value_of(name, lost["value"]), "source": mask_record(lost["source"])}
            for lost in one["others"]
        ],
    }
    if "values" in one:
        made["values"] = [golden_field(name, each) for each in one["values"]]
    return made


def record(one: Mapping[str, Any]) -> Document:
    said = {
        name: [observed(each) for each in value]
        if name == "consents"
        else value
        if name in ("nulls", "cleared", "created_at")
        else value_of(name, value)
        for name, value in one["fields"].items()
    }
    return {**one, "external_id": mask_key(one["external_id"]), "fields": said}


def fields(found: Iterable[Mapping[str, Any]]) -> list[Document]:
    """Golden fields as `hub.queries.parts` tells them."""
    return [{**one, "values": [golden_field(one["field"], each) for each in one["values"]]} for one in found]


def event(one: Mapping[str, Any]) -> Document:
    """Something on the timeline: when, how much, and what became of it; no words, no numbers that name somebody."""
    made = {name: _of_event(name, value) for name, value in one.items() if name != "items"}
    if "items" in one:
        made["items"] = [{name: _of_event(name, value) for name, value in item.items()} for item in one["items"]]
    return made


def _of_event(name: str, value: Any) -> Any:
    if name in OPEN_OF_EVENTS:
        return value
    if name in CODES_OF_EVENTS:
        return _code(value)
    return mask_record(value) if name == "source" else mask_free(value)


def entry(one: Mapping[str, Any]) -> Document:
    """What is known of consent for one address and channel."""
    made = {
        **one,
        "events": [_evidence(each) for each in one["events"]],
        "deliveries": [
            {**each, "record": _key(each["record"]), "message": _code(each["message"])} for each in one["deliveries"]
        ],
        "destinations": [{**each, "record": _key(each["record"])} for each in one["destinations"]],
        "observed": [observed(each) for each in one["observed"]],
    }
    return made | {"address": mask_key(one["address"])} if "address" in one else made


def consent(document: Mapping[str, Any]) -> Document:
    """The document of one address."""
    return {"address": mask_key(document["address"]), "entries": [entry(one) for one in document["entries"]]}


def _evidence(one: Mapping[str, Any]) -> Document:
    return _masked(one, OPEN_OF_CONSENT, {"record": mask_key, "actor": mask_key})


def observed(one: Mapping[str, Any]) -> Document:
    """What a source reports."""
    return _masked(one, OPEN_OF_OBSERVED, {"address": mask_key, "source": mask_record, "level": _code, "method": _code})


def _masked(one: Mapping[str, Any], shown: Collection[str], how: Mapping[str, Masking]) -> Document:
    made = dict(one)
    for name, value in one.items():
        if value and name not in shown:
            mask: Masking = how.get(name, mask_free)
            made[name] = mask(value)
    return made


def question(one: Mapping[str, Any]) -> Document:
    return {**one, "reason": ""}


def step(one: Mapping[str, Any]) -> Document:
    """A step that built a contact: how alike two records are, not what they say."""
    if one["step"] != "match":
        return decision(one)
    return {
        **one,
        "left": mask_record(one["left"]),
        "right": mask_record(one["right"]),
        "comparisons": comparisons(one["comparisons"]),
        "reason": "",
    }


def comparisons(found: Iterable[Mapping[str, Any]]) -> list[Document]:
    return [
        {**one, "left": mask_free(one["left"]), "right": mask_free(one["right"]), "words": one["level"]}
        for one in found
    ]


def decision(one: Mapping[str, Any]) -> Document:
    kind, _, value = one["about"].partition(" ")
    return {**one, "about": f"{kind} {DOTS}" if value else kind, "reason": mask_free(one["reason"])}


def explanation(document: Mapping[str, Any]) -> Document:
    """The document that tells why two records are, or are not, one person."""
    return {
        **document,
        "left": mask_record(document["left"]),
        "right": mask_record(document["right"]),
        "comparisons": comparisons(document["comparisons"]),
        "not_used": [f"{one.partition(' ')[0]} {DOTS}" for one in document["not_used"]],
        "path": [mask_record(one) for one in document["path"]],
        "reason": "",
    }


def _trait(name: str, value: Any) -> Any:
    if name in OPEN_TRAITS or not isinstance(value, str | list):
        return value
    return value_of({"email": "emails", "phone": "phones"}.get(name, name), value)


def _code(text: Any) -> Any:
    return text if not text or CODE.fullmatch(str(text).lower()) else DOTS


def _key(text: str) -> str:
    return mask_key(text) if text else text
