"""What a valid configuration is, for the rest of the hub: plain, frozen, every reference resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel

from connectors.kit.base import Stream
from connectors.kit.connector import Connector
from dedupe.survivorship import Policy
from hub.settings.models import HubFile, PushSettings
from hub.settings.problems import Problem
from mapping.compile import Mapper


@dataclass(frozen=True, slots=True)
class ConnectionStream:
    """One stream that is pulled, by hand only without `every` and `cron`. `stream` carries the lookback in force."""

    name: str
    stream: Stream
    mapper: Mapper
    every: timedelta | None
    cron: str | None
    timezone: str


@dataclass(frozen=True, slots=True)
class Connection:
    """A configured connector; `streams` in the order they should be pulled."""

    name: str
    kind: str
    connector: Connector
    config: BaseModel
    streams: tuple[ConnectionStream, ...]
    push: PushSettings
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration. `root` holds the folder; relative paths are relative to it.

    `connections` is sorted by name. `secrets` are the values that no output may show.
    """

    folder: Path
    root: Path
    hub: HubFile
    database_url: str
    connections: Mapping[str, Connection]
    survivorship: Policy
    secrets: tuple[str, ...]
    warnings: tuple[Problem, ...] = ()
