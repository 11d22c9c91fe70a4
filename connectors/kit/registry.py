"""Which connectors there are. A connector is imported when it is asked for, never to be listed."""

from __future__ import annotations

import difflib
import importlib
import importlib.metadata
import pkgutil
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import connectors
from connectors.kit.connector import Connector
from connectors.kit.errors import ConfigError

GROUP = "hub.connectors"
"""Entry-point group in which other packages offer a CONNECTOR under the name of its kind."""


class UnknownConnector(ConfigError):
    """A connection file names a connector that is not there; `suggestions` are the kinds it may have meant."""

    def __init__(self, kind: str, suggestions: tuple[str, ...]) -> None:
        meant = f"did you mean {' or '.join(suggestions)}?" if suggestions else f"there are: {', '.join(kinds())}"
        super().__init__(f"there is no connector {kind!r}; {meant}")
        self.kind = kind
        self.suggestions = suggestions


def kinds() -> tuple[str, ...]:
    """The names of all connectors, sorted."""
    return tuple(sorted({*_folders(), *_offered()}))


def get(kind: str) -> Connector:
    """The connector of this kind; a folder of ours wins over another package's.

    Raises UnknownConnector, or ConfigError for one that cannot be loaded.
    """
    if kind in _folders():
        found = importlib.import_module(f"connectors.{kind}").CONNECTOR
    elif (offered := _offered().get(kind)) is not None:
        found = _load(offered)
    else:
        raise UnknownConnector(kind, tuple(difflib.get_close_matches(kind, kinds(), n=3)))
    if not isinstance(found, Connector) or found.kind != kind:
        raise ConfigError(f"the connector {kind!r} does not offer a Connector of that kind as CONNECTOR")
    return found


def _load(offered: EntryPoint) -> object:
    try:
        return offered.load()
    except Exception as error:  # another package's code: whatever it raises, the operator must learn whose it was
        raise ConfigError(f"the connector {offered.name!r} ({offered.value}) cannot be imported: {error!r}") from error


def _folders() -> Iterator[str]:
    """Folders beside the kit whose __init__ speaks of a CONNECTOR; read, not imported."""
    for module in pkgutil.iter_modules(connectors.__path__):
        if module.ispkg and module.name != "kit":
            spec = module.module_finder.find_spec(module.name, None)
            if spec is not None and spec.origin is not None and "CONNECTOR" in Path(spec.origin).read_text("utf-8"):
                yield module.name


def _offered() -> dict[str, EntryPoint]:
    return {point.name: point for point in importlib.metadata.entry_points(group=GROUP)}
