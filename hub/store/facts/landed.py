"""Facts of the land stage: every record as its source sent it, and every earlier version of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from hub.store.columns import KeyText, Moment, RowId


class LandedRecord(SQLModel, table=True):
    """The latest version of one source record, one row per (connection, stream, external id).

    `born` orders records by arrival: microseconds since 1970 plus the place in the page, given once.
    `birth_id` is the public id the record was born with.
    `heir`: when a record is gone (dead, or in quarantine), the birth id of the one that its own id leads to.
    `mapped` is false while the row waits for the map stage.
    """

    __tablename__ = "landed_record"
    __table_args__ = (
        UniqueConstraint("connection", "stream", "external_id"),
        Index(
            "ix_landed_record_waiting",
            "connection",
            "stream",
            sqlite_where=text("mapped = 0"),
            postgresql_where=text("NOT mapped"),
        ),
        Index(
            "ix_landed_record_heir",
            "heir",
            sqlite_where=text("heir IS NOT NULL"),
            postgresql_where=text("heir IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    connection: str = Field(sa_type=KeyText)
    stream: str = Field(sa_type=KeyText)
    external_id: str = Field(sa_type=KeyText)
    birth_id: str = Field(sa_type=KeyText, unique=True)
    born: int = Field(sa_type=BigInteger)
    content_hash: str = Field(sa_type=KeyText)
    body: str = Field(sa_type=Text)
    changed_at: datetime | None = Field(default=None, sa_type=Moment)
    deleted: bool = False
    heir: str | None = Field(default=None, sa_type=KeyText)
    landed_at: datetime = Field(sa_type=Moment)
    last_seen_at: datetime = Field(sa_type=Moment)
    versions: int = 1
    mapped: bool = False


class LandedVersion(SQLModel, table=True):
    """A version that is not the latest: replaced by a newer one, or `superseded` because it arrived late."""

    __tablename__ = "landed_version"

    record_id: int = Field(sa_type=RowId, primary_key=True, foreign_key="landed_record.id")
    content_hash: str = Field(sa_type=KeyText, primary_key=True)
    landed_at: datetime = Field(sa_type=Moment, primary_key=True)
    body: str = Field(sa_type=Text)
    changed_at: datetime | None = Field(default=None, sa_type=Moment)
    deleted: bool = False
    superseded: bool = False
