"""The Runs pages: what happened, run by run; and what a person does about one: again, cancel, replay, take along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.access.roles import Permission
from hub.admin.charts import by_day
from hub.admin.doors import viewer_in
from hub.admin.files import as_file
from hub.admin.gone import APPROVE, DENY, NotAnswered, answer_gone, gone_of
from hub.admin.kept import Kept
from hub.admin.site import Site
from hub.audit import note
from hub.jobs import by_hand
from hub.jobs.cancelling import CANCELLABLE, READING, CannotCancel, cancel
from hub.jobs.replay import TooMany, replay_some
from hub.queries.days import Days, records_by_day
from hub.queries.home import one_run
from hub.queries.quarantine import held_rows
from hub.queries.runs import BIGGEST_ID, Wanted, connections_that_ran, some_runs
from hub.settings.settings import Connection, ConnectionStream
from hub.stages.run_status import FOLLOWS, WAITING
from hub.store.leases import AlreadyRunning

A_PAGE = 50
MOST_ROWS = 100
MOST_TAKEN = 10_000
LONGEST_REASON = 200
KEEP_SECONDS = 30.0

NO_RUN = "There is no run with this number."
ROW_COLUMNS = ("row", "reason", "location", "last_seen_at", "raw")


def doors(site: Site) -> list[BaseRoute]:
    runs = Runs(site, Kept(KEEP_SECONDS, lambda: _days(site)))
    return [
        site.doors.look("/runs", runs.list, "runs"),
        site.doors.look("/runs/days.csv", runs.days, "records_by_day"),
        site.doors.look("/runs/{number}", runs.show, "run"),
        site.doors.act("/runs/{number}", runs.act, "act_on_run", Permission.RUN),
        site.doors.act("/runs/{number}/rows", runs.take, "take_rows", Permission.EXPORT),
    ]


def _days(site: Site) -> Days:
    with site.store.read() as db:
        return records_by_day(db, ZoneInfo(site.settings.hub.timezone), site.now())


@dataclass(frozen=True, slots=True)
class Runs:
    """Looking writes nothing. What is done to a run, and what is taken along, is written down with who did it."""

    site: Site
    by_days: Kept[Days]

    def list(self, request: Request) -> Response:
        wanted = _wanted(request.query_params)
        with self.site.store.read() as db:
            found = some_runs(db, wanted, A_PAGE + 1)
            connections = connections_that_ran(db)
        shown = found[:A_PAGE]
        return self.site.page(
            request,
            "runs",
            runs=shown,
            wanted=wanted,
            connections=connections,
            statuses=sorted(FOLLOWS),
            older=_query(wanted, shown[-1]["id"]) if len(found) > A_PAGE else "",
            newest=_query(wanted, 0),
            failed=_query(Wanted(wanted.connection, failed=not wanted.failed), 0),
            records=by_day(self.by_days(), "records"),
            now=self.site.now(),
        )

    def days(self, _request: Request) -> Response:
        rows = [{"day": day.isoformat(), "records": number} for day, number in self.by_days()]
        return as_file("records-by-day", "csv", ("day", "records"), rows)

    def show(self, request: Request) -> Response:
        return self._page(request, _TOLD.get(request.query_params.get("done", ""), ""))

    def _page(self, request: Request, told: str, status: int = 200) -> Response:
        masked = not viewer_in(request).may(Permission.PERSONAL)
        with self.site.store.read() as db:
            run = one_run(db, number_in(request.path_params["number"]))
            rows = held_rows(db, run, MOST_ROWS + 1, masked) if run else []
        if run is None:
            return self.site.error(request, 404, NO_RUN)
        known = self._stream(run) is not None and run["kind"] in READING
        return self.site.page(
            request,
            "run",
            status,
            run=run,
            rows=rows[:MOST_ROWS],
            more=len(rows) > MOST_ROWS,
            may_cancel=run["status"] in WAITING and run["kind"] in CANCELLABLE and not run["cancelled_by"],
            may_repeat=known and run["status"] not in WAITING,
            gone=gone_of(self.site, request, run["id"]),
            told=told,
            now=self.site.now(),
        )

    def act(self, request: Request, form: FormData) -> Response:
        with self.site.store.read() as db:
            run = one_run(db, number_in(request.path_params["number"]))
        if run is None:
            return self.site.error(request, 404, NO_RUN)
        acts: dict[str, Callable[[Request, dict[str, Any]], str]] = {
            "cancel": self._cancel,
            "again": self._again,
            "replay": self._replay,
            **dict.fromkeys((APPROVE, DENY), lambda request, run: answer_gone(self.site, request, run, form)),
        }
        act = acts.get(str(form.get("do", "")))
        if act is None:
            return self.site.error(request, 404, "There is nothing like that to do with a run.")
        try:
            done = act(request, run)
        except (CannotCancel, AlreadyRunning, NotAnswered, TooMany) as error:
            return self._page(request, f"Nothing was done: {str(error).rstrip('.')}.", 409)
        return self.site.to(request, "run", f"?done={done}", number=str(run["id"]))

    def _cancel(self, request: Request, run: dict[str, Any]) -> str:
        who, now, installation = viewer_in(request).name, self.site.now(), self.site.settings.hub.installation

        def work(db: Any) -> bool:
            ended = cancel(db, installation, run["id"], who, now)
            note(db, now, who, "run.cancel", str(run["id"]))
            return ended

        return "cancelled" if self.site.store.write(work) else "asked"

    def _again(self, request: Request, run: dict[str, Any]) -> str:
        who, now, settings = viewer_in(request).name, self.site.now(), self.site.settings
        if self._stream(run) is None or run["kind"] not in READING:
            raise CannotCancel("this stream is not configured any more.")

        def work(db: Any) -> bool:
            new = by_hand.run_now(db, settings, run["connection"], run["stream"], who)
            note(db, now, who, "run.again", str(run["id"]))
            return new is not None

        return "again" if self.site.store.write(work) else "waits"

    def _replay(self, request: Request, run: dict[str, Any]) -> str:
        found = self._stream(run)
        if found is None:
            raise CannotCancel("this stream is not configured any more.")
        done = replay_some(self.site.store, self.site.settings, *found)
        who, now = viewer_in(request).name, self.site.now()
        told = {"records": done.records, "mended": done.mended}
        self.site.store.write(
            lambda db: note(db, now, who, "quarantine.replay", f"{done.connection}.{done.stream}", told)
        )
        return "mended" if done.mended else "unmended"

    def take(self, request: Request, form: FormData) -> Response:
        """The held-back rows of a run as a file: for a reason, which is written down with who and how many."""
        form_of_file, reason = str(form.get("format", "")), str(form.get("reason", "")).strip()[:LONGEST_REASON]
        if form_of_file not in ("csv", "jsonl") or not reason:
            return self._page(request, "Nothing was taken along: say for what, and as CSV or JSONL.", 400)
        with self.site.store.read() as db:
            run = one_run(db, number_in(request.path_params["number"]))
            rows = held_rows(db, run, MOST_TAKEN) if run else []
        if run is None:
            return self.site.error(request, 404, NO_RUN)
        who, now, told = viewer_in(request).name, self.site.now(), {"rows": len(rows), "reason": reason}
        self.site.store.write(lambda db: note(db, now, who, "run.rows", str(run["id"]), told))
        return as_file(f"run-{run['id']}-held-back", form_of_file, ROW_COLUMNS, rows)

    def _stream(self, run: dict[str, Any]) -> tuple[Connection, ConnectionStream] | None:
        connection = self.site.settings.connections.get(run["connection"])
        if connection is None or connection.paused:
            return None
        return next(((connection, one) for one in connection.streams if one.name == run["stream"]), None)


_TOLD = {
    "cancelled": "Cancelled. What was kept before stays.",
    "asked": "Asked to end: whoever is at it stops at the next page, or before the next call of a push. What was kept "
    "stays; what has not left stays queued.",
    "deleted": "Deleted: exactly what was shown. Their contacts follow within seconds.",
    "kept": "Nothing was deleted. The next reconciliation looks again.",
    "again": "Queued again: it begins within seconds.",
    "waits": "A run of this stream waits already.",
    "mended": "Read again with the mapping that the hub has loaded: some rows can be used now.",
    "unmended": "Read again with the mapping that the hub has loaded: nothing could be used. "
    "The hub reads its files when it starts.",
}


def _wanted(query: QueryParams) -> Wanted:
    """What is asked for; what cannot be meant is left out."""
    status, before = query.get("status", ""), number_in(query.get("before", ""))
    return Wanted(
        connection=query.get("connection", "").replace("\x00", "")[:LONGEST_REASON],
        status=status if status in FOLLOWS else "",
        failed=query.get("failed", "") == "1",
        before=min(before, BIGGEST_ID),
    )


def _query(wanted: Wanted, before: int) -> str:
    """What stands in the address behind the question mark."""
    asked = {
        "connection": wanted.connection,
        "status": wanted.status,
        "failed": "1" if wanted.failed else "",
        "before": str(before or ""),
    }
    return urlencode({name: text for name, text in asked.items() if text})


def number_in(text: str) -> int:
    """A row's number; 0, which none has, for anything else. Of very many digits Python itself makes no number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
