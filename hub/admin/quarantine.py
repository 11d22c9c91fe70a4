"""The Quarantine page: what was held back and why, what vendors send that is new, and reading a group again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection as Db
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.access.roles import Permission
from hub.admin.charts import Series
from hub.admin.doors import viewer_in
from hub.admin.files import as_file
from hub.admin.site import Site
from hub.audit import note
from hub.jobs.replay import TooMany, replay_some
from hub.queries.drift import drift
from hub.queries.quarantine import Group, heed, held_groups, ignore
from hub.settings.settings import Connection, ConnectionStream
from hub.store.leases import AlreadyRunning

NO_GROUP = "Nothing is held back for this reason any more."


def doors(site: Site) -> list[BaseRoute]:
    quarantine = Quarantine(site)
    return [
        site.doors.look("/quarantine", quarantine.show, "quarantine"),
        site.doors.look("/quarantine/reasons.csv", quarantine.reasons, "quarantine_reasons"),
        site.doors.act("/quarantine", quarantine.act, "act_on_quarantine", Permission.RUN),
    ]


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Looking reads everything in one snapshot and writes nothing."""

    site: Site

    def show(self, request: Request) -> Response:
        return self._page(request, _TOLD.get(request.query_params.get("done", ""), ""))

    def _page(self, request: Request, told: str, status: int = 200) -> Response:
        masked = not viewer_in(request).may(Permission.PERSONAL)
        with self.site.store.read() as db:
            found, notes = held_groups(db, masked), drift(db, self.site.now())
        shown = [{**one, "can_replay": one["readable"] and self._stream(one) is not None} for one in found]
        heeded = [one for one in shown if not one["ignored"]]
        return self.site.page(
            request,
            "quarantine",
            status,
            groups=heeded,
            ignored=[one for one in shown if one["ignored"]],
            drift=notes,
            series=_series(heeded),
            told=told,
        )

    def reasons(self, _request: Request) -> Response:
        with self.site.store.read() as db:
            found = held_groups(db, masked=True)
        columns = ("connection", "stream", "reason", "location", "records", "first_seen_at", "last_seen_at")
        return as_file("quarantine-by-reason", "csv", columns, found)

    def act(self, request: Request, form: FormData) -> Response:
        """`do` to the group that connection, stream and the hash of its reason name."""
        do = str(form.get("do", ""))
        group = self._group(*(str(form.get(name, "")) for name in ("connection", "stream", "reason")))
        if group is None or do not in ("replay", "ignore", "heed"):
            return self._page(request, NO_GROUP, 404)
        if do == "replay":
            return self._replay(request, group)
        who, now = viewer_in(request).name, self.site.now()

        def work(db: Db) -> None:
            if do == "ignore":
                ignore(db, group, who, now)
            else:
                heed(db, group)
            note(db, now, who, f"quarantine.{do}", _subject(group), {"reason": group["reason_hash"]})

        self.site.store.write(work)
        return self.site.to(request, "quarantine", f"?done={do}")

    def _replay(self, request: Request, group: Group) -> Response:
        found = self._stream(group)
        if found is None or not group["readable"]:
            return self._page(request, "Nothing was read again: only its source can mend this.", 409)
        try:
            done = replay_some(self.site.store, self.site.settings, *found, reason=group["reason"])
        except (AlreadyRunning, TooMany) as error:
            return self._page(request, f"Nothing was read again: {error}", 409)
        who, now, told = viewer_in(request).name, self.site.now(), {"records": done.records, "mended": done.mended}
        self.site.store.write(lambda db: note(db, now, who, "quarantine.replay", _subject(group), told))
        return self.site.to(request, "quarantine", "?done=mended" if done.mended else "?done=unmended")

    def _group(self, connection: str, stream: str, reason: str) -> Group | None:
        with self.site.store.read() as db:
            found = held_groups(db, masked=True)
        asked = (connection, stream, reason)
        return next((one for one in found if (one["connection"], one["stream"], one["reason_hash"]) == asked), None)

    def _stream(self, group: Group) -> tuple[Connection, ConnectionStream] | None:
        connection = self.site.settings.connections.get(group["connection"])
        streams = connection.streams if connection else ()
        return next(((connection, one) for one in streams if connection and one.name == group["stream"]), None)


_TOLD = {
    "mended": "Read again: rows of this reason can be used now. Their contacts follow within seconds.",
    "unmended": "Read again with the mapping that the hub has loaded: nothing could be used. "
    "The hub reads its files when it starts.",
    "ignore": "Ignored: it is counted apart from now on. The rows are held back as before.",
    "heed": "No longer ignored.",
}


def _subject(group: Group) -> str:
    return f"{group['connection']}.{group['stream']}"


def _series(groups: list[dict[str, Any]]) -> Series:
    """How many rows each reason holds back, over all streams, the most frequent first."""
    found: Counter[str] = Counter()
    for one in groups:
        found[one["reason"]] += one["records"]
    return Series("reason", "rows", found.most_common())
