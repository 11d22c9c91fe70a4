"""A mapping spec made into a function over raw records; all that is wrong with it is told at once, beforehand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from mapping.apply import Notes, Refused
from mapping.events import message_reader, ticket_reader
from mapping.expressions import ExpressionError, compile_expression
from mapping.models import Mapped, Message, Order, Person, RecordKind, Refusal, Tag, Ticket
from mapping.normalise.phone import REGIONS
from mapping.orders import order_reader, tag_reader
from mapping.people import person_reader
from mapping.sources import Sources
from mapping.spec import (
    Loc,
    MappingError,
    MappingErrors,
    MessageStream,
    OrderStream,
    PersonStream,
    StreamMapping,
    TagStream,
    TicketStream,
    parse_mapping,
)

__all__ = ["VERSION", "Mapper", "MappingError", "MappingErrors", "compile_mapping", "parse_mapping"]

VERSION = 2
"""Raise it when the mapping code gives other answers for the same record: everything is mapped again."""


def utc_today() -> date:
    return datetime.now(UTC).date()


Reader = Callable[[Mapping[str, Any], Notes], Person | Order | Tag | Ticket | Message]


class Mapper:
    """A compiled mapping: call it with a raw record. It never raises for data.

    `fingerprint` changes when the answers may: with the spec, the region or this code's VERSION.
    """

    __slots__ = ("_read", "fingerprint", "kind")

    def __init__(self, kind: RecordKind, fingerprint: str, read: Reader) -> None:
        self.kind = kind
        self.fingerprint = fingerprint
        self._read = read

    def __call__(self, raw: Mapping[str, Any]) -> Mapped:
        if type(raw) is not dict and not isinstance(raw, Mapping):
            return self._refused(Notes(), Refusal("not_an_object", "the record is not an object"))
        notes = Notes()
        try:
            return Mapped(self.kind, self._read(raw, notes), tuple(notes.remarks))
        except Refused as refused:
            return self._refused(notes, refused.refusal)
        except Exception as error:  # one poison record must not stop a stream
            return self._refused(notes, Refusal("mapping_failed", f"the mapping failed with {type(error).__name__}"))

    def _refused(self, notes: Notes, refusal: Refusal) -> Mapped:
        return Mapped(self.kind, None, tuple(notes.remarks), refusal)


def compile_mapping(
    spec: StreamMapping,
    *,
    region: str | None,
    where: Mapping[Loc, str] = {},
    columns: frozenset[str] | None = None,
    today: Callable[[], date] = utc_today,
) -> Mapper:
    """Raises MappingErrors. `region` is the country of phone numbers written without one.

    `where` maps a place of the YAML to "file:line" for remarks; a place it does not have finds the one around it.
    `columns` are the record's columns where they are known. `today` judges dates of birth.
    """
    sources = Sources(region, where, columns, today)
    if region is not None and region not in REGIONS:
        sources.wrong("region_unknown", "unknown region; write two capital letters (AU)", "region")
    if spec.id is not None:
        _check_id(spec.id, sources)
    read = _reader(spec, sources)
    if sources.errors:
        raise MappingErrors(tuple(sources.errors))
    return Mapper(spec.record, _fingerprint(spec, region), read)


def _check_id(text: str, sources: Sources) -> None:
    try:
        compile_expression(text, sources.columns)
    except ExpressionError as error:
        sources.wrong(error.code, error.message, "id")


def _reader(spec: StreamMapping, sources: Sources) -> Reader:
    inside = sources.inside("map")
    match spec:
        case PersonStream():
            return person_reader(spec.map, inside)
        case OrderStream():
            return order_reader(spec.map, inside)
        case TagStream():
            return tag_reader(spec.map, inside)
        case TicketStream():
            return ticket_reader(spec.map, inside)
        case MessageStream():
            return message_reader(spec.map, inside)
    raise TypeError(f"{type(spec).__name__} is no stream mapping; read one with parse_mapping")


def _fingerprint(spec: StreamMapping, region: str | None) -> str:
    said = {"version": VERSION, "region": region, "spec": spec.model_dump(mode="json")}
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]
