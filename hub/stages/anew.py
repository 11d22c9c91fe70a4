"""Notices another model than that of the last time, and other features of records: all has to be resolved anew."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection, bindparam, select, update

from dedupe.engine.keys import MAKING
from dedupe.engine.record import FEATURES, features_of
from dedupe.engine.weights import Model
from hub.stages import notes
from hub.stages.map import people
from hub.stages.reading import members
from hub.store.leases import Held, renew
from hub.store.sql import chunks
from mapping.models import Person

NOTE = "identity_model"
FEATURES_NOTE = "identity_features"

_FEATURES = update(people).where(people.c.record_id == bindparam("one")).values(features=bindparam("made"))


def begins_anew(db: Connection, held: Held, model: Model) -> bool:
    """Whether what is resolved was resolved otherwise. Under the resolver's lease; raises LeaseLost."""
    renew(db, held)
    if notes.get(db, NOTE) == _fingerprint(model):
        return False
    _renew_features(db)
    if db.execute(select(members.c.record_id).limit(1)).first() is not None:
        return True
    note_model(db, model)
    return False


def note_model(db: Connection, model: Model) -> None:
    """Remember that everything is resolved with this model."""
    notes.put(db, NOTE, _fingerprint(model))


def _renew_features(db: Connection) -> None:
    """Where this hub makes the features of records otherwise than the one that mapped them.

    Without a note it was this one: a migration leaves one for records that have none.
    """
    known = notes.get(db, FEATURES_NOTE)
    notes.put(db, FEATURES_NOTE, FEATURES)
    if known in (None, FEATURES):
        return
    for ids in chunks(db.execute(select(people.c.record_id)).scalars().all()):
        rows = db.execute(select(people.c.record_id, people.c.fields).where(people.c.record_id.in_(ids))).all()
        made = [{"one": row.record_id, "made": list(features_of(Person.model_validate(row.fields)))} for row in rows]
        db.execute(_FEATURES, made)


def _fingerprint(model: Model) -> str:
    return sha256(f"{FEATURES} {MAKING} {model!r}".encode()).hexdigest()
