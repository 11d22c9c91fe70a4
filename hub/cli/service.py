"""What a command that runs for long does besides its work: it logs every event, and the hub is watched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from hub.cli.app import log_format
from hub.cli.hub import Hub
from hub.watch.log import begin


def speak(context: typer.Context, hub: Hub) -> None:
    """Log from the level of hub.yaml on; a command that ends by itself logs warnings only."""
    begin(log_format(context) or hub.settings.hub.log.format, hub.settings.hub.log.level, hub.settings.secrets)


@contextmanager
def watched(context: typer.Context, hub: Hub) -> Iterator[None]:
    """Log, and look for alerts, for the length of a block. For who runs the scheduler; many may."""
    from hub.watch.alerts import watching

    speak(context, hub)
    with watching(hub.store, hub.settings):
        yield
