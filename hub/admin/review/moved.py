"""What has changed in a pair since it was shown, found by the contents that the form names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from hub.admin import words
from hub.queries.review_pair import Pair
from hub.settings.settings import Settings
from hub.stages.land import landed, versions
from hub.stages.map import people
from hub.store.jsontext import loads
from mapping.models import Person

SHOWN = re.compile(r"[0-9a-f]+\.[0-9a-f]+\.[0-9a-f]{16}")


def what_moved(db: Connection, settings: Settings, pair: Pair, shown: str) -> list[str]:
    """A line for each field of each record that is not as it was shown; else that something else has changed."""
    if pair.masked or not SHOWN.fullmatch(shown):
        return []
    before, now = shown.split("."), pair.shown.split(".")
    found = [
        line
        for side, then, content in zip(pair.sides, before[:2], now[:2], strict=True)
        if then != content
        for line in _of_record(db, settings, side.record_id, side.source, then)
    ]
    if not found and pair.decision is not None:
        return [f"Decision {pair.decision} about these two was made meanwhile."]
    return found or ["The two belong to other contacts than when you opened it."]


def _of_record(db: Connection, settings: Settings, record_id: int, source: str, then: str) -> Iterator[str]:
    query = (
        select(people.c.fields, landed.c.connection, landed.c.stream, versions.c.body)
        .join(landed, landed.c.id == people.c.record_id)
        .join(versions, versions.c.record_id == people.c.record_id)
        .where(people.c.record_id == record_id, versions.c.content_hash == then)
        .limit(1)
    )
    row = db.execute(query).first()
    old = _mapped(settings, row.connection, row.stream, row.body) if row else None
    if row is None or old is None:
        yield f"{source} has changed."
        return
    for name in sorted({*old, *row.fields}, key=words.field_order):
        if name in words.FIELDS and old.get(name) != row.fields.get(name):
            was, is_now = (_line(name, fields.get(name)) for fields in (old, row.fields))
            yield f"{source}, {words.field_name(name)}: was {was}, is {is_now}"


def _mapped(settings: Settings, connection: str, stream: str, body: str) -> Mapping[str, Any] | None:
    """The person that the present mapping makes of an old version."""
    streams = settings.connections[connection].streams if connection in settings.connections else ()
    mapper = next((one.mapper for one in streams if one.name == stream), None)
    value = mapper(loads(body)).value if mapper else None
    person = value if isinstance(value, Person) else getattr(value, "person", None)
    return person.model_dump(mode="json", exclude_defaults=True) if isinstance(person, Person) else None


def _line(field: str, value: Any) -> str:
    return ", ".join(words.lines(field, value)) or "nothing"
