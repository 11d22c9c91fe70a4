"""Finds a contact by any KEY of the command line; what a person types into a search box is in `search`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from hub.stages.golden import terms
from hub.stages.land import landed
from hub.stages.map import people, related
from hub.stages.reading import members
from hub.store.jsontext import storable
from mapping.normalise import NotNormal
from mapping.normalise.email import email
from mapping.normalise.phone import phone

MOST_HEIRS = 100


class NotFound(Exception):
    """No contact has this key."""


class SeveralFound(Exception):
    """More than one contact has this key; `matches` are their ids."""

    def __init__(self, matches: Sequence[str]) -> None:
        super().__init__(f"{len(matches)} contacts match")
        self.matches = list(matches)


@dataclass(frozen=True, slots=True)
class Found:
    """A contact, and the record that was named if the key named one."""

    contact_id: str
    record_id: int | None = None


def find(db: Connection, key: str, region: str | None) -> Found:
    """Resolve a KEY: a contact id (also a retired one), connection:stream:external_id, an e-mail or a phone.

    Raises NotFound, or SeveralFound.
    """
    key = storable(key)
    found = _by_birth(db, key) or _by_record(db, key)
    if found:
        return found
    matches = _by_address(db, key, region)
    if not matches:
        raise NotFound(f"no contact has the key {key!r}: try hub contacts search")
    if len(matches) > 1:
        raise SeveralFound(matches)
    return Found(matches[0])


def find_by_id(db: Connection, contact_id: str) -> str:
    """The contact that wears an id, also a retired one. Raises NotFound."""
    found = _by_birth(db, storable(contact_id))
    if found is None:
        raise NotFound("no contact has this id")
    return found.contact_id


def _by_birth(db: Connection, key: str) -> Found | None:
    """Follow a public id to the contact that wears or inherited it; an heir may have died too."""
    for _ in range(MOST_HEIRS):
        row = db.execute(
            select(landed.c.id, landed.c.heir, members.c.contact_id)
            .outerjoin(members, members.c.record_id == landed.c.id)
            .where(landed.c.birth_id == key)
        ).first()
        if row is None:
            return None
        if row.contact_id:
            return Found(row.contact_id)
        if not row.heir:
            return None
        key = row.heir
    return None


def _by_record(db: Connection, key: str) -> Found | None:
    parts = key.split(":", 2)
    if len(parts) != 3:
        return None
    record_id = _record_id(db, parts)
    if record_id is None:
        return None
    owner = _owner_id(db, record_id) or record_id
    contact_id = db.execute(select(members.c.contact_id).where(members.c.record_id == owner)).scalar()
    return Found(contact_id, owner) if contact_id else None


def _record_id(db: Connection, parts: Sequence[str]) -> int | None:
    own = (landed.c.connection == parts[0]) & (landed.c.stream == parts[1]) & (landed.c.external_id == parts[2])
    found: int | None = db.execute(select(landed.c.id).where(own)).scalar()
    return found


def _owner_id(db: Connection, record_id: int) -> int | None:
    """The person record that an order or tag hangs on."""
    owner = (
        (people.c.connection == related.c.owner_connection)
        & (people.c.stream == related.c.owner_stream)
        & (people.c.external_id == related.c.owner_external_id)
    )
    query = select(people.c.record_id).select_from(related).join(people, owner).where(related.c.record_id == record_id)
    found: int | None = db.execute(query).scalar()
    return found


def _by_address(db: Connection, key: str, region: str | None) -> list[str]:
    term = _address_term(key, region)
    if term is None:
        return []
    query = select(terms.c.contact_id).where(terms.c.term == term).order_by(terms.c.contact_id)
    return list(db.execute(query).scalars())


def _address_term(key: str, region: str | None) -> str | None:
    try:
        return email(key).key if "@" in key else phone(key, region).value.lstrip("+")
    except NotNormal:
        return None
