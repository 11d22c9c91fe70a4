"""What the doctor looks at in a database: file modes, settings, schema, clock, room, and whether it takes a write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from hub.settings.settings import Settings
from hub.stages import notes
from hub.store.clock import database_now
from hub.store.engine import Store
from hub.store.migrate import HEAD, schema_version
from hub.watch.finding import ATTENTION, BAD_DATA, CONFIGURATION, UNREACHABLE, Finding
from hub.watch.pulse import health
from hub.watch.room import file_of, room_for

MOST_SKEW = 5.0
"""Seconds between this machine's clock and the database's."""

OLDEST_POSTGRES = 14
FREE_CONNECTIONS = 5

SAFE = {"fsync": "on", "full_page_writes": "on", "autovacuum": "on"}
"""PostgreSQL settings without which committed rows can be lost, or tables only grow."""


def file_findings(database_url: str) -> Iterator[Finding]:
    """Of a SQLite file, before it is opened: opening would make a new one."""
    file = file_of(database_url)
    if file is None:
        return
    if not file.is_file():
        told = f"there is no file {file}"
        yield Finding("database", told, CONFIGURATION, "hub sync makes it; if there was one, restore the backup")
        return
    for one in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        yield from _mode(one)


def _mode(file: Path) -> Iterator[Finding]:
    try:
        mode = file.stat().st_mode & 0o777
    except FileNotFoundError:
        return
    if mode & 0o077:
        yield Finding("file mode", f"others can read {file} (mode {mode:04o})", ATTENTION, f"chmod 600 {file}")
    else:
        yield Finding("file mode", f"{file.name} is {mode:04o}")


def database_findings(store: Store, settings: Settings) -> Iterator[Finding]:
    """Of an open database. The last finding is about the schema when the rest cannot be told."""
    try:
        with store.read() as db:
            version = schema_version(db)
            yield Finding("database", f"answers ({db.dialect.name})")
            yield from _clock(db)
            yield from _journal(db) if store.is_sqlite else _server(db)
    except DBAPIError as error:
        yield Finding("database", f"does not answer ({type(error.orig).__name__})", UNREACHABLE, "start it; hub check")
        return
    yield _schema(version)
    if version == HEAD:
        yield _installation(store, settings)
        yield _writes(store)
    yield from _room(settings)


def _schema(version: str | None) -> Finding:
    if version == HEAD:
        return Finding("schema", f"{version}, the newest")
    if version is None or version < HEAD:
        told = f"{version or 'none'}, this hub wants {HEAD}"
        return Finding("schema", told, ATTENTION, "back it up; the next command that works on it brings it up to date")
    return Finding("schema", f"{version} is newer than this hub ({HEAD})", CONFIGURATION, "install the newer hub again")


def _installation(store: Store, settings: Settings) -> Finding:
    with store.read() as db:
        found = notes.get(db, "installation")
    if found in (None, settings.hub.installation):
        return Finding("installation", settings.hub.installation)
    told = f"the database belongs to {found!r}, hub.yaml says {settings.hub.installation!r}"
    return Finding("installation", told, CONFIGURATION, f"write installation: {found}, or use the right database")


def _writes(store: Store) -> Finding:
    if health(store).status == 200:
        return Finding("writing", "a transaction was kept")
    return Finding("writing", "no transaction can be kept", UNREACHABLE, "look at the disk's room and the file's owner")


def _clock(db: Connection) -> Iterator[Finding]:
    skew = abs((database_now(db) - datetime.now(UTC)).total_seconds())
    if skew > MOST_SKEW:
        told = f"this machine and the database differ by {skew:.0f} s"
        yield Finding("clock", told, ATTENTION, "run an NTP client on both")
    else:
        yield Finding("clock", f"{skew:.1f} s from the database's")


def _journal(db: Connection) -> Iterator[Finding]:
    mode = db.execute(text("PRAGMA journal_mode")).scalar_one()
    if mode != "wal":
        fix = "put the file on a local disk: WAL works on no network share"
        yield Finding("journal mode", f"{mode}, not wal: readers and the writer stop each other", ATTENTION, fix)
    else:
        yield Finding("journal mode", "wal")


def _server(db: Connection) -> Iterator[Finding]:
    found = {row.name: row.setting for row in db.execute(text("SELECT name, setting FROM pg_settings"))}
    version = int(found["server_version_num"]) // 10_000
    if version < OLDEST_POSTGRES:
        yield Finding("postgresql", f"version {version}", ATTENTION, f"the hub is tested from {OLDEST_POSTGRES} on")
    else:
        yield Finding("postgresql", f"version {version}")
    for name, wanted in SAFE.items():
        if found[name] != wanted:
            fix = f"{name} = {wanted} in postgresql.conf"
            yield Finding(f"postgresql {name}", f"{found[name]}, not {wanted}", ATTENTION, fix)
    if found["synchronous_commit"] == "off":
        fix = "synchronous_commit = on: a crash of the server must not take back an opt-out that was answered"
        yield Finding("postgresql synchronous_commit", "off", ATTENTION, fix)
    used = db.execute(text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")).scalar_one()
    free = int(found["max_connections"]) - used
    if free < FREE_CONNECTIONS:
        yield Finding(
            "postgresql connections", f"{free} are free", ATTENTION, "raise max_connections, or fewer workers"
        )


def _room(settings: Settings) -> Iterator[Finding]:
    room = room_for(settings.database_url)
    if room is None:
        return
    told = f"{room.share:.0%} free ({room.free // 1_000_000} MB)"
    if room.share < settings.hub.alerts.rules.disk:
        yield Finding("disk", told, ATTENTION, "make room, or move the database")
    else:
        yield Finding("disk", told)


def integrity(store: Store) -> Finding:
    """Whether a restored SQLite file is whole; PostgreSQL's own restore has looked."""
    if not store.is_sqlite:
        return Finding("integrity", "restored by PostgreSQL's own tools")
    try:
        with store.read() as db:
            said = db.execute(text("PRAGMA integrity_check(1)")).scalar_one()
    except DBAPIError as error:
        said = type(error.orig).__name__
    if said == "ok":
        return Finding("integrity", "every page of the file is whole")
    return Finding("integrity", "the file is damaged", BAD_DATA, "restore another backup")
