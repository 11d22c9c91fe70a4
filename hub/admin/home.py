"""The Home page: is everything all right? And what a person does about a stream: run it now, pause it, resume it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.access.roles import Permission
from hub.admin.board import Board
from hub.admin.doors import viewer_in
from hub.admin.live import Live
from hub.admin.site import Site
from hub.audit import note
from hub.jobs import by_hand

DONE = {
    "run": "Asked for: it begins within seconds.",
    "waits": "A run of it waits already.",
    "pause": "Paused: nothing begins there by itself. What leaves is not held up.",
    "resume": "Resumed: the schedule goes on.",
}


def doors(site: Site) -> list[BaseRoute]:
    board = Board(site)
    home, live = Home(site, board), Live(site, board)
    return [
        site.doors.look("/", home.show, "home"),
        site.doors.look("/live", live.listen, "live"),
        site.doors.act("/streams", home.act, "act_on_streams", Permission.RUN),
    ]


@dataclass(frozen=True, slots=True)
class Home:
    """Looking writes nothing. What is done to a stream is written down with who did it."""

    site: Site
    board: Board

    def show(self, request: Request) -> Response:
        seen = self.board.look()
        broke = request.query_params.get("broke", "")
        told = DONE.get(request.query_params.get("done", ""), "")
        told = next((one.told for one in self.site.breaks or () if one.name == broke), told)
        return self.site.page(
            request,
            "home",
            overview=seen.overview,
            cards=seen.cards,
            now=self.site.now(),
            told=told,
            breaks=self.site.breaks or (),
        )

    def act(self, request: Request, form: FormData) -> Response:
        """`do` to one stream of a connection, or to all of them where `stream` is empty."""
        do, name, stream = (str(form.get(field, "")) for field in ("do", "connection", "stream"))
        connection = self.site.settings.connections.get(name)
        names = [one.name for one in connection.streams if stream in ("", one.name)] if connection else []
        if do not in ("run", "pause", "resume") or not names:
            return self.site.error(request, 404, "There is no such stream, or nothing like that to do with it.")
        if connection is not None and connection.paused:
            told = f"`{name}` is paused by its own file: take `paused:` out of it and start the hub anew."
            return self.site.error(request, 409, told)
        new = [self._do(request, do, name, one) for one in names]
        return self.site.to(request, "home", f"?done={do if any(new) else 'waits'}")

    def _do(self, request: Request, do: str, connection: str, stream: str) -> bool:
        """Whether anything changed."""
        who, now, settings = viewer_in(request).name, self.site.now(), self.site.settings

        def work(db: Connection) -> bool:
            changed = True
            if do == "run":
                changed = by_hand.run_now(db, settings, connection, stream, who) is not None
            elif do == "pause":
                by_hand.pause(db, connection, stream, who, now)
            else:
                by_hand.resume(db, connection, stream)
            note(db, now, who, f"stream.{do}", f"{connection}.{stream}")
            return changed

        return self.site.store.write(work)
