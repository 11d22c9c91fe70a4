"""The configuration as it counts: every value with the file and line it comes from, secrets masked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, SecretStr

from connectors.kit.redact import redact
from dedupe.survivorship import Rule
from hub.consent.policy import Policy
from hub.settings.document import Document, Loc, leaves
from hub.settings.files import Files
from hub.settings.load import Reading, Settings
from hub.settings.settings import Connection, ConnectionStream
from hub.settings.streams import layered
from hub.settings.validation import LOADER_FIELDS

DEFAULT = "default"
_PASSWORD = re.compile(r"(?<=://)([^\s/@:]*):[^\s/@]+(?=@)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value in force. `origin` is file:line, or "default"."""

    key: str
    value: Any
    origin: str


def effective(reading: Reading, settings: Settings) -> list[Entry]:
    """All values, hub.yaml's first, then connection by connection, then the other files."""
    by_stem = {document.path.relative_to(settings.folder).with_suffix("").as_posix(): document
               for path, document in reading.files.documents.items()
               if path.is_relative_to(settings.folder) and document.data is not None}  # fmt: skip
    entries = list(_model(settings.hub, reading.files, by_stem.get("hub"), (), "hub"))
    for connection in settings.connections.values():
        entries += _connection(reading.files, connection, by_stem[f"connections/{connection.name}"])
    entries += _survivorship(settings, by_stem.get("survivorship"))
    entries += _consent(settings.consent, by_stem.get("consent"))
    entries += _destinations(settings, by_stem.get("consent"))
    entries += _segments(settings, by_stem.get("segments"))
    return [Entry(e.key, _unseen(e.value, settings.secrets), e.origin) for e in entries]


def _unseen(value: Any, secrets: tuple[str, ...]) -> Any:
    """A last net: a secret that came in by another way than its own field."""
    return _PASSWORD.sub(r"\1:••••", redact(value, secrets)) if isinstance(value, str) else value


def _connection(files: Files, connection: Connection, document: Document) -> Iterator[Entry]:
    prefix = f"connections.{connection.name}"
    yield Entry(f"{prefix}.kind", connection.kind, _origin(document, ("kind",)))
    yield Entry(f"{prefix}.paused", connection.paused, _origin(document, ("paused",)))
    yield from _model(connection.config, files, document, ("config",), f"{prefix}.config")
    for stream in connection.streams:
        yield from _stream(files, connection, stream, document, f"{prefix}.streams.{stream.name}")
    yield from _model(connection.push, files, document, ("push",), f"{prefix}.push")


def _stream(
    files: Files, connection: Connection, stream: ConnectionStream, document: Document, prefix: str
) -> Iterator[Entry]:
    schedule = {"every": stream.every, "cron": stream.cron, "timezone": stream.timezone}
    for name, value in {**schedule, "lookback": stream.stream.lookback}.items():
        if value is not None:
            yield Entry(f"{prefix}.{name}", _plain(value), _origin(document, ("streams", stream.name, name)))
    mapping = layered(document, document.data, stream.name, files.vendor(connection.connector))
    for loc, value in leaves(mapping.data):
        source, at = mapping.origin(loc)
        yield Entry(".".join([prefix, *map(str, loc)]), value, source.where(at))


def _model(model: BaseModel, files: Files, document: Document | None, at: Loc, prefix: str) -> Iterator[Entry]:
    for name in [name for name in type(model).model_fields if name not in LOADER_FIELDS]:
        value, loc, key = getattr(model, name), (*at, name), f"{prefix}.{name}"
        if isinstance(value, BaseModel):
            yield from _model(value, files, document, loc, key)
        elif isinstance(value, dict) and any(isinstance(one, BaseModel) for one in value.values()):
            for each, one in value.items():
                yield from _model(one, files, document, (*loc, each), f"{key}.{each}")
        elif isinstance(value, SecretStr):
            yield Entry(key, _masked(value, files, document, loc), _origin(document, loc))
        elif value is not None and value not in ({}, ()):
            yield Entry(key, _plain(value, share=name in ("share", "changes", "disk")), _origin(document, loc))


def _masked(secret: SecretStr, files: Files, document: Document | None, loc: Loc) -> str:
    found = files.references(document).found.get(loc) if document else None
    name = found.names[0] if found else DEFAULT
    return f"•••• ({name}, {len(secret.get_secret_value())} chars)"


def _origin(document: Document | None, loc: Loc) -> str:
    return document.where(loc) if document is not None and loc in document.marks else DEFAULT


def _plain(value: Any, *, share: bool = False) -> Any:
    """As an operator would write it."""
    if isinstance(value, timedelta):
        return _duration(value)
    return f"{value * 100:g}%" if share and isinstance(value, float) else value


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _survivorship(settings: Settings, document: Document | None) -> Iterator[Entry]:
    rules = settings.survivorship
    for name, chosen in sorted(rules.fields.items()):
        yield Entry(f"survivorship.fields.{name}", _rules(chosen), _origin(document, ("fields", name)))
    yield Entry("survivorship.default", _rules(rules.default), _origin(document, ("default",)))


def _rules(rules: tuple[Rule, ...]) -> str:
    return ", ".join(f"{rule.kind} ({', '.join(rule.sources)})" if rule.sources else rule.kind for rule in rules)


def _consent(policy: Policy, document: Document | None) -> Iterator[Entry]:
    for loc, value in _policy(policy):
        yield Entry(".".join(("consent", *loc)), _plain(value), _origin(document, ("consent", *loc)))


def _policy(policy: Policy) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each value of the policy, with its place below `consent:`."""
    yield ("default_jurisdiction",), policy.jurisdiction
    yield ("tolerance",), policy.tolerance
    yield ("one_purpose_stops_all",), policy.one_purpose_stops_all
    yield ("mixed_addresses",), policy.mixed_addresses
    if policy.inferred is not None:
        yield ("inferred", "allowed"), _listed(policy.inferred.channels)
        yield ("inferred", "sources"), _listed(policy.inferred.sources)
        yield ("inferred", "expires"), policy.inferred.expires
    for channel, sources in sorted(policy.grant_sources.items()):
        yield ("grant_sources", channel), _listed(".".join(filter(None, source)) for source in sources)
    yield ("foreign_writers",), _listed(policy.foreign_writers)
    yield ("max_age",), policy.max_age
    for scope, reach in sorted(policy.lists.items()):
        connection, _, key = scope.partition("/")
        yield ("lists", connection, key), f"{reach.purpose}, {reach.brand}"
    for jurisdiction, due in sorted(policy.due.items()):
        yield ("due", jurisdiction), f"{due.business_days}bd" if due.business_days else due.time
    yield ("never_contact_domains",), _listed(policy.never_contact_domains)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def _destinations(settings: Settings, document: Document | None) -> Iterator[Entry]:
    """What is left of each connector's ways to give a yes back."""
    for name, connection in settings.connections.items():
        if connection.connector.destination is None:
            continue
        grants = "auto" if connection.narrowed.push_grants else "never"
        for key, value in {"resubscribe": connection.narrowed.resubscribe, "push_grants": grants}.items():
            yield Entry(f"destinations.{name}.{key}", value, _origin(document, ("destinations", name, key)))


def _segments(settings: Settings, document: Document | None) -> Iterator[Entry]:
    for name, segment in settings.segments.items():
        at: Loc = ("segments", name)
        yield Entry(f"segments.{name}.channel", segment.channel, _origin(document, (*at, "channel")))
        for loc, value in leaves(document.data["segments"][name], at) if document else ():
            if loc[2:] != ("channel",):
                yield Entry(".".join(map(str, loc)), value, _origin(document, loc))
