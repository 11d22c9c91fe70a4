"""The simulated account and what people do in it: agents, customers, and tools that are not the hub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.zendesk.simulator.api import ZendeskApiSimulator
from connectors.zendesk.simulator.jobs import JobStyle


class ZendeskSimulator(ZendeskApiSimulator):
    """One account. The verbs below may be called from any thread; none of them touches the ledger.

    For the knobs see ZendeskApiSimulator; `account` is the state, `jobs` the bulk jobs.
    """

    def load(self, users: Iterable[Mapping[str, Any]] = (), tickets: Iterable[Mapping[str, Any]] = ()) -> None:
        """Put rows in; what they lack is completed. `id` is a new one unless given.

        `updated_at` is the present unless given; so is `generated_timestamp` (unix seconds), which places a row in the
        export: `updated_at` unless given. A row given with an old time comes before the cursors handed out since.
        """
        with self.lock:
            for user in users:
                self.account.add_user(user)
            for ticket in tickets:
                self.account.add_ticket(ticket)

    def add_user(self, **fields: Any) -> int:
        """Now; returns the id."""
        with self.lock:
            return self.account.add_user(fields)

    def agent_sets(self, user_id: int, channel: str, value: str | None) -> None:
        """An agent chooses an option of the channel's drop-down; None empties it."""
        with self.lock:
            self.account.set_fields(user_id, {self.account.consent_fields[channel]: value})

    def foreign_copy(self, user_id: int, channel: str, value: str | None) -> None:
        """Another tool writes the field through the API; the ledger holds the hub's requests only."""
        self.agent_sets(user_id, channel, value)

    def change_email(self, user_id: int, email: str) -> None:
        """Another address becomes the primary one; the user fields stay as they are."""
        with self.lock:
            self.account.edit_user(user_id, {"email": email})

    def edit(self, user_id: int, **changes: Any) -> None:
        """An agent edits the profile."""
        with self.lock:
            self.account.edit_user(user_id, changes)

    def deactivate(self, user_id: int) -> None:
        """An agent deletes the user: the export tells it as inactive from now on."""
        self.edit(user_id, active=False)

    def background_touch(self, user_id: int) -> None:
        """Something inside Zendesk moves the row in the export; its `updated_at` stays."""
        with self.lock:
            self.account.touch("users", user_id)

    def open_ticket(self, user_id: int, subject: str, text: str) -> int:
        with self.lock:
            asked = {"subject": subject, "raw_subject": subject, "description": text}
            return self.account.add_ticket({**asked, "requester_id": user_id, "submitter_id": user_id})

    def rate(self, ticket_id: int, score: str, comment: str = "") -> None:
        with self.lock:
            rating = {"id": 1000 + ticket_id, "score": score, "comment": comment}
            self.account.edit_ticket(ticket_id, {"satisfaction_rating": rating})

    def delete_ticket(self, ticket_id: int) -> None:
        with self.lock:
            self.account.edit_ticket(ticket_id, {"status": "deleted"})

    def remove_field(self, key: str) -> None:
        """An admin deletes the user field: writes to it are ignored from now on."""
        with self.lock:
            del self.account.fields[key]

    def expire_tokens(self) -> None:
        """The tokens that OAuth clients were given end."""
        with self.lock:
            self.issued.clear()

    def set_jobs(self, *, style: JobStyle = "rows", polls: int = 0) -> None:
        """The shape of the results of jobs from now on, and how often a new one says that it still runs."""
        with self.lock:
            self.jobs.style, self.jobs.polls = style, polls

    def fail_next(self, user_id: int, details: str, error: str = "UserUpdateError") -> None:
        """The next row of a job for this user fails; the job is completed all the same."""
        with self.lock:
            self.jobs.failing[user_id] = (error, details)

    def cut_next_job(self, after_rows: int, end: str = "killed") -> None:
        """The next job ends as `end` after that many rows and tells no results."""
        with self.lock:
            self.jobs.cut, self.jobs.cut_end = after_rows, end

    def sendable(self, address: str, channel: str) -> bool | None:
        """Whether who sends by the fields would send: a withdrawn on any active user of the address is a no."""
        with self.lock:
            return self.account.sendable(address, channel)
