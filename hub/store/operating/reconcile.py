"""Operating reconciliation: how far each pass over a whole stream is, and which records it has seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from hub.store.columns import JsonText, KeyText, Moment


class ReconcilePass(SQLModel, table=True):
    """One pass of one run. `status` is in `hub.stages.passes`.

    `known_until`: what changed up to then should have come with the ordinary pulls. `changed` and `missed`: records
    that had changed, or come, without that; `rejected`: rows that nobody knows whose they are; `gone`: what was not
    listed any more, of so many `records`. `began_at` and `cursor` are those of the whole read.
    """

    __tablename__ = "reconcile_pass"
    __table_args__ = (Index("ix_reconcile_pass_stream", "connection", "stream", "run_id"),)

    run_id: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    connection: str = Field(sa_type=KeyText)
    stream: str = Field(sa_type=KeyText)
    status: str = Field(sa_type=KeyText)
    began_at: datetime = Field(sa_type=Moment)
    known_until: datetime = Field(sa_type=Moment)
    cursor: Any = Field(default=None, sa_type=JsonText, nullable=True)
    changed: int = 0
    missed: int = 0
    rejected: int = 0
    gone: int = 0
    records: int = 0


class ReconcileSeen(SQLModel, table=True):
    """A record that was there since the pass began, by whatever door it came; deleted when the pass is over."""

    __tablename__ = "reconcile_seen"

    run_id: int = Field(sa_type=BigInteger, primary_key=True)
    external_id: str = Field(sa_type=KeyText, primary_key=True)
