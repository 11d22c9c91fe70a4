"""Who belongs to whom: as it is stored, or with some records elsewhere, so that a stage can be asked what would be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from hub.stages.holdings import members
from hub.store.sql import among

_HOME = select(members.c.record_id, members.c.contact_id)
_OF_RECORDS = _HOME.where(among(members.c.record_id, "records"))
_OF_CONTACTS = _HOME.where(among(members.c.contact_id, "contacts"))


@dataclass(frozen=True, slots=True)
class Homes:
    """`moved`: by record id, the contact of those that are somewhere else than the store says."""

    moved: Mapping[int, str] = field(default_factory=dict)

    def of_records(self, db: Connection, record_ids: Iterable[int]) -> dict[int, str]:
        """By record id its contact; a record that nobody has resolved has none."""
        asked = set(record_ids)
        found = {row.record_id: row.contact_id for row in db.execute(_OF_RECORDS, {"records": asked})} if asked else {}
        return found | {one: self.moved[one] for one in asked & self.moved.keys()}

    def of_contacts(self, db: Connection, contact_ids: Iterable[str]) -> dict[int, str]:
        """By record id its contact, of all records of these contacts."""
        asked = set(contact_ids)
        stored = db.execute(_OF_CONTACTS, {"contacts": asked}) if asked else ()
        found = {row.record_id: row.contact_id for row in stored if row.record_id not in self.moved}
        return found | {one: home for one, home in self.moved.items() if home in asked}


STORED = Homes()
