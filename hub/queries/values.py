"""Values that people may have in common: finds the one that somebody types, and tells what a popular key is of."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select, true

from dedupe.engine.record import without_separators
from dedupe.engine.telling import Shared, key_of, shared_values
from hub.queries.find import NotFound
from hub.stages.crowds import match_keys, popular_keys, said_of_keys
from hub.stages.reading import entries
from hub.store.jsontext import storable
from hub.store.sql import among
from mapping.normalise import NotNormal
from mapping.normalise.email import email
from mapping.normalise.phone import phone

MOST_COUNTED = 10_000
"""How many different people with one value are counted; more are told as so many."""

_OPEN = select(popular_keys.c.key).where(popular_keys.c.is_value == true(), ~among(popular_keys.c.key, "said"))
_HOLDERS = select(match_keys.c.signature).where(match_keys.c.key == bindparam("of")).distinct()
_DIFFERENT = select(func.count()).select_from(_HOLDERS.limit(bindparam("most")).subquery())


@dataclass(frozen=True, slots=True)
class Popular:
    """A value that joins nobody, because so many different people hold it: `people`, at most MOST_COUNTED."""

    kind: str
    value: str
    people: int


def find_value(db: Connection, text: str, region: str | None) -> tuple[str, str]:
    """The kind and the canonical form of an e-mail address, a phone number, or an identifier ("loyalty=4711").

    Raises NotFound where no record holds it.
    """
    for kind, value in _meant(without_separators(storable(text)).strip(), region):
        if _holder(db, key_of(kind, value)) is not None:
            return kind, value
    raise NotFound(f"nobody holds the value {text!r}: it is an e-mail address, a phone number, or like loyalty=4711")


def _meant(text: str, region: str | None) -> Iterator[tuple[str, str]]:
    if "=" in text:
        kind, _, value = text.partition("=")
        yield "identifier", f"{kind.strip()}={value.strip()}"
    try:
        yield ("email", email(text).key) if "@" in text else ("phone", phone(text, region).value)
    except NotNormal:
        return


def popular_value(db: Connection, key: int) -> Popular | None:
    """The value whose key this is, and how many hold it; None where nobody does."""
    one = value_of(db, key)
    return Popular(one.kind, one.value, different_people(db, key)) if one else None


def count_open_popular_values(db: Connection) -> int:
    return db.execute(select(func.count()).select_from(_OPEN.subquery()), _said(db)).scalar_one()


def _said(db: Connection) -> dict[str, Set[int]]:
    return {"said": said_of_keys(db).keys()}


def value_of(db: Connection, key: int) -> Shared | None:
    """The value whose key this is, as any of its holders has it; None where nobody does."""
    holder = _holder(db, key)
    held = entries(db, [] if holder is None else [holder])
    return next((one for one in shared_values(held.values()) if one.key == key), None)


def _holder(db: Connection, key: int) -> int | None:
    found: int | None = db.execute(select(match_keys.c.record_id).where(match_keys.c.key == key).limit(1)).scalar()
    return found


def different_people(db: Connection, key: int) -> int:
    """By how many different people a key is held, at most MOST_COUNTED."""
    return db.execute(_DIFFERENT, {"of": key, "most": MOST_COUNTED}).scalar_one()
