"""Facts of the pull stage: rows that could not be landed because they have no id or are no object."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.store.columns import KeyText, Moment, RowId


class RejectedRow(SQLModel, table=True):
    """One unusable row as it came, counted once however often it is read again."""

    __tablename__ = "rejected_row"
    __table_args__ = (UniqueConstraint("connection", "stream", "content_hash"),)

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    connection: str = Field(sa_type=KeyText)
    stream: str = Field(sa_type=KeyText)
    content_hash: str = Field(sa_type=KeyText)
    raw: str = Field(sa_type=Text)
    reason: str
    location: str = ""
    first_seen_at: datetime = Field(sa_type=Moment)
    last_seen_at: datetime = Field(sa_type=Moment)
