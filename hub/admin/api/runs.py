"""Runs: what was done and what came of it, and asking for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field
from sqlalchemy import Connection, select

from hub import audit
from hub.access.roles import Permission
from hub.admin.api import cursors
from hub.admin.api.doors import ROOT, Api, ApiDoor, Asked, Contract, Reply, told
from hub.admin.api.models import Key, Number, Page, Sent, Told
from hub.admin.api.problems import Refused
from hub.jobs.queue import queue_soon
from hub.queries.home import one_run
from hub.queries.paging import runs_before
from hub.stages.order import place_of
from hub.stages.runs import runs

BEHIND_THE_NEWEST = 2**53


class Run(Told):
    """One piece of work. Of a pull fetched = applied + unchanged + superseded + quarantined + dropped."""

    id: int
    connection: str
    stream: str
    kind: str
    status: str
    full: bool
    attempt: int
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    retry_at: datetime | None
    fetched: int
    applied: int
    unchanged: int
    superseded: int
    quarantined: int
    dropped: int
    remarks: int
    exit_code: int
    message: str


class Runs(Told):
    """A page of runs, newest first."""

    runs: list[Run]
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


class OneRun(Sent):
    number: Number


class RunSent(Sent):
    """What is to be run. `reconcile` reads everything again and finds what is gone from the source."""

    connection: Key
    stream: Key
    kind: Literal["pull", "reconcile"] = "pull"


def doors(api: Api) -> list[ApiDoor]:
    room = Room(api)
    return [
        api.door("GET", "/runs", room.page, "runs", LIST),
        api.door("POST", "/runs", room.start, "run_start", START, Permission.RUN),
        api.door("GET", "/runs/{number}", room.one, "run", ONE),
    ]


LIST = Contract("List runs", "What was done, newest first.", Runs, Page, has_etag=True)
ONE = Contract("Show a run", "One run and how far it is.", Run, OneRun, problems=(404,), has_etag=True)
START = Contract(
    "Start a run",
    "Queues a run of one stream, for a worker to take. Where one waits already, that one is the answer.",
    Run,
    body=RunSent,
    status=202,
    problems=(404, 409),
)


@dataclass(frozen=True, slots=True)
class Room:
    """Law: a run is only ever queued here, never worked at."""

    api: Api

    def page(self, asked: Asked[Page, None]) -> Reply:
        before = cursors.read_number("runs", asked.params.cursor, BEHIND_THE_NEWEST)
        with self.api.store.read() as db:
            found = runs_before(db, before, asked.params.limit + 1)
        page, more = cursors.cut(found, asked.params.limit)
        following = cursors.write("runs", page[-1]["id"]) if more else None
        return Reply(told(Runs, {"runs": page, "next": following}))

    def one(self, asked: Asked[OneRun, None]) -> Reply:
        with self.api.store.read() as db:
            found = one_run(db, asked.params.number)
        if found is None:
            raise Refused(404, "There is no run with this number.")
        return Reply(told(Run, found))

    def start(self, asked: Asked[Sent, RunSent]) -> Reply:
        sent = asked.body
        connection = self.api.settings.connections.get(sent.connection)
        if connection is None or sent.stream not in {stream.name for stream in connection.streams}:
            raise Refused(404, "There is no such stream.")
        if connection.paused:
            raise Refused(409, "This connection is paused in its settings.", "paused")
        row = self.api.store.write(lambda db: self._queued(db, sent, asked.viewer.name))
        return Reply(told(Run, row), f"{ROOT}/runs/{row['id']}")

    def _queued(self, db: Connection, sent: RunSent, actor: str) -> dict[str, object]:
        place = place_of(self.api.settings, sent.connection, sent.stream)
        number = queue_soon(db, place, sent.kind, f"asked for by {actor}")
        if number is None:
            return _waiting(db, sent)
        audit.note(db, self.api.now(), actor, "run.start", f"run {number}")
        return one_run(db, number) or {}


def _waiting(db: Connection, sent: RunSent) -> dict[str, object]:
    """The run that waits there already: of the same kind, or the slot would have been free."""
    own = (runs.c.connection == sent.connection) & (runs.c.stream == sent.stream) & (runs.c.kind == sent.kind)
    query = select(runs).where(own).order_by(runs.c.id.desc()).limit(1)
    return dict(db.execute(query).mappings().one())
