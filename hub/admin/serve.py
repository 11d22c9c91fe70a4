"""Runs the admin pages in a thread of this process, for `hub up` and `hub demo`."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address

import uvicorn
from fastapi import FastAPI

from hub.admin.app import create_app
from hub.admin.breaks import Breaks
from hub.admin.sessions import make_link
from hub.settings.settings import Settings
from hub.store.engine import Store

GRACE_SECONDS = 3

TURN_SECONDS = 0.0005
"""For how long a thread of this process may hold up the others. A page gives its turn away with each statement, and
beside a sync, or what follows from a decision, it would wait ten times as long for each to come back."""


class CouldNotStart(Exception):
    """The pages' server ended before it served anything."""


@dataclass(frozen=True, slots=True)
class Serving:
    """The running pages: their address without a slash at the end, and a link that signs in once."""

    url: str
    sign_in_url: str


@contextmanager
def serve(
    store: Store, settings: Settings, host: str = "127.0.0.1", port: int = 0, breaks: Breaks | None = None
) -> Iterator[Serving]:
    """Serve the pages for the length of a block; port 0 takes a free one. `breaks` is for the demo alone.

    Raises OSError when the address cannot be had. Requests still under way at the end get 3 seconds.
    """
    with _listen(host, port) as listener, _short_turns():
        app = create_app(store, settings, breaks=breaks)
        server = uvicorn.Server(_config(app))
        thread = threading.Thread(target=server.run, args=([listener],), name="admin", daemon=True)
        thread.start()
        try:
            while not server.started:
                if not thread.is_alive():
                    raise CouldNotStart("the pages could not be started: see the messages above")
                time.sleep(0.005)
            url = f"http://{_name(host)}:{listener.getsockname()[1]}"
            yield Serving(url, make_link(store, url))
        finally:
            app.state.closing.set()
            server.should_exit = True
            thread.join()


@contextmanager
def _short_turns() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _config(app: FastAPI) -> uvicorn.Config:
    # there is no access log: the sign-in link and searches are in the addresses
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _name(host: str) -> str:
    """How a browser on this machine asks for the host that we listen on."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"
