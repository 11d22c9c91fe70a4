"""Another model in force: what was resolved by the one before is forgotten, and every record waits for its turn."""

from __future__ import annotations

import time
from hashlib import sha256

from sqlalchemy import Connection, delete, select

from dedupe.engine.weights import Model
from hub.stages import notes
from hub.stages.golden import mark_contacts
from hub.stages.map import mark_for_resolving, people
from hub.stages.neighbourhood import edges, match_keys, popular_keys
from hub.stages.reading import members
from hub.store.derived.identity import ReviewItem
from hub.store.leases import Held, renew
from hub.store.sql import table

reviews = table(ReviewItem)

NOTE = "identity_model"


def note_first(db: Connection, model: Model) -> None:
    """Remember the model where nothing was ever resolved: there is nothing to do again."""
    if notes.get(db, NOTE) is None and db.execute(select(members.c.record_id).limit(1)).first() is None:
        notes.put(db, NOTE, _fingerprint(model))


def begin_anew_if_changed(db: Connection, held: Held, model: Model) -> bool:
    """Whether there is anything to do again. Contacts that will be gone are marked: their golden fields go with them.

    Under the resolver's lease; raises LeaseLost.
    """
    renew(db, held)
    if notes.get(db, NOTE) == _fingerprint(model):
        return False
    notes.put(db, NOTE, _fingerprint(model))
    contacts = db.execute(select(members.c.contact_id).distinct()).scalars().all()
    mark_contacts(db, contacts, mark=time.time_ns())
    for derived in (reviews, edges, members, popular_keys, match_keys):
        db.execute(delete(derived))
    rows = db.execute(select(people.c.connection, people.c.stream, people.c.external_id))
    mark_for_resolving(db, [(row[0], row[1], row[2]) for row in rows])
    return True


def _fingerprint(model: Model) -> str:
    return sha256(repr(model).encode()).hexdigest()
