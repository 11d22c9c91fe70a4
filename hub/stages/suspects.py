"""Records that kill whoever maps them: named before each attempt, so that the next worker knows and refuses them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from hub.stages import notes
from hub.stages.land import Arrival
from hub.stages.place import Place
from hub.store.engine import Store
from hub.store.jsontext import dumps, loads
from mapping.compile import Mapper
from mapping.models import Mapped, Refusal

PATIENCE = 2
"""Workers that may die at a run before its records are mapped with care, which costs a commit for each."""

REFUSED = Refusal("crashes_worker", "whoever maps this record dies: see the system's log of that time")


def map_with_care(store: Store, place: Place, mapper: Mapper, arriving: Sequence[Arrival]) -> dict[str, Mapped]:
    """By content hash what becomes of these records. Who is found named here killed the worker before us."""
    name = f"mapping {place.connection}.{place.stream}"

    def note(at: str) -> None:
        def work(db: Connection) -> None:
            notes.put(db, name, dumps({"killers": sorted(killers), "at": at}))

        store.write(work)

    with store.read() as db:
        left = loads(notes.get(db, name) or '{"killers": [], "at": ""}')
    killers = {*left["killers"], left["at"]} - {""}
    mapped: dict[str, Mapped] = {}
    for arrival in arriving:
        if arrival.content_hash in killers:
            mapped[arrival.content_hash] = Mapped(mapper.kind, None, refusal=REFUSED)
            continue
        note(arrival.content_hash)
        mapped[arrival.content_hash] = mapper(arrival.record.data)
    note("")
    return mapped
