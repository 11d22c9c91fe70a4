"""The commands that run the hub: up, all in one process; or web, worker and scheduler, as many as you like."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.app import wants_json
from hub.cli.hub import Hub, open_hub
from hub.cli.output import EXIT_CONFIG, EXIT_USAGE, JsonOption, emit, stop, table, talk
from hub.cli.service import speak, watched
from hub.watch.reporter import Logged

if TYPE_CHECKING:
    from hub.admin.breaks import Breaks
    from hub.admin.serve import Serving

POLL_SECONDS = 1.0
AT_NEXT_PAGE = "Stopping at the next page."

HostOption = Annotated[str, typer.Option("--host", help="The address to listen on.")]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    app.command("up")(up_command)
    app.command("web")(web_command)
    app.command("worker")(worker_command)
    app.command("scheduler")(scheduler_command)


def up_command(
    context: typer.Context, host: HostOption = "127.0.0.1", port: PortOption = 8448, json: JsonOption = False
) -> None:
    """Serve the page and run what is due, until Ctrl-C."""
    with open_hub(context) as hub, watched(context, hub), pages(hub, host, port) as server:
        stopping = stop_on_signals(AT_NEXT_PAGE)
        _tell_address(server, wants_json(context, json))
        work_until(stopping, hub)


def web_command(
    context: typer.Context, host: HostOption = "127.0.0.1", port: PortOption = 8448, json: JsonOption = False
) -> None:
    """Serve the page alone, until Ctrl-C."""
    with open_hub(context) as hub, pages(hub, host, port) as server:
        speak(context, hub)
        stopping = stop_on_signals("Stopping.")
        _tell_address(server, wants_json(context, json))
        while not stopping.wait(POLL_SECONDS):
            pass


def worker_command(context: typer.Context) -> None:
    """Take queued runs out of Redis and do them, until Ctrl-C; several workers share the work."""
    from hub.jobs.crew import Crew
    from hub.jobs.doorbell import RedisBell
    from hub.jobs.horse import Harness
    from hub.jobs.sweeper import Sweeper

    with open_hub(context) as hub:
        speak(context, hub)
        url = _redis(hub, "worker")
        stopping = stop_on_signals(AT_NEXT_PAGE)
        sweeper = Sweeper(hub.store, hub.settings, RedisBell(url))
        Crew(Harness(hub.settings, url, Logged()), sweeper, stopping.is_set).run()


def scheduler_command(context: typer.Context) -> None:
    """Queue what is due, until Ctrl-C; several schedulers queue each slot once."""
    from hub.jobs.doorbell import RedisBell
    from hub.jobs.scheduler import Scheduler, keep_scheduling
    from hub.jobs.sweeper import Sweeper

    with open_hub(context) as hub, watched(context, hub):
        bell = RedisBell(_redis(hub, "scheduler"))
        stopping = stop_on_signals("Stopping.")
        keep_scheduling(Scheduler(hub.store, hub.settings, bell), Sweeper(hub.store, hub.settings, bell), stopping)


def _redis(hub: Hub, command: str) -> str:
    """The address of Redis; ends the command when hub.yaml has none."""
    address = hub.settings.hub.redis
    if address is None:
        fix = 'write  redis: "${env:HUB_REDIS}"  into it, or use hub up, which needs none'
        stop(f"hub {command} works with others through Redis, and hub.yaml names none: {fix}", EXIT_CONFIG)
    return address.get_secret_value()


def _tell_address(server: Serving, as_json: bool) -> None:
    if as_json:
        emit({"url": server.url, "sign_in_url": server.sign_in_url})
    else:
        table.print(f"Open {server.sign_in_url}   (works once, for 15 minutes)", markup=False, soft_wrap=True)


@contextmanager
def pages(hub: Hub, host: str, port: int, breaks: Breaks | None = None) -> Iterator[Serving]:
    """Serve the pages for the length of a block; ends the command when the address cannot be had."""
    from hub.admin.serve import serve

    with ExitStack() as stack:
        try:
            serving = stack.enter_context(serve(hub.store, hub.settings, host, port, breaks))
        except OSError as error:
            stop(f"cannot listen on {host}, port {port}: {error.strerror}", EXIT_USAGE)
        yield serving


def work_until(stopping: threading.Event, hub: Hub, work: Callable[[], None] | None = None) -> None:
    """Run due streams until `stopping` is set; `work` is what does so, where it is not the plain worker."""
    from hub.jobs.embedded import Embedded
    from hub.jobs.herald import heralding

    worker = threading.Thread(target=work or Embedded(hub.store, hub.settings, Logged(), stopping).run, name="worker")
    with heralding(hub.store, hub.settings):
        worker.start()
        while worker.is_alive():
            worker.join(0.5)


def stop_on_signals(told: str) -> threading.Event:
    """An event that SIGINT and SIGTERM set; a second signal ends at once."""
    stopping = threading.Event()

    def note(*_: object) -> None:
        if stopping.is_set():
            raise KeyboardInterrupt
        stopping.set()
        talk.print(told)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    return stopping
