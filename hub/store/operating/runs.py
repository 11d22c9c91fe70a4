"""Operating the stages: runs with their row buckets, queued and ended, and each stream's cursor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from hub.store.columns import JsonText, KeyText, Moment, RowId


class SyncRun(SQLModel, table=True):
    """One piece of work and what came of it; the one truth about what is to be done, is being done and was done.

    `kind` pull: one stream, and fetched = applied + unchanged + superseded + quarantined + dropped, or the run is red.
    Other kinds have no rows to count. `slot`: what it was queued for, once for ever; NULL when a person began it.
    `attempt` counts the workers that died at it, beginning with 1, and `slices` how often a worker took it up.
    `cancelled_by`: who wants it to end.
    """

    __tablename__ = "sync_run"
    __table_args__ = (
        Index("ix_sync_run_stream", "connection", "stream", "id"),
        Index("ix_sync_run_status", "status", "id"),
        Index("ix_sync_run_finished", "finished_at"),
        Index("ux_sync_run_slot", "connection", "stream", "kind", "slot", unique=True),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    connection: str = Field(sa_type=KeyText)
    stream: str = Field(sa_type=KeyText)
    kind: str = Field(default="pull", sa_type=KeyText)
    slot: str | None = Field(default=None, sa_type=KeyText)
    status: str = Field(sa_type=KeyText)
    full: bool = False
    worker: str = ""
    attempt: int = 1
    slices: int = 0
    queued_at: datetime | None = Field(default=None, sa_type=Moment)
    started_at: datetime | None = Field(default=None, sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)
    retry_at: datetime | None = Field(default=None, sa_type=Moment)
    fetched: int = 0
    applied: int = 0
    unchanged: int = 0
    superseded: int = 0
    quarantined: int = 0
    dropped: int = 0
    remarks: int = 0
    exit_code: int = 0
    message: str = Field(default="", sa_type=Text)
    cancelled_by: str | None = Field(default=None, sa_type=KeyText)


class StreamState(SQLModel, table=True):
    """Where a stream's next pull starts, and the mapping its records were last mapped with.

    `reconcile_from`: what the schedule of reconciliations counts from, the start of the last or of the first pull.
    `looked`: at how many raw records it was looked which fields they have.
    """

    __tablename__ = "stream_state"

    connection: str = Field(sa_type=KeyText, primary_key=True)
    stream: str = Field(sa_type=KeyText, primary_key=True)
    cursor: Any = Field(default=None, sa_type=JsonText, nullable=True)
    mapping: str = Field(default="", sa_type=KeyText)
    last_started_at: datetime | None = Field(default=None, sa_type=Moment)
    last_ok_at: datetime | None = Field(default=None, sa_type=Moment)
    reconcile_from: datetime | None = Field(default=None, sa_type=Moment)
    looked: int = 0
