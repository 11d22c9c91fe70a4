"""What reviewers wrote about a question, and whom they ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from hub.admin.review.claims import Reviewer
from hub.store.clock import database_now
from hub.store.jsontext import storable
from hub.store.operating.access import AdminUser
from hub.store.operating.review import ReviewNote
from hub.store.sql import table

notes = table(ReviewNote)
users = table(AdminUser)

LONGEST = 2_000
MOST = 100


def notes_of(db: Connection, item: str) -> Sequence[Any]:
    """Oldest first."""
    return db.execute(select(notes).where(notes.c.item == item).order_by(notes.c.id).limit(MOST)).all()


def write_note(db: Connection, who: Reviewer, item: str, text: str, assignee: str) -> bool:
    """Keep a note, and whom it asks; False for one that is empty or asks nobody whom the hub knows."""
    text = storable(text).strip()[:LONGEST]
    if not text or (assignee and assignee not in colleagues(db)):
        return False
    row = {"item": item, "author": who.name, "assignee": assignee or None, "text": text, "at": database_now(db)}
    db.execute(insert(notes), row)
    return True


def colleagues(db: Connection) -> list[str]:
    """Who may be asked: the users that may still sign in."""
    query = select(users.c.name).where(users.c.disabled_at.is_(None)).order_by(users.c.name).limit(MOST)
    return list(db.execute(query).scalars())


def asked_of(db: Connection, name: str) -> Sequence[Any]:
    """The newest notes that ask this reviewer."""
    query = select(notes).where(notes.c.assignee == name).order_by(notes.c.id.desc()).limit(MOST)
    return db.execute(query).all()
