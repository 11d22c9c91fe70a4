"""The doctor: looks at everything that a hub stands on, and says of each thing how it is and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from hub.settings.load import read
from hub.settings.problems import Problem
from hub.settings.settings import Settings
from hub.store.engine import Store, open_store
from hub.store.migrate import HEAD, schema_version
from hub.watch.clean import Cleaner
from hub.watch.doctor_database import database_findings, file_findings
from hub.watch.doctor_work import work_findings
from hub.watch.finding import ATTENTION, CONFIGURATION, UNREACHABLE, Finding


def examine(folder: Path) -> Iterator[Finding]:
    """Everything about the hub that is configured here; goes on as far as it can. Changes nothing but a note."""
    reading = read(folder)
    yield from _configuration(reading.problems)
    settings = reading.settings
    if settings is None:
        return
    cleaner = Cleaner(settings.secrets)
    for one in _of(settings):
        yield replace(one, message=cleaner(one.message), fix=cleaner(one.fix))


def _configuration(problems: tuple[Problem, ...]) -> Iterator[Finding]:
    for one in problems:
        code = CONFIGURATION if one.severity == "error" else ATTENTION
        yield Finding("configuration", f"{one.where} {one.code} {one.message}", code, one.fix or one.hint)
    if not problems:
        yield Finding("configuration", "every file is valid")


def _of(settings: Settings) -> Iterator[Finding]:
    files = list(file_findings(settings.database_url))
    yield from files
    if not any(one.exit_code == CONFIGURATION for one in files):
        yield from _database(settings)
    if settings.hub.redis is not None:
        from hub.watch.doctor_redis import redis_findings  # who has no Redis need not load its client

        yield from redis_findings(settings.hub.redis.get_secret_value())
    else:
        yield Finding("redis", "not configured: the work runs in one process")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        store = open_store(settings.database_url)
    except OSError as error:
        yield Finding(
            "database", f"cannot be opened: {error.strerror}", CONFIGURATION, "look at the path and its owner"
        )
        return
    try:
        yield from database_findings(store, settings)
        if _is_current(store):
            with store.read() as db:
                yield from work_findings(db, settings)
    except DBAPIError as error:
        yield Finding("database", f"cannot be read ({type(error.orig).__name__})", UNREACHABLE, "restore the backup")
    finally:
        store.close()


def _is_current(store: Store) -> bool:
    try:
        with store.read() as db:
            return schema_version(db) == HEAD
    except DBAPIError:
        return False
