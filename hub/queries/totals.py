"""Counts that commands and pages show: contacts, records, open questions."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from hub.queries.values import count_open_popular_values
from hub.stages.golden import contacts
from hub.stages.increment import reviews
from hub.stages.land import landed


def contacts_total(db: Connection) -> int:
    return db.execute(select(func.count()).select_from(contacts)).scalar_one()


def records_total(db: Connection) -> int:
    """Landed records that are not tombstones."""
    return db.execute(select(func.count()).select_from(landed).where(landed.c.deleted.is_(False))).scalar_one()


def review_open(db: Connection) -> int:
    """Pairs that a person is asked about, and popular values of which nobody has said anything."""
    pairs = db.execute(select(func.count()).select_from(reviews)).scalar_one()
    return pairs + count_open_popular_values(db)
