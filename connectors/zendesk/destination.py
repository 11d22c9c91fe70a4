"""Zendesk's side we write to: consent as user fields, by bulk jobs; segments as user tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.kit.base import Record
from connectors.kit.clock import SYSTEM, Clock
from connectors.kit.destination import Capabilities, ConsentChange, Destination, Outcome, Permitted, SegmentChange
from connectors.kit.errors import BadPayload, ConnectorError, VendorDown
from connectors.zendesk.api import Gone, ZendeskApi
from connectors.zendesk.config import ZendeskConfig
from connectors.zendesk.fields import fault_of, user_fields
from connectors.zendesk.jobs import Job, job_of
from connectors.zendesk.rows import listed, sorted_out
from connectors.zendesk.source import USERS
from connectors.zendesk.tags import write_tags

VALUES = {"in": "granted", "out": "withdrawn"}
PATIENCE = 20.0
"""Seconds a job is waited for before its rows are left to `settle`."""

LONGEST_WAIT = 4.0
BATCH = 100


def capabilities(config: ZendeskConfig) -> Capabilities:
    """A field shows no time, no history and no hand: it is never a person's act, nor does it show a second no."""
    return Capabilities(
        stream=USERS.name,
        consent=tuple(config.consent_fields),
        resubscribe="plain",
        change_time_covers_consent=True,
        tags=True,
        consent_batch=BATCH,
        tag_batch=10,
        fetch_batch=BATCH,
    )


class ZendeskDestination(Destination):
    """Writes nothing of a user but the field of the channel, or the one tag."""

    def __init__(self, config: ZendeskConfig, *, clock: Clock = SYSTEM) -> None:
        self._fields = dict(config.consent_fields)
        self._clock = clock
        self._api = ZendeskApi(config, clock)

    def fetch(self, ids: Sequence[str]) -> list[Record]:
        asked = [one for one in ids if _is_id(one)]
        if not asked:
            return []
        page = self._api.get("users/show_many", {"ids": ",".join(asked)}).json()
        records, _ = sorted_out(USERS.name, listed(page, "users"))
        return [record for record in records if not record.deleted]

    def write_consent(self, changes: Sequence[Permitted[ConsentChange]]) -> list[Outcome]:
        """One job row per change, in order, so that a row's place in the job is the change's among those sent."""
        wanted = [permitted.change for permitted in changes]
        outcomes = [self._unsendable(change) for change in wanted]
        sent = [change for change, outcome in zip(wanted, outcomes, strict=True) if outcome is None]
        answers = iter(self._write(sent) if sent else ())
        return [outcome or next(answers) for outcome in outcomes]

    def write_tags(self, changes: Sequence[SegmentChange]) -> list[Outcome]:
        return write_tags(self._api, changes)

    def settle(self, job: str) -> list[Outcome] | None:
        """The job's rows say nothing of fields that Zendesk ignored: then success is only as good as the fields are."""
        job_id, _, rows = job.rpartition(":")
        count = int(rows)
        try:
            found = self._look(job_id)
        except Gone:
            return [Outcome("unknown", "Zendesk no longer tells what became of the job")] * count
        if not found.is_over:
            return None
        failures = found.failures(count)
        rest = self._settled(found)
        return [failures.get(row, rest) for row in range(count)]

    def close(self) -> None:
        self._api.close()

    def _unsendable(self, change: ConsentChange) -> Outcome | None:
        if change.channel not in self._fields:
            return Outcome("unsupported", f"no user field is configured for {change.channel}")
        if change.by_confirmation:
            return Outcome("unsupported", "Zendesk cannot ask a person to confirm")
        return None if _is_id(change.record) else Outcome("not_held", "this is no id of a Zendesk user")

    def _write(self, changes: Sequence[ConsentChange]) -> list[Outcome]:
        job, count = self._start(changes), len(changes)
        try:
            job = self._wait_for(job)
            if job.is_over:
                failures = job.failures(count)
                shown = self._shown([change for row, change in enumerate(changes) if row not in failures])
                return [
                    failures.get(row) or self._read_back(job, change, shown.get(change.record))
                    for row, change in enumerate(changes)
                ]
        except ConnectorError:  # the job runs on, whatever became of our asking
            pass
        said = "Zendesk has taken the change and not yet told what became of it"
        return [Outcome("accepted", said, f"{job.id}:{count}", row) for row in range(count)]

    def _start(self, changes: Sequence[ConsentChange]) -> Job:
        """Raises VendorDown when nobody knows whether there is a job."""
        rows = [
            {"id": int(change.record), "user_fields": {self._fields[change.channel]: VALUES[change.wanted]}}
            for change in changes
        ]
        try:
            return job_of(self._api.put("users/update_many", {"users": rows}).json())
        except BadPayload as bad:
            raise VendorDown(f"{bad}; whether the update was taken is not known") from None

    def _wait_for(self, job: Job) -> Job:
        """The job when it is over, or as it stands when patience ends."""
        until, wait = self._clock.monotonic() + PATIENCE, 0.5
        while not job.is_over and self._clock.monotonic() + wait <= until:
            self._clock.sleep(wait)
            job, wait = self._look(job.id), min(2 * wait, LONGEST_WAIT)
        return job

    def _look(self, job_id: str) -> Job:
        return job_of(self._api.get(f"job_statuses/{job_id}").json())

    def _shown(self, changes: Sequence[ConsentChange]) -> dict[str, dict[str, Any]]:
        """The user fields of these users as a read shows them now, by record; those that are gone are left out."""
        records = self.fetch(sorted({change.record for change in changes}))
        return {record.id: record.data.get("user_fields") or {} for record in records}

    def _read_back(self, job: Job, change: ConsentChange, shown: dict[str, Any] | None) -> Outcome:
        key = self._fields[change.channel]
        if shown is None:
            return Outcome("not_held", "Zendesk no longer has this user")
        if shown.get(key) == VALUES[change.wanted]:
            return Outcome("confirmed")
        if key not in shown:
            return Outcome("rejected", f"the user field {key} does not exist at Zendesk: create it, see `hub check`")
        if job.state != "completed":
            return Outcome("retry", f"Zendesk's job ended as {job.state} and the user field is as before")
        return Outcome("unknown", f"Zendesk says that it wrote the user field {key}, and shows another value")

    def _settled(self, job: Job) -> Outcome:
        """What the rows of a job without a word of failure come to."""
        if job.state != "completed":
            return Outcome("unknown", f"Zendesk's job ended as {job.state}")
        held = user_fields(self._api)
        useless = [key for key in self._fields.values() if fault_of(held.get(key))]
        if useless or not isinstance(job.results, list):
            return Outcome("unknown", "Zendesk's job is completed, which does not say that the user field was written")
        return Outcome("confirmed")


def _is_id(record: str) -> bool:
    return record.isascii() and record.isdigit()
