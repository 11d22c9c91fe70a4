"""Progress while one looks: figures of Home as server-sent events, for as long as the session lasts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hub.access.roles import Permission
from hub.admin.board import Board
from hub.admin.gate import session_of
from hub.admin.kept import Kept
from hub.admin.sessions import who_is_still
from hub.admin.site import Site

MOST_LISTENERS = 32
EVERY_SECONDS = 1.0
NAP_SECONDS = 0.1
"""How soon a listener notices that the server is about to stop."""

STILL_SECONDS = 15.0
"""After so much silence a line that says nothing keeps the connection, and shows whether anybody is there."""

EVENTS = "text/event-stream"


class Live:
    """Tells all listeners the same figures, which are read once a second at most, and not at all for nobody."""

    def __init__(self, site: Site, board: Board) -> None:
        self._site = site
        self._cells = Kept(EVERY_SECONDS / 2, lambda: board.look().cells)
        self.listeners = 0

    def listen(self, request: Request) -> Response:
        if EVENTS not in request.headers.get("accept", ""):
            return self._site.error(request, 406, "This is not for reading: Home listens to it by itself.")
        if self.listeners >= MOST_LISTENERS:
            return self._site.error(request, 503, "Too many pages are listening. Load Home again to see what is new.")
        return StreamingResponse(self._told(session_of(request)), media_type=EVENTS)

    async def _told(self, session_id: str) -> AsyncIterator[bytes]:
        self.listeners += 1
        try:
            yield b"retry: 5000\n\n"
            before: dict[str, str] = {}
            silent = 0.0
            while not self._site.closing.is_set():
                if not await run_in_threadpool(self._may_listen, session_id):
                    yield b"event: over\ndata: {}\n\n"
                    return
                cells = await run_in_threadpool(self._cells)
                news = {name: text for name, text in cells.items() if before.get(name) != text}
                if news:
                    yield b"data: " + orjson.dumps(news) + b"\n\n"
                    before, silent = cells, 0.0
                elif silent >= STILL_SECONDS:
                    yield b": still here\n\n"
                    silent = 0.0
                await self._pause()
                silent += EVERY_SECONDS
        finally:
            self.listeners -= 1

    def _may_listen(self, session_id: str) -> bool:
        viewer = who_is_still(self._site.store, session_id, self._site.now())
        return viewer is not None and viewer.may(Permission.LOOK)

    async def _pause(self) -> None:
        rest = EVERY_SECONDS
        while rest > 0 and not self._site.closing.is_set():
            await asyncio.sleep(NAP_SECONDS)
            rest -= NAP_SECONDS
