"""Fields of which the sources of a contact say different things, and no rule of survivorship tells which is right.

Such a field has the value that arrived first, until a person pins one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection, or_, select, tuple_

from dedupe.folding import fold
from dedupe.pins import CUSTOM
from dedupe.survivorship import SINGLE
from hub.stages.golden import provenance
from hub.store.derived.golden import NO_RULE_TOLD

CHUNK = 100


@dataclass(frozen=True, slots=True)
class FieldAsked:
    """An open question. `values`: how many different ones the records say."""

    contact_id: str
    field: str
    values: int

    @property
    def item(self) -> str:
        """Its name in claims."""
        return f"f:{self.contact_id}:{self.field}"


def field_questions(db: Connection, limit: int) -> list[FieldAsked]:
    """In the order of the contacts' ids."""
    return list(islice(_open(db), limit))


def field_question(db: Connection, contact_id: str, field: str) -> FieldAsked | None:
    """The open question about a field of a contact; None where there is none."""
    own = (provenance.c.contact_id == contact_id) & (provenance.c.field == field) & (provenance.c.position == 0)
    row = db.execute(select(provenance).where(NO_RULE_TOLD, own)).first()
    return _asked(row) if row is not None else None


_IS_SINGLE = or_(provenance.c.field.in_(SINGLE), provenance.c.field.startswith(CUSTOM))
_PLACE = (provenance.c.contact_id, provenance.c.field)


def _open(db: Connection) -> Iterator[FieldAsked]:
    query = select(provenance).where(NO_RULE_TOLD, provenance.c.position == 0, _IS_SINGLE).order_by(*_PLACE)
    rows = db.execute(query.limit(CHUNK)).all()
    while rows:
        yield from filter(None, map(_asked, rows))
        after = tuple_(*_PLACE) > tuple_(rows[-1].contact_id, rows[-1].field)
        rows = db.execute(query.where(after).limit(CHUNK)).all()


def _asked(row: Any) -> FieldAsked | None:
    """None where the values differ in their spelling alone."""
    said = {fold(orjson.dumps(one).decode()) for one in (row.value, *(lost["value"] for lost in row.others))}
    return FieldAsked(row.contact_id, row.field, len(said)) if len(said) > 1 else None
