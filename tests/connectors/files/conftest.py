"""A drop folder, and what it takes to pull it in a line."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.files import CONNECTOR
from connectors.files.config import FilesConfig
from connectors.files.source import FilesSource
from connectors.kit.base import Cursor, Page, Stream

NOW = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
PEOPLE = Stream("people", "person")


class Drop:
    """A folder that files are dropped into; each was changed an hour before NOW unless said otherwise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, content: str | bytes, age: float = 3600) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        when = NOW.timestamp() - age
        os.utime(path, (when, when))
        return path

    def source(self, pattern: str = "*.csv", id: str | None = "id", **config: Any) -> FilesSource:  # noqa: A002
        config.setdefault("format", "csv")
        ids = {} if id is None else {"people": id}
        made = CONNECTOR.config(path=str(self.folder / pattern), ids=ids, **config)
        assert isinstance(made, FilesConfig)
        return FilesSource(made, now=lambda: NOW)

    def pull(self, cursor: Cursor | None = None, **config: Any) -> list[Page]:
        return list(self.source(**config).pull(PEOPLE, cursor))


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    folder = tmp_path / "drop"
    folder.mkdir()
    return Drop(folder)


@pytest.fixture
def rows() -> Callable[[list[Page]], list[tuple[str, dict[str, Any]]]]:
    return lambda pages: [(record.id, dict(record.data)) for page in pages for record in page.records]


@pytest.fixture
def ids() -> Callable[[list[Page]], list[str]]:
    return lambda pages: [record.id for page in pages for record in page.records]


@pytest.fixture
def rejects() -> Callable[[list[Page]], list[tuple[str, str]]]:
    return lambda pages: [(reject.where, reject.reason) for page in pages for reject in page.rejects]
