"""A tiny world for the tests of the hub: records of a small cast, a source in memory, and short ways to run stages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Table, select

from connectors.kit.base import Cursor, Page, Record, Reject, Source, Stream
from connectors.kit.connector import Connector
from dedupe.engine.weights import Model, load
from dedupe.survivorship import STANDARD as POLICY
from hub.jobs.inline import RunEnd, Runner
from hub.queries.digest import digest
from hub.settings.models import HubFile, PushSettings
from hub.settings.settings import Connection, ConnectionStream, Settings
from hub.stages.golden import golden_all
from hub.stages.increment import reviews
from hub.stages.land import Landing, arrivals, land, landed
from hub.stages.map import MapOutcome, map_changes, people
from hub.stages.moves import Resolved
from hub.stages.place import Place
from hub.stages.pull import Wish
from hub.stages.reading import edges, members
from hub.stages.resolve import resolve_all
from hub.stages.runs import Buckets
from hub.store.engine import Store
from mapping.compile import Mapper, compile_mapping, parse_mapping
from tests.databases import open_hurried

STANDARD = load()
"""The model that is shipped."""

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""When the world of a test begins; `minute` counts from here."""

PLACE = Place("test-hub", "shop", "customers")
ORDERS_PLACE = Place("test-hub", "shop", "orders")
TAGS_PLACE = Place("test-hub", "shop", "tags")


def minute(number: int) -> datetime:
    return EPOCH + timedelta(minutes=number)


PERSON_MAP: dict[str, Any] = {
    "name": "name",
    "emails": ["email"],
    "phones": [{"value": "phone", "region": "AU"}],
    "date_of_birth": "born",
    "identifiers": [{"type": "loyalty", "value": "loyalty"}],
    "job_title": "job",
    "addresses": [{"street": "street", "city": "'Perth'", "postcode": "'6000'", "country": "'AU'"}],
}
PEOPLE = {"record": "person", "map": PERSON_MAP}
ORDERS = {
    "record": "order",
    "map": {
        "number": "number",
        "placed_at": "placed_at",
        "total": "total",
        "currency": "currency",
        "customer": {"stream": "customers", "id": "customer"},
        "person": {"name": "name", "emails": ["email"]},
    },
}
TAGS = {"record": "tag", "map": {"name": "tag", "person": {"stream": "customers", "id": "member"}}}


def compiled(spec: Mapping[str, Any] = PEOPLE, where: Mapping[tuple[str | int, ...], str] = {}) -> Mapper:
    return compile_mapping(parse_mapping(spec), region="AU", where=where)


MAP_PEOPLE, MAP_ORDERS, MAP_TAGS = compiled(PEOPLE), compiled(ORDERS), compiled(TAGS)
_MAPPERS = {"customers": MAP_PEOPLE, "orders": MAP_ORDERS, "tags": MAP_TAGS}


def person(external_id: str, at: datetime | None = None, deleted: bool = False, **data: Any) -> Record:
    """A customer of the shop; `data` are name, email, phone, born, loyalty, street, job."""
    return Record(external_id, {"id": external_id, **data}, at, deleted)


ALICE = person("alice", name="Alice Adams", email="alice@example.com", phone="0491 570 156")
BOB = person("bob", name="Robert Adams", email="bob@example.com", phone="0491 570 156")
"""Bob shares Alice's phone."""
ALICE_AGAIN = person("alice-2", name="Alice Adams", email="Alice@Example.com")
CHARLIE = person("charlie", name="Charlie Chan", email="charlie@example.com")


def gone(record: Record, at: datetime | None = None) -> Record:
    return replace(record, deleted=True, changed_at=at)


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """An open store with its schema."""
    store = open_hurried(url)
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store, once on SQLite and once on PostgreSQL."""
    with opened(database_url) as store:
        yield store


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """An empty store on SQLite, for what does not depend on the database."""
    with opened(f"sqlite:///{tmp_path / 'hub.db'}") as store:
        yield store


def land_only(store: Store, records: Iterable[Record], now: datetime | None = None, place: Place = PLACE) -> Landing:
    """Land records in one transaction, without what the map stage would make of them."""
    arriving, rejects = arrivals(records)
    assert not rejects
    return store.write(lambda db: land(db, place, arriving, now or datetime.now(UTC)))


def land_and_map(
    store: Store, records: Iterable[Record], now: datetime | None = None, place: Place = PLACE
) -> tuple[Landing, MapOutcome]:
    """Land and map records in one transaction, as a pull does."""
    mapper = _MAPPERS[place.stream]
    arriving, rejects = arrivals(records)
    assert not rejects
    mapped = {one.content_hash: mapper(one.record.data) for one in arriving}

    def work(db: Any) -> tuple[Landing, MapOutcome]:
        landing = land(db, place, arriving, now or datetime.now(UTC))
        return landing, map_changes(db, place, landing.changes, mapped)

    return store.write(work)


def derive(store: Store, model: Model = STANDARD) -> Resolved:
    """Resolve what is marked and make the touched contacts golden."""
    resolved = resolve_all(store, model)
    golden_all(store, POLICY)
    return resolved


def land_and_resolve(store: Store, records: Iterable[Record], model: Model = STANDARD) -> Resolved:
    land_and_map(store, records)
    return derive(store, model)


def rows(store: Store, source: Table) -> list[dict[str, Any]]:
    with store.read() as db:
        return [dict(row) for row in db.execute(select(source)).mappings()]


def contacts_of(store: Store) -> dict[str, str]:
    """external id -> contact id, of every person in the shop."""
    query = select(people.c.external_id, members.c.contact_id).join(members, members.c.record_id == people.c.record_id)
    with store.read() as db:
        return {row.external_id: row.contact_id for row in db.execute(query)}


def partition(store: Store) -> set[frozenset[str]]:
    """Who is together, without ids."""
    together: dict[str, set[str]] = {}
    for external_id, contact_id in contacts_of(store).items():
        together.setdefault(contact_id, set()).add(external_id)
    return {frozenset(group) for group in together.values()}


def groups(*texts: str) -> set[frozenset[str]]:
    """`groups("alice bob", "charlie")`: a partition as one writes it down."""
    return {frozenset(text.split()) for text in texts}


def derived(store: Store) -> dict[str, str]:
    """The digest of the derived tables."""
    with store.read() as db:
        return digest(db)["derived"]


def record_id(store: Store, external_id: str) -> int:
    with store.read() as db:
        found: int = db.execute(select(landed.c.id).where(landed.c.external_id == external_id)).scalar_one()
        return found


def pairs(store: Store) -> dict[tuple[str, str], str]:
    """Stored edges as (external id, external id) -> judgement."""
    names = {row["id"]: row["external_id"] for row in rows(store, landed)}
    return {(names[row["left_id"]], names[row["right_id"]]): row["judgement"] for row in rows(store, edges)}


def questions(store: Store) -> dict[tuple[str, str], str]:
    """Review items as (external id, external id) -> kind."""
    names = {row["id"]: row["external_id"] for row in rows(store, landed)}
    return {(names[row["left_id"]], names[row["right_id"]]): row["kind"] for row in rows(store, reviews)}


Pulling = Callable[[Stream, Cursor | None], Iterator[Page]]


class MemoryConfig(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    pull: Any
    """A `Pulling`: what the source answers."""


class MemorySource(Source):
    """A source that does what its test says."""

    def __init__(self, config: MemoryConfig) -> None:
        self.config = config
        self.closed = False

    def check(self) -> Iterator[Any]:
        return iter(())

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        answer: Pulling = self.config.pull
        return answer(stream, cursor)


MEMORY = Connector(kind="memory", title="Memory", config=MemoryConfig, source=MemorySource)


def page(records: Sequence[Record], position: datetime | None = None, rejects: Sequence[Reject] = ()) -> Page:
    """A page; its cursor stands at `position`, or at the newest change time."""
    newest = max((one.changed_at for one in records if one.changed_at), default=None)
    return Page(tuple(records), Cursor(position=position or newest), tuple(rejects))


def always(*pages: Page) -> Pulling:
    """A vendor that gives these pages whatever it is asked."""
    return lambda stream, cursor: iter(pages)


def stream(name: str = "customers", mapper: Mapper | None = None, snapshot: bool = False, **schedule: Any) -> Any:
    """A configured stream; `schedule` gives every, cron, timezone."""
    timing = {"every": None, "cron": None, "timezone": "UTC"} | schedule
    mapper = mapper or _MAPPERS[name]
    return ConnectionStream(name=name, stream=Stream(name, mapper.kind, snapshot=snapshot), mapper=mapper, **timing)


def connection(pull: Pulling, *streams: ConnectionStream, name: str = "shop", paused: bool = False) -> Connection:
    config = MemoryConfig(pull=pull)
    return Connection(name, "memory", MEMORY, config, streams or (stream(),), PushSettings(), paused)


def settings(*connections: Connection, secrets: tuple[str, ...] = (), **hub: Any) -> Settings:
    """A configuration of these connections, with the rules of `hub init`."""
    return Settings(
        folder=Path("config"),
        root=Path(),
        hub=HubFile(installation="test-hub", region="AU", **hub),
        database_url="",
        connections={one.name: one for one in sorted(connections, key=lambda one: one.name)},
        survivorship=POLICY,
        secrets=secrets,
    )


class Silent:
    """A reporter that remembers what it heard."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def started(self, connection: str, stream: str) -> None:
        self.heard.append(f"started {connection}.{stream}")

    def moved(self, connection: str, stream: str, buckets: Buckets, total: int | None) -> None:
        self.heard.append(f"moved {connection}.{stream} {buckets.fetched}")

    def ended(self, end: RunEnd) -> None:
        self.heard.append(f"ended {end.connection}.{end.stream} {end.status}")


PLAIN = Wish()


def sync(store: Store, *connections: Connection, wish: Wish = PLAIN, **given: Any) -> list[RunEnd]:
    """Run every stream of the connections once; `given` goes to `settings`."""
    return Runner(store, settings(*connections, **given), Silent()).run_all(connections, wish)
