"""A value that too many people share, as a reviewer sees it: how many, and a few of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from hub.access.masking import mask_key, mask_value
from hub.queries.values import popular_value
from hub.stages.crowds import match_keys, popular_keys, said_of_keys
from hub.stages.golden import contacts
from hub.stages.reading import members

MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class ValueAsked:
    """`value` is masked where it must be; `key_text` is the value itself, for the decision. `holders`: some of them."""

    item: str
    kind: str
    value: str
    key_text: str
    people: int
    holders: tuple[dict[str, Any], ...]
    shown: str
    masked: bool


class NoSuchValue(Exception):
    """Nobody is asked about this value now."""


def value_asked(db: Connection, key: int, masked: bool) -> ValueAsked:
    """Raises NoSuchValue."""
    is_popular = db.execute(select(popular_keys.c.key).where(popular_keys.c.key == key)).first() is not None
    value = popular_value(db, key) if is_popular else None
    if value is None:
        raise NoSuchValue("so few people hold this value now that nobody is asked about it")
    said = said_of_keys(db).get(key, "")
    return ValueAsked(
        item=f"v{key}",
        kind=value.kind,
        value=mask_key(value.value) if masked else value.value,
        key_text=value.value,
        people=value.people,
        holders=_holders(db, key, masked),
        shown=said or "open",
        masked=masked,
    )


def _holders(db: Connection, key: int, masked: bool) -> tuple[dict[str, Any], ...]:
    query = (
        select(contacts)
        .join(members, members.c.contact_id == contacts.c.id)
        .join(match_keys, match_keys.c.record_id == members.c.record_id)
        .where(match_keys.c.key == key)
        .limit(MOST_SHOWN)
    )
    found = {row["id"]: dict(row) for row in db.execute(query).mappings()}
    if masked:
        for row in found.values():
            row |= {name: mask_value(field, row[name]) for name, field in _FIELDS.items()}
    return tuple(found.values())


_FIELDS = {"name": "name", "email": "emails", "phone": "phones"}
