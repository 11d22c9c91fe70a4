"""The command that runs the hub on one machine: page, scheduler and worker in one process."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.app import wants_json
from hub.cli.hub import Hub, open_hub
from hub.cli.output import EXIT_USAGE, JsonOption, emit, stop, table, talk
from hub.cli.progress import Lines

if TYPE_CHECKING:
    from hub.admin.serve import Serving

HostOption = Annotated[str, typer.Option("--host", help="The address to listen on.")]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    app.command("up")(up_command)


def up_command(
    context: typer.Context, host: HostOption = "127.0.0.1", port: PortOption = 8448, json: JsonOption = False
) -> None:
    """Serve the page and run what is due, until Ctrl-C."""
    with open_hub(context) as hub, pages(hub, host, port) as server:
        if wants_json(context, json):
            emit({"url": server.url, "sign_in_url": server.sign_in_url})
        else:
            table.print(f"Open {server.sign_in_url}   (works once, for 15 minutes)", markup=False, soft_wrap=True)
        work_until_stopped(hub)


@contextmanager
def pages(hub: Hub, host: str, port: int) -> Iterator[Serving]:
    """Serve the pages for the length of a block; ends the command when the address cannot be had."""
    from hub.admin.serve import serve

    with ExitStack() as stack:
        try:
            serving = stack.enter_context(serve(hub.store, hub.settings, host, port))
        except OSError as error:
            stop(f"cannot listen on {host}, port {port}: {error.strerror}", EXIT_USAGE)
        yield serving


def work_until_stopped(hub: Hub) -> None:
    """Run due streams until SIGINT or SIGTERM; a second signal ends at once."""
    from hub.jobs.scheduler import Scheduler

    stopping = threading.Event()

    def note(*_: object) -> None:
        if stopping.is_set():
            raise KeyboardInterrupt
        stopping.set()
        talk.print("Stopping at the next page.")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    with Lines() as reporter:
        worker = threading.Thread(target=Scheduler(hub.store, hub.settings, reporter, stopping).run, name="worker")
        worker.start()
        while worker.is_alive():
            worker.join(0.5)
