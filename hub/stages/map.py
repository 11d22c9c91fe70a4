"""The map stage: turns landed records into contact records and what hangs on them, and marks whom that touches."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, false, select, true, update

from dedupe.engine.record import features_of
from hub.stages.evidence import Rules, Version, take_evidence
from hub.stages.holdings import held_by, holdings, let_go, mark_owners
from hub.stages.land import Change, landed
from hub.stages.ledger import Line, mark
from hub.stages.place import Place
from hub.stages.relatives import addresses_let_go
from hub.stages.salvage import release_readable
from hub.store.derived.identity import ResolveMark
from hub.store.derived.mapped import ContactRecord, MapRefusal, MapRemark, RelatedRecord
from hub.store.jsontext import loads
from hub.store.sql import among, chunks, insert_all, table, upsert_rows
from mapping.compile import Mapper
from mapping.models import Mapped, Message, Order, Person, Tag, Ticket

people = table(ContactRecord)
related = table(RelatedRecord)
HAS_OWNER = (
    (related.c.owner_connection == people.c.connection)
    & (related.c.owner_stream == people.c.stream)
    & (related.c.owner_external_id == people.c.external_id)
)
"""How an order, a ticket or a tag hangs on its person."""

remarks = table(MapRemark)
refusals = table(MapRefusal)
marks = table(ResolveMark)

Owner = tuple[str, str, str]
"""Connection, stream and external id of the record that something hangs on."""


@dataclass(frozen=True, slots=True)
class MapOutcome:
    """How many of the records went to quarantine, and how many values were left out of the others."""

    refused: int
    remarks: int


def map_changes(db: Connection, place: Place, changes: Sequence[Change], mapped: Mapping[str, Mapped]) -> MapOutcome:
    """Write what the mapping made of changed records. `mapped` is by content hash; tombstones need none.

    Every address of which one of these versions tells consent waits for the consent stage from then on.
    """
    latest = {change.record_id: change for change in changes}
    rows = _Rows(place)
    known = [change.record_id for change in latest.values() if not change.is_new]
    rows.touched |= _tagged(db, known)
    _forget(db, known)
    for change in changes:
        if latest[change.record_id] is change:
            rows.add(change, None if change.deleted else mapped[change.content_hash])
        elif not change.deleted:
            rows.pass_by(mapped[change.content_hash])
    rows.write(db)
    return MapOutcome(len(rows.refusals), len(rows.remarks))


def remap(db: Connection, place: Place) -> None:
    """Let every landed record of a stream wait for the map stage: its mapping has changed."""
    db.execute(
        update(landed)
        .where(landed.c.connection == place.connection, landed.c.stream == place.stream, landed.c.mapped == true())
        .values(mapped=False)
    )


def anything_waits(db: Connection, place: Place) -> bool:
    """Whether a landed record of a stream waits for the map stage."""
    return db.execute(_unmapped(place, landed.c.id).limit(1)).first() is not None


def _unmapped(place: Place, *columns: Any) -> Select[Any]:
    return select(*columns).where(
        landed.c.connection == place.connection, landed.c.stream == place.stream, landed.c.mapped == false()
    )


def map_waiting(db: Connection, place: Place, mapper: Mapper, limit: int, rules: Rules | None = None) -> int:
    """Map up to `limit` landed records that wait; the number done. With `rules`, what they say of consent is noted."""
    rows = db.execute(_unmapped(place, landed).order_by(landed.c.external_id).limit(limit).with_for_update()).all()
    if rows:
        changes = [
            Change(
                row.id, row.external_id, row.birth_id, row.born, row.content_hash, row.changed_at, row.deleted, False
            )
            for row in rows
        ]
        mapped = {row.content_hash: mapper(loads(row.body)) for row in rows if not row.deleted}
        map_changes(db, place, changes, mapped)
        db.execute(
            update(landed).where(among(landed.c.id, "rows")).values(mapped=True), {"rows": [row.id for row in rows]}
        )
        if rules is not None:
            landed_at = {row.id: row.landed_at for row in rows}
            versions = [
                Version(change, mapped[change.content_hash].value, landed_at[change.record_id], is_news=False)
                for change in changes
                if not change.deleted
            ]
            now = max(landed_at.values())
            take_evidence(db, place, rules, versions, now)
            release_readable(db, place, [one.change.external_id for one in versions if one.value is not None], now)
    return len(rows)


def mark_for_resolving(db: Connection, owners: Iterable[Owner]) -> None:
    """Mark records for the resolver, in the transaction that made them wait; in byte order, against deadlocks."""
    mark = time.time_ns()
    upsert_rows(db, marks, [(*owner, mark) for owner in sorted(set(owners), key=_bytes)])


def _bytes(owner: Owner) -> tuple[bytes, ...]:
    return tuple(part.encode("utf-8", "backslashreplace") for part in owner)


def _tagged(db: Connection, record_ids: list[int]) -> set[Owner]:
    """The owners of the tags among these records: taking a tag away touches them too."""
    owners: set[Owner] = set()
    for ids in chunks(record_ids):
        rows = db.execute(
            select(related.c.owner_connection, related.c.owner_stream, related.c.owner_external_id).where(
                related.c.record_id.in_(ids), related.c.kind == "tag"
            )
        )
        owners.update((row[0], row[1], row[2]) for row in rows)
    return owners


def _forget(db: Connection, record_ids: list[int]) -> None:
    mark(db, addresses_let_go(db, record_ids))
    let_go(db, record_ids)
    for ids in chunks(record_ids):
        for derived in (people, related, remarks, refusals):
            db.execute(delete(derived).where(derived.c.record_id.in_(ids)))


class _Rows:
    """The rows that one batch of mapped records becomes, table by table."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.people: list[dict[str, Any]] = []
        self.related: list[dict[str, Any]] = []
        self.remarks: list[dict[str, Any]] = []
        self.refusals: list[dict[str, Any]] = []
        self.holdings: list[dict[str, Any]] = []
        self.touched: set[Owner] = set()
        self.passed: set[Line] = set()

    def add(self, change: Change, mapped: Mapped | None) -> None:
        """Add one record; None for a tombstone, which leaves nothing but the mark."""
        own = (self.place.connection, self.place.stream, change.external_id)
        if not change.is_new:
            self.touched.add(own)
        if mapped is None:
            return
        self._say(change.record_id, mapped)
        match mapped.value:
            case Person() as person:
                self._person(change, person)
            case Order() as order:
                self._order(change, order, own)
            case Tag() as tag:
                self._tag(change, tag)
            case Ticket() as ticket:
                self._event(change, "ticket", ticket, ticket.opened_at, own)
            case Message() as message:
                self._event(change, "message", message, message.at, own)

    def pass_by(self, overtaken: Mapped) -> None:
        """A version that another one has replaced by now: what it says of consent counts all the same."""
        if isinstance(overtaken.value, Person):
            self.passed |= {(one.channel, one.address) for one in overtaken.value.consents}

    def _say(self, record_id: int, mapped: Mapped) -> None:
        if refusal := mapped.refusal:
            self.refusals.append(
                {
                    "record_id": record_id,
                    "code": refusal.code,
                    "message": refusal.message,
                    "location": refusal.where,
                }
            )
        self.remarks.extend(
            {
                "record_id": record_id,
                "position": position,
                "field": remark.field,
                "code": remark.code,
                "message": remark.message,
                "location": remark.where,
            }
            for position, remark in enumerate(mapped.remarks)
        )

    def _person(self, change: Change, person: Person) -> None:
        self.touched.add((self.place.connection, self.place.stream, change.external_id))
        self.people.append(
            {
                "record_id": change.record_id,
                "connection": self.place.connection,
                "stream": self.place.stream,
                "external_id": change.external_id,
                "birth_id": change.birth_id,
                "born": change.born,
                "changed_at": change.changed_at,
                "fields": person.model_dump(mode="json", exclude_defaults=True),
                "features": list(features_of(person)),  # orjson refuses the named kind
            }
        )
        self.holdings += held_by(
            change.record_id, (self.place.connection, self.place.stream, change.external_id), person
        )

    def _order(self, change: Change, order: Order, own: Owner) -> None:
        owner = own
        if order.customer is not None:
            owner = (self.place.connection, order.customer.stream, order.customer.id)
        elif order.person is not None:
            self._person(change, order.person)
        fields = order.model_dump(mode="json", exclude_defaults=True, exclude={"customer", "person", "placed_at"})
        self._hang(change, "order", owner, order.placed_at, fields)

    def _tag(self, change: Change, tag: Tag) -> None:
        owner = (self.place.connection, tag.person.stream, tag.person.id)
        self.touched.add(owner)
        self._hang(change, "tag", owner, None, {"name": tag.name})

    def _event(self, change: Change, kind: str, event: Ticket | Message, happened_at: Any, own: Owner) -> None:
        owner = (self.place.connection, event.person.stream, event.person.id) if event.person else own
        fields = event.model_dump(mode="json", exclude_defaults=True, exclude={"person", "opened_at", "at"})
        self._hang(change, kind, owner, happened_at, fields)

    def _hang(self, change: Change, kind: str, owner: Owner, happened_at: Any, fields: dict[str, Any]) -> None:
        self.related.append(
            {
                "record_id": change.record_id,
                "kind": kind,
                "owner_connection": owner[0],
                "owner_stream": owner[1],
                "owner_external_id": owner[2],
                "happened_at": happened_at,
                "fields": fields,
            }
        )

    def write(self, db: Connection) -> None:
        for into, rows in (
            (people, self.people),
            (related, self.related),
            (remarks, self.remarks),
            (refusals, self.refusals),
            (holdings, self.holdings),
        ):
            insert_all(db, into, rows)
        mark(db, self.passed | {(row["channel"], row["address"]) for row in self.holdings})
        mark_owners(db, (self._owner(row) for row in self.related if row["kind"] != "tag"))
        mark_for_resolving(db, self.touched)

    @staticmethod
    def _owner(row: Mapping[str, Any]) -> Owner:
        return row["owner_connection"], row["owner_stream"], row["owner_external_id"]
