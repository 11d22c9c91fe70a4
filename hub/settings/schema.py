"""JSON schemas of the configuration files, for editors: made from the models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import BaseModel

from connectors.kit import registry
from connectors.kit.errors import ConfigError
from hub.segments.spec import SegmentsFile
from hub.settings.consent_models import ConsentFile
from hub.settings.models import ConnectionFile, HubFile
from hub.settings.survivorship import FIELDS, LIST_FIELDS

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
REFERENCE: Final = r"^\$\{(env|file):[^{}$]+\}$"


def schema(name: str) -> dict[str, Any]:
    """The schema of one of NAMES."""
    return {"$schema": DIALECT, **_MAKERS[name]()}


def files(folder: Path) -> dict[Path, str]:
    """Where the schemas lie in the configuration folder, and their texts."""
    style = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return {folder / f"{name}.schema.json": orjson.dumps(schema(name), option=style).decode() for name in NAMES}


def _of(model: type[BaseModel]) -> dict[str, Any]:
    found = model.model_json_schema()
    _by_reference_only(found)
    return found


def _by_reference_only(node: Any) -> None:
    """Wherever the model wants a secret, the editor should want a reference."""
    if isinstance(node, dict):
        if node.get("format") == "password":
            node.pop("minLength", None)
            node["pattern"] = REFERENCE
        for child in node.values():
            _by_reference_only(child)
    elif isinstance(node, list):
        for child in node:
            _by_reference_only(child)


def _connection() -> dict[str, Any]:
    """The connection file, with each kind's own `config:`."""
    made = _of(ConnectionFile)
    made["properties"]["kind"]["enum"] = list(registry.kinds())
    made["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"properties": {"config": {"$ref": f"#/$defs/config_{kind}"}}},
        }
        for kind in registry.kinds()
    ]
    for kind in registry.kinds():
        made["$defs"][f"config_{kind}"] = _config(kind, made["$defs"])
    return made


def _config(kind: str, definitions: dict[str, Any]) -> dict[str, Any]:
    try:
        found = _of(registry.get(kind).config)
    except ConfigError:
        return {}
    definitions.update(found.pop("$defs", {}))
    return found


def _survivorship() -> dict[str, Any]:
    trusted = {
        "type": "object",
        "properties": {"trusted_source": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
        "required": ["trusted_source"],
        "additionalProperties": False,
    }

    def rules(*names: str) -> dict[str, Any]:
        one = {"anyOf": [{"enum": list(names)}, trusted]}
        return {"anyOf": [*one["anyOf"], {"type": "array", "items": one, "minItems": 1}]}

    single = rules("most_recent", "most_complete")
    many = rules("most_recent", "most_complete", "union")
    fields = {name: many if name in LIST_FIELDS else single for name in FIELDS}
    return {
        "title": "survivorship.yaml",
        "type": "object",
        "properties": {
            "fields": {"type": "object", "properties": fields, "additionalProperties": False},
            "default": single,
        },
        "additionalProperties": False,
    }


_MAKERS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "hub": lambda: _of(HubFile),
    "connection": _connection,
    "survivorship": _survivorship,
    "consent": lambda: _of(ConsentFile),
    "segments": lambda: _of(SegmentsFile),
}
NAMES: Final = tuple(_MAKERS)
