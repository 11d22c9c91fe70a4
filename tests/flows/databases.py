"""Databases for one undisturbed run each, made and gone within a block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import uuid4

from tests import services

Fresh = Callable[[], AbstractContextManager[str]]
"""Gives the URL of an empty database, which is gone after its block."""


@contextmanager
def sqlite_in(folder: Path) -> Iterator[str]:
    path = folder / f"{uuid4().hex}.db"
    yield f"sqlite:///{path}"
    for file in folder.glob(f"{path.name}*"):
        file.unlink()


@contextmanager
def postgres_at(server: services.Postgres) -> Iterator[str]:
    url = server.create_database()
    yield url
    server.drop_database(url)
