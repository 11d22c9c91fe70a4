"""Order and tag maps made into functions from a raw record to an Order or a Tag, which refuse another shape."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from mapping.apply import Notes, Raw, Read, Source, never, one, raw_text, refuse
from mapping.build import builder
from mapping.expressions import ABSENT
from mapping.models import Order, OrderItem, Person, Tag
from mapping.normalise import NotNormal
from mapping.normalise.money import currency, money
from mapping.normalise.text import as_text
from mapping.people import person_reader
from mapping.sources import Sources
from mapping.spec import ItemsMap, OrderMap, TagMap, Value

ReadOrder = Callable[[Raw, Notes], Order]
ReadTag = Callable[[Raw, Notes], Tag]

_build_order, _build_item = builder(Order), builder(OrderItem)

MAX_QUANTITY = 1_000_000
_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})


def order_reader(spec: OrderMap, sources: Sources) -> ReadOrder:
    parts: list[tuple[str, Read[Any]]] = [
        ("number", sources.text("number", spec.number)),
        ("status", sources.text("status", spec.status)),
        ("currency", _one_of(spec.currency, sources.below("currency"), currency)),
        ("placed_at", sources.instant("placed_at", spec.placed_at)),
        ("cancelled_at", sources.instant("cancelled_at", spec.cancelled_at)),
        ("total", _money(spec.total, sources.below("total"))),
        ("refunded", _money(spec.refunded, sources.below("refunded"))),
        ("test", _one_of(spec.test, sources.below("test"), _truth)),
        ("items", _items(spec.items, sources.below("items")) if spec.items else one(None, raw_text)),
    ]
    buyer = _buyer(spec, sources)

    def read(raw: Raw, notes: Notes) -> Order:
        out = {key: value for key, part in parts if (value := part(raw, notes)) is not None}
        out.update(buyer(raw, notes))
        return _build_order(out)

    return read


def _buyer(spec: OrderMap, sources: Sources) -> Callable[[Raw, Notes], dict[str, Any]]:
    customer = sources.ref("customer", spec.customer)
    person = person_reader(spec.person, sources.below("person")) if spec.person else None

    def read(raw: Raw, notes: Notes) -> dict[str, Any]:
        if ref := customer(raw, notes):
            return {"customer": ref}
        if person and _says_something(guest := person(raw, notes)):
            return {"person": guest}
        return {}

    return read


def _says_something(person: Person) -> bool:
    return bool(person.custom or person.model_fields_set - {"custom", "nulls", "cleared"})


def _one_of(value: Value | None, sources: Sources, normalise: Callable[[str], Any]) -> Read[Any]:
    return one(sources.source(value) if value else None, normalise)


def _money(value: Value | None, sources: Sources) -> Read[Decimal | None]:
    """Not by way of text: a number of the record stays the number it is."""
    if value is None:
        return one(None, money)
    source = sources.source(value)

    def read(raw: Raw, notes: Notes) -> Decimal | None:
        try:
            found = source.get(raw)
            return None if found is None or found is ABSENT or found == "" else money(found)
        except NotNormal as error:
            notes.leave_out(source, error)
            return None

    return read


def _truth(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise NotNormal("truth_invalid", "neither true nor false")


def _quantity(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8 and int(text) <= MAX_QUANTITY):
        raise NotNormal("quantity_invalid", "not a whole number of things")
    return int(text)


def _items(spec: ItemsMap, sources: Sources) -> Read[tuple[OrderItem, ...]]:
    each = sources.below("each").source(spec.each)
    inner = sources if sources.columns is None else sources.of_anything()
    parts: list[tuple[str, Read[Any]]] = [
        ("title", inner.text("title", spec.title)),
        ("sku", inner.text("sku", spec.sku)),
        ("quantity", _one_of(spec.quantity, inner.below("quantity"), _quantity)),
        ("price", _money(spec.price, inner.below("price"))),
    ]

    def read_item(item: Raw, notes: Notes) -> OrderItem:
        out = {key: value for key, part in parts if (value := part(item, notes)) is not None}
        return _build_item(out)

    def read(raw: Raw, notes: Notes) -> tuple[OrderItem, ...]:
        return tuple(read_item(item, notes) for item in _listed(each, raw))

    return read


def _listed(each: Source, raw: Raw) -> list[Raw]:
    try:
        items = each.get(raw)
    except NotNormal as error:
        refuse(error.code, error.message, each.where)
    if items is None or items is ABSENT:
        return []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        refuse("items_not_list", "the items of the order are not a list of objects", each.where)
    return items


def tag_reader(spec: TagMap, sources: Sources) -> ReadTag:
    name = one(sources.below("name").source(spec.name, never), as_text)
    person = sources.ref("person", spec.person)
    name_line, person_line = sources.below("name", "value").line(), sources.below("person").line()

    def read(raw: Raw, notes: Notes) -> Tag:
        word, whose = name(raw, notes), person(raw, notes)
        if not word:
            refuse("tag_without_name", "a tag without a name", name_line)
        if whose is None:
            refuse("tag_without_person", "a tag that is on nobody", person_line)
        return Tag(name=word, person=whose)

    return read
