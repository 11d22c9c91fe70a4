"""Opens what a command works on: the settings and the store, or ends the command with what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer
from sqlalchemy.exc import DatabaseError, OperationalError

from connectors.kit.redact import redact
from hub.cli.app import folder, log_format
from hub.cli.output import EXIT_CONFIG, EXIT_USAGE, EXIT_VENDOR_DOWN, stop
from hub.settings.load import Settings, SettingsError, load
from hub.settings.problems import render
from hub.settings.settings import Connection
from hub.settings.values import suggest
from hub.stages.order import WrongInstallation, check_installation
from hub.store.engine import Store, open_store
from hub.store.migrate import SchemaTooNew, prepare
from hub.watch.log import begin


@dataclass(frozen=True, slots=True)
class Hub:
    """A configured hub with its open, up-to-date store."""

    settings: Settings
    store: Store

    def chosen(self, names: list[str]) -> list[Connection]:
        """The named connections, or all that are not paused; ends the command on an unknown name."""
        known = self.settings.connections
        for name in names:
            if name not in known:
                meant = suggest(name, known) or f"there are: {', '.join(known) or 'none'}"
                stop(f"there is no connection {name!r}; {meant}", EXIT_USAGE)
        if names:
            return [known[name] for name in sorted(set(names))]
        return [connection for connection in known.values() if not connection.paused]


@contextmanager
def open_hub(context: typer.Context) -> Iterator[Hub]:
    """Load the settings, open the store, bring its schema up to date."""
    try:
        settings = load(folder(context))
    except SettingsError as error:
        stop(render(error.problems), EXIT_CONFIG)
    try:
        store = open_store(settings.database_url)
    except OSError as error:
        stop(f"the database file cannot be made: {error.strerror} ({error.filename})", EXIT_CONFIG)
    try:
        begin(log_format(context) or settings.hub.log.format, "warning", settings.secrets)
        _make_ready(settings, store)
        yield Hub(settings, store)
    except OperationalError as error:
        stop(f"the database does not answer: {redact(str(error.orig), settings.secrets)}", EXIT_VENDOR_DOWN)
    finally:
        store.close()


def _make_ready(settings: Settings, store: Store) -> None:
    try:
        prepare(store)
        check_installation(store, settings)
    except (SchemaTooNew, WrongInstallation) as error:
        stop(str(error), EXIT_CONFIG)
    except OperationalError:
        raise
    except DatabaseError as error:
        stop(f"the database cannot be used: {redact(str(error.orig), settings.secrets)}", EXIT_CONFIG)
