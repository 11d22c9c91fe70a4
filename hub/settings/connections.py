"""One connection file made into a Connection: its name, its connector, its config, its streams."""

from __future__ import annotations

import glob
import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from connectors.kit import registry
from connectors.kit.base import Stream
from connectors.kit.connector import Connector
from connectors.kit.destination import Capabilities
from connectors.kit.errors import ConfigError
from hub.settings import streams, validation
from hub.settings.document import Document, Loc
from hub.settings.files import Files
from hub.settings.models import ConnectionFile, HubFile, StreamSettings
from hub.settings.push import check_push
from hub.settings.reconcile import ReconcileSettings
from hub.settings.references import is_reference, refuse_literal_secrets
from hub.settings.settings import Connection, ConnectionStream, Reconcile
from hub.settings.values import suggest

RESERVED = frozenset({"all", "default", "hub", "none", "self"})
_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,39}")
CONFIG: Loc = ("config",)


def read_connection(
    files: Files, document: Document, hub: HubFile, segments: Collection[str] | None
) -> Connection | None:
    """The connection, or None after telling its document everything that is wrong. `segments`: see `check_push`."""
    _check_name(document)
    if document.unreadable:
        return None
    if not isinstance(document.data, dict):
        document.add("HUB-C010", "the file must be a mapping (key: value) at its top", fix="begin with  kind: shopify")
        return None
    connector = _connector(document, document.data.get("kind"))
    _guard_secrets(files, document, connector)
    references = files.references(document)
    data = references.resolve(document.data)
    if connector is not None:
        files.secrets += [
            found.value
            for loc, found in references.found.items()
            if loc[:1] == CONFIG and validation.secret_at(connector.config, loc[1:])
        ]
    file = validation.read(document, ConnectionFile, data)
    config = _config(document, connector, data, files.root) if connector else None
    pulled = _streams(files, document, connector, data, hub) if connector else []
    capabilities = connector.capabilities(config) if connector and config else Capabilities()
    if connector and config and file:
        check_push(document, connector, capabilities, file.push, segments)
    if connector is None or file is None or config is None or document.has_errors():
        return None
    return Connection(
        name=document.path.stem,
        kind=file.kind,
        connector=connector,
        config=_with_ids(config, data, pulled),
        streams=tuple(pulled),
        push=file.push,
        paused=file.paused,
        capabilities=capabilities,
    )


def _check_name(document: Document) -> None:
    name = document.path.stem
    if not _SLUG.fullmatch(name):
        better = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_0123456789") or "shop"
        message = "a connection's name is small letters, digits, - and _, and begins with a letter"
        document.add("HUB-C017", message, excerpt=False, fix=f"rename the file to {better}{document.path.suffix}")
    elif name in RESERVED:
        document.add("HUB-C017", f"the name '{name}' is reserved", excerpt=False, fix="rename the file")


def _connector(document: Document, kind: Any) -> Connector | None:
    if not isinstance(kind, str) or document.is_broken(("kind",)):
        return None
    try:
        return registry.get(kind)
    except registry.UnknownConnector:
        hint = suggest(kind, registry.kinds())
        fix = "" if hint else f"there are: {', '.join(registry.kinds())}"
        document.add("HUB-C019", f"there is no connector '{kind}'", ("kind",), hint=hint, fix=fix)
    except ConfigError as error:
        document.add("HUB-C019", str(error), ("kind",))
    return None


def _guard_secrets(files: Files, document: Document, connector: Connector | None) -> None:
    """Hide from every excerpt what may be a secret, and refuse what surely is one."""
    model = connector.config if connector else BaseModel
    hidden = validation.hide(document, CONFIG, lambda loc: validation.harmless_at(model, loc[1:]), is_reference)
    files.hidden += [text for text in hidden if len(text) >= 8]
    if "config" in document.data:
        config = document.data["config"]
        refuse_literal_secrets(document, config, CONFIG, lambda loc: validation.secret_at(model, loc[1:]))


def _config(document: Document, connector: Connector, data: Any, root: Path) -> BaseModel | None:
    config = data.get("config", {})
    if document.is_broken(CONFIG) or not isinstance(config, dict):
        return None
    for name in validation.LOADER_FIELDS & config.keys():
        validation.tell_unknown_key(document, (*CONFIG, name), [])
    return validation.read(document, connector.config, _with_absolute_paths(connector.config, config, root), CONFIG)


def _with_absolute_paths(model: type[BaseModel], config: dict[str, Any], root: Path) -> dict[str, Any]:
    changed = dict(config)
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("relative_to") == "root" and isinstance(config.get(name), str):
            changed[name] = str(Path(glob.escape(str(root))) / config[name])
    return changed


def _streams(files: Files, document: Document, connector: Connector, data: Any, hub: HubFile) -> list[ConnectionStream]:
    vendor = files.vendor(connector)
    declared = {stream.name: stream for stream in connector.source.streams}
    found = []
    for name in streams.known_streams(document, data, list(declared)):
        mapping = streams.layered(document, data, name, vendor)
        if not streams.is_mapped(mapping, document, name):
            continue
        stream = declared.get(name) or Stream(name, mapping.data["record"])
        if mapping.data["record"] != stream.record:
            message = f"stream '{name}' gives {stream.record} records"
            document.add("HUB-C005", message, ("streams", name, "record"), fix="remove this key")
        mapper = streams.compiled(mapping, name, hub.region)
        own = (data.get("streams") or {}).get(name)
        settings = _stream_settings(own)
        if mapper is not None and settings is not None:
            lookback = stream.lookback if settings.lookback is None else settings.lookback
            zone = settings.timezone or hub.timezone
            own_stream = replace(stream, lookback=lookback)
            whole = _reconcile(settings.reconcile, zone)
            found.append(ConnectionStream(name, own_stream, mapper, settings.every, settings.cron, zone, whole))
    return found


def _reconcile(said: ReconcileSettings | None, zone: str) -> Reconcile:
    return Reconcile(timezone=zone) if said is None else Reconcile(said.every, said.cron, zone, said.guard)


def _stream_settings(data: Any) -> StreamSettings | None:
    """None when they are wrong, which the reading of the whole file tells."""
    try:
        return StreamSettings.model_validate(data or {})
    except ValueError:
        return None


def _with_ids(config: BaseModel, data: Any, pulled: list[ConnectionStream]) -> BaseModel:
    """A connector that has no ids of its own gets each stream's `id:`."""
    if "ids" not in type(config).model_fields:
        return config
    own = data.get("streams") or {}
    ids = {stream.name: own[stream.name]["id"] for stream in pulled if "id" in (own.get(stream.name) or {})}
    return config.model_copy(update={"ids": ids})
