"""Bulk jobs: taken at once, told of as queued and working for some polls, and over with a result per row, or not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from connectors.zendesk.simulator.account import Account, Effect
from connectors.zendesk.simulator.wire import SITE, Problem, not_found

JobStyle = Literal["rows", "actions", "success"]
"""rows: {id, status, external_id, email}; actions: {action, id, status, success}; success: only {"success": true}."""

MOST_RUNNING = 30
READABLE = timedelta(hours=1)
STUCK = timedelta(minutes=1)
"""A job that nobody asks about is over by then."""


@dataclass(slots=True)
class Job:
    id: str
    started: datetime
    total: int
    end: str
    results: Any
    polls_left: int

    def is_running(self, now: datetime) -> bool:
        return self.polls_left > 0 and now - self.started < STUCK

    def told(self, status: str) -> dict[str, Any]:
        over = status == self.end
        return {
            "job_status": {
                "id": self.id,
                "job_type": "Bulk Update User",
                "url": f"{SITE}/job_statuses/{self.id}.json",
                "status": status,
                "total": self.total,
                "progress": self.total if over else 0,
                "message": f"{status.capitalize()} at {self.started:%Y-%m-%d %H:%M:%S} +0000" if over else None,
                "results": self.results if over else None,
            }
        }


@dataclass(slots=True)
class Jobs:
    """`style` is the shape of results; `polls`: how often a new job says that it still runs.

    `failing`: user id to the words of error and details with which that user's next row fails. `cut`: how many rows
    of the next job are applied before it ends as `cut_end`, without results.
    """

    account: Account
    style: JobStyle = "rows"
    polls: int = 0
    failing: dict[int, tuple[str, str]] = field(default_factory=dict)
    cut: int | None = None
    cut_end: str = "killed"
    jobs: dict[str, Job] = field(default_factory=dict)
    running: list[Job] = field(default_factory=list)

    def start(self, rows: list[Mapping[str, Any]], now: datetime) -> tuple[Job, Effect]:
        """The rows are worked off at once, so that the ledger can tell before and after. Raises Problem."""
        self.running = [job for job in self.running if job.is_running(now)]
        if len(self.running) >= MOST_RUNNING:
            words = {"error": "TooManyJobs", "description": "You have too many jobs running or queued"}
            raise Problem(429, words, {"Retry-After": "60"})
        worked, effects = [], []
        for index, row in enumerate(rows):
            result, effect = self._row(index, row, is_cut=self.cut is not None and index >= self.cut)
            worked.append(result)
            effects.append(effect)
        job_id = hashlib.md5(f"job {len(self.jobs)}".encode(), usedforsecurity=False).hexdigest()
        results: Any = {"success": True} if self.style == "success" else worked
        end = "completed" if self.cut is None else self.cut_end
        job = Job(job_id, now, len(rows), end, results if self.cut is None else None, self.polls)
        self.jobs[job_id], self.cut = job, None
        self.running.append(job)
        return job, _joined(effects)

    def show(self, job_id: str, now: datetime) -> dict[str, Any]:
        job = self.jobs.get(job_id)
        if job is None or now - job.started > READABLE:
            raise not_found()
        if job.is_running(now):
            job.polls_left -= 1
            return job.told("working")
        job.polls_left = 0
        return job.told(job.end)

    def _row(self, index: int, row: Mapping[str, Any], *, is_cut: bool) -> tuple[dict[str, Any], Effect]:
        user_id = row.get("id")
        before = self.account.users.get(user_id) if isinstance(user_id, int) else None
        failure = ("Cut", "") if is_cut else self._failure(user_id, row)
        if failure or before is None:
            result = self._failed(index, *(failure or ("RecordNotFound", "")))
        else:
            self.account.update(before["id"], row)
            result = self._updated(self.account.users[before["id"]])
        return result, self.account.effect(user_id, row, before)

    def _failure(self, user_id: Any, row: Mapping[str, Any]) -> tuple[str, str] | None:
        user = self.account.users.get(user_id)
        if user is None or not user["active"]:
            return "RecordNotFound", "User not found"
        if user_id in self.failing:
            return self.failing.pop(user_id)
        if wrong := self.account.refused_field(row.get("user_fields") or {}):
            return "UserUpdateError", f"{wrong}: the value is invalid"
        return None

    def _updated(self, user: Mapping[str, Any]) -> dict[str, Any]:
        if self.style == "actions":
            return {"action": "update", "id": user["id"], "status": "Updated", "success": True}
        return {"id": user["id"], "status": "Updated", "external_id": user["external_id"], "email": user["email"]}

    def _failed(self, index: int, error: str, details: str) -> dict[str, Any]:
        failed = {"id": index, "status": "Failed", "error": error, "details": details}
        return {"action": "update", "success": False, **failed} if self.style == "actions" else failed


def _joined(effects: list[Effect]) -> Effect:
    joined: Effect = {}
    for effect in effects:
        for name, told in effect.items():
            joined.setdefault(name, []).extend(told)
    return joined
