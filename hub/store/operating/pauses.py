"""Operating by hand: streams that a person lets rest, and reasons of quarantine that a person has seen enough of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from hub.store.columns import KeyText, Moment


class StreamPause(SQLModel, table=True):
    """A stream at which nothing begins by itself until somebody resumes it."""

    __tablename__ = "stream_pause"

    connection: str = Field(sa_type=KeyText, primary_key=True)
    stream: str = Field(sa_type=KeyText, primary_key=True)
    paused_by: str = Field(sa_type=KeyText)
    paused_at: datetime = Field(sa_type=Moment)


class QuarantineIgnore(SQLModel, table=True):
    """A reason of one stream whose rows are held back as ever and counted apart. `reason_hash` stands for the text."""

    __tablename__ = "quarantine_ignore"

    connection: str = Field(sa_type=KeyText, primary_key=True)
    stream: str = Field(sa_type=KeyText, primary_key=True)
    reason_hash: str = Field(sa_type=KeyText, primary_key=True)
    reason: str = Field(sa_type=Text)
    ignored_by: str = Field(sa_type=KeyText)
    ignored_at: datetime = Field(sa_type=Moment)
