"""What a valid configuration is, for the rest of the hub: plain, frozen, every reference resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel

from connectors.kit.base import Stream
from connectors.kit.connector import Connector
from connectors.kit.destination import Capabilities, Resubscribe
from dedupe.engine.weights import Model, load
from dedupe.survivorship import Policy
from hub.consent.policy import Policy as ConsentPolicy
from hub.segments.rules import Segment
from hub.settings.models import HubFile, PushSettings
from hub.settings.problems import Problem
from hub.settings.reconcile import GoneGuard
from mapping.compile import Mapper


@dataclass(frozen=True, slots=True)
class Reconcile:
    """When a stream is read whole, by hand only without `every` and `cron`, and how much of it may be gone then."""

    every: timedelta | None = None
    cron: str | None = None
    timezone: str = "UTC"
    guard: GoneGuard = field(default_factory=GoneGuard)


@dataclass(frozen=True, slots=True)
class ConnectionStream:
    """One stream that is pulled, by hand only without `every` and `cron`. `stream` carries the lookback in force."""

    name: str
    stream: Stream
    mapper: Mapper
    every: timedelta | None
    cron: str | None
    timezone: str
    reconcile: Reconcile = field(default_factory=Reconcile)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """How far the hub may go in giving a yes back to a connection: what its connector can, less what is forbidden."""

    resubscribe: Resubscribe = "never"
    push_grants: bool = True


@dataclass(frozen=True, slots=True)
class Connection:
    """A configured connector; `streams` in the order they should be pulled.

    `capabilities`: what the connector can do with this config. `narrowed`: what of it may be used for a yes.
    """

    name: str
    kind: str
    connector: Connector
    config: BaseModel
    streams: tuple[ConnectionStream, ...]
    push: PushSettings
    paused: bool = False
    capabilities: Capabilities = field(default_factory=Capabilities)
    narrowed: Narrowing = field(default_factory=Narrowing)


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration. `root` holds the folder; relative paths are relative to it.

    `connections` is sorted by name, `segments` as they are written. `secrets` are the values that no output may show.
    `model` is the one that says who is who; nobody loads another.
    """

    folder: Path
    root: Path
    hub: HubFile
    database_url: str
    connections: Mapping[str, Connection]
    survivorship: Policy
    secrets: tuple[str, ...]
    warnings: tuple[Problem, ...] = ()
    consent: ConsentPolicy = field(default_factory=ConsentPolicy)
    segments: Mapping[str, Segment] = field(default_factory=dict)
    model: Model = field(default_factory=load)
