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
from hub.store.sql import table

reviews = table(ReviewItem)


def begin_anew_if_changed(db: Connection, model: Model) -> None:
    """Under the resolver's lease. Contacts that will be gone are marked, so that their golden fields go with them."""
    fingerprint = sha256(repr(model).encode()).hexdigest()
    if notes.get(db, "identity_model") == fingerprint:
        return
    notes.put(db, "identity_model", fingerprint)
    contacts = db.execute(select(members.c.contact_id).distinct()).scalars().all()
    if not contacts:
        return
    mark_contacts(db, contacts, mark=time.time_ns())
    for derived in (reviews, edges, members, popular_keys, match_keys):
        db.execute(delete(derived))
    rows = db.execute(select(people.c.connection, people.c.stream, people.c.external_id))
    mark_for_resolving(db, [(row[0], row[1], row[2]) for row in rows])
