"""Operating the pull stage: sync runs with their row buckets, and each stream's cursor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from hub.store.columns import JsonText, KeyText, Moment, RowId


class SyncRun(SQLModel, table=True):
    """One pull of one stream. fetched = applied + unchanged + superseded + quarantined + dropped, or the run is red."""

    __tablename__ = "sync_run"
    __table_args__ = (Index("ix_sync_run_stream", "connection", "stream", "id"),)

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    connection: str = Field(sa_type=KeyText)
    stream: str = Field(sa_type=KeyText)
    status: str = Field(sa_type=KeyText)
    full: bool = False
    worker: str = ""
    started_at: datetime = Field(sa_type=Moment)
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


class StreamState(SQLModel, table=True):
    """Where a stream's next pull starts, and the mapping its records were last mapped with."""

    __tablename__ = "stream_state"

    connection: str = Field(sa_type=KeyText, primary_key=True)
    stream: str = Field(sa_type=KeyText, primary_key=True)
    cursor: Any = Field(default=None, sa_type=JsonText, nullable=True)
    mapping: str = Field(default="", sa_type=KeyText)
    last_started_at: datetime | None = Field(default=None, sa_type=Moment)
    last_ok_at: datetime | None = Field(default=None, sa_type=Moment)
