"""The streams of one connection: the operator's `map:` laid over the vendor's mapping.yaml, then compiled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from hub.settings.document import Document, Loc, Mark
from hub.settings.values import suggest
from mapping.compile import Mapper, compile_mapping
from mapping.spec import MappingError, MappingErrors, parse_mapping

_CODES = {
    "field_unknown": "HUB-C021",
    "field_missing": "HUB-C007",
    "shape_wrong": "HUB-C005",
    "record_unknown": "HUB-C005",
    "region_unknown": "HUB-C029",
    "zone_unknown": "HUB-C027",
}
_CONSENT = re.compile(
    r"consent|opt_?(in|out)(?![a-z])|unsubscribe|subscribed|accepts_?marketing|marketing_?(state|status)"
    r"|do_?not_?(call|contact|e?mail)",
    re.I,
)


@dataclass(slots=True)
class Layered:
    """A stream's mapping as it counts, and for each place of it the document and the place it came from."""

    data: dict[str, Any] = field(default_factory=dict)
    origins: dict[Loc, tuple[Document, Loc]] = field(default_factory=dict)

    def lay(self, document: Document, data: Any, at: Loc) -> None:
        """Lay a stream's `record`, `id` and `map` over what is there: mappings field by field, all else replaced."""
        own = {key: data[key] for key in ("record", "id", "map") if data.get(key) is not None}
        self.data = self._merge(self.data, own, (), document, at)

    def _merge(self, below: Any, above: Any, loc: Loc, document: Document, at: Loc) -> Any:
        self.origins[loc] = (document, at)
        if not (isinstance(below, dict) and isinstance(above, dict)):
            if below is not None:
                self._forget(loc)
            below = {} if isinstance(above, dict) else []
        if isinstance(above, dict):
            changed = {
                key: self._merge(below.get(key), value, (*loc, key), document, (*at, key))
                for key, value in above.items()
            }
            return {**below, **changed}
        if isinstance(above, list):
            pairs = enumerate(above)
            return [self._merge(None, value, (*loc, index), document, (*at, index)) for index, value in pairs]
        return above

    def _forget(self, loc: Loc) -> None:
        for place in [place for place in self.origins if place[: len(loc)] == loc and len(place) > len(loc)]:
            del self.origins[place]

    def origin(self, loc: Loc) -> tuple[Document, Loc]:
        """Where the place, or the nearest above it, is written."""
        while loc not in self.origins:
            loc = loc[:-1]
        return self.origins[loc]

    def value(self, loc: Loc) -> Any:
        """What stands at the place, or at the nearest above it."""
        value: Any = self.data
        for depth, part in enumerate(loc, 1):
            if loc[:depth] not in self.origins:
                break
            value = value[part]
        return value

    def where(self) -> dict[Loc, str]:
        return {loc: document.where(at) for loc, (document, at) in self.origins.items() if loc}

    def is_broken(self) -> bool:
        return any(document.is_broken(at) for document, at in self.origins.values())


def layered(connection: Document, data: Any, name: str, vendor: Document | None) -> Layered:
    result = Layered()
    for document, source, at in (
        (vendor, vendor.data if vendor else None, (name,)),
        (connection, data.get("streams"), ("streams", name)),
    ):
        own = source.get(name) if isinstance(source, dict) else None
        if document is not None and isinstance(own, dict):
            result.lay(document, own, at)
    result.origins.setdefault((), (connection, ("streams", name)))
    return result


def compiled(mapping: Layered, stream: str, region: str | None) -> Mapper | None:
    """The mapper, or None after telling what is wrong where it is written."""
    if mapping.is_broken():
        return None
    refused = list(_consents(mapping))
    for loc in refused:
        document, at = mapping.origin(loc)
        fix = "say it under `map: consents:` with channel, address and state, so that it is evidence"
        document.add("HUB-C023", "consent must not be mapped as an ordinary field", at, key=True, fix=fix)
    try:
        mapper = compile_mapping(parse_mapping(mapping.data), region=region, where=mapping.where())
    except MappingErrors as errors:
        for error in errors.errors:
            if error.loc not in refused:
                _tell(mapping, stream, error)
        return None
    return None if refused else mapper


def is_mapped(mapping: Layered, document: Document, name: str) -> bool:
    """Whether the stream says what its records are; a stream no vendor mapped must say it itself."""
    missing = [key for key in ("record", "map") if key not in mapping.data]
    told = [f"'{key}'" for key in missing if not document.is_broken(("streams", name, key))]
    if told:
        fix = "record: person, then map: {name: …, emails: […]}"
        message = f"stream '{name}' has no {' and no '.join(told)}"
        document.add("HUB-C032", message, ("streams", name), key=True, fix=fix)
    return not missing


def _consents(mapping: Layered) -> Iterator[Loc]:
    """Places outside `consents:` whose name or expression is about permission; a message is evidence as a whole."""
    if mapping.data.get("record") == "message":
        return
    for loc in mapping.origins:
        if len(loc) < 2 or loc[0] != "map" or "consents" in loc:
            continue
        value = mapping.value(loc)
        names = [str(loc[-1])] + ([value] if isinstance(value, str) else [])
        if any(_CONSENT.search(name) for name in names):
            yield loc


def _tell(mapping: Layered, stream: str, error: MappingError) -> None:
    document, at = mapping.origin(error.loc)
    code = _code(error.code)
    message, _, meant = error.message.partition("; did you mean ")
    hint = f"did you mean {meant}" if meant else ""
    if code == "HUB-C022":
        mark = _inside_expression(document, at, mapping.value(error.loc))
        document.add(code, f"bad expression in stream '{stream}': {_shortened(message)}", at=mark, hint=hint)
    elif code != "HUB-C005" or not document.has_problem(document.mark(at)):
        message = re.sub(r"Input should be a valid (tuple|list)", "this must be a list ([one, two])", message)
        document.add(code, f"{message} in stream '{stream}'", at, key=code == "HUB-C021", hint=hint)


def _code(kind: str) -> str:
    if kind.startswith(("expression", "function")):
        return "HUB-C022"
    return _CODES.get(kind, "HUB-C033")


def _shortened(message: str) -> str:
    """Without the parser's echo and its name for itself."""
    message = re.sub(r"(Invalid|Bad) jmespath expression: ", "", message)
    message = re.sub(r"Expecting: .*, got: \w+", "a sign in the wrong place", message)
    return re.sub(r": Parse error at column.*", "", message).rstrip(": ")


def _inside_expression(document: Document, at: Loc, text: Any) -> Mark:
    """The character the parser complained of, where it is told; the whole expression otherwise."""
    mark = document.mark(at)
    try:
        jmespath.compile(text)
    except JMESPathError as error:
        position = getattr(error, "lex_position", None)
    except (RecursionError, ValueError, TypeError):
        position = None
    else:
        position = None
    if position is None or mark.end_line != mark.line:
        return mark
    quoted = document.lines[mark.line - 1][mark.column - 1 : mark.column] in ("'", '"')
    column = min(mark.column + quoted + int(position), mark.end_column - 1)
    return Mark(mark.line, column, mark.line, column + 1)


def known_streams(document: Document, data: Any, declared: list[str]) -> list[str]:
    """The streams to pull: those the file names, in the connector's order; all declared ones without `streams:`."""
    streams = data.get("streams")
    if not isinstance(streams, dict):
        if not declared and not document.is_broken(("streams",)):
            fix = "streams: {people: {record: person, map: {…}}}"
            document.add("HUB-C007", "'streams' is missing: this kind of connection names its own", fix=fix)
        return declared if streams is None else []
    for name in streams:
        if declared and name not in declared:
            hint = suggest(name, declared) or f"streams: {', '.join(declared)}"
            document.add("HUB-C020", f"there is no stream '{name}'", ("streams", name), key=True, hint=hint)
    return [name for name in declared if name in streams] if declared else list(streams)
