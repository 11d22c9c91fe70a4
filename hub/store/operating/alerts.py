"""Operating the watch: which alerts stand, and the messages about them that are to be sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from hub.store.columns import KeyText, Moment, RowId


class AlertState(SQLModel, table=True):
    """Whether a rule finds something wrong with a subject, and since when. `state` is firing or ok."""

    __tablename__ = "alert_state"

    rule: str = Field(sa_type=KeyText, primary_key=True)
    subject: str = Field(sa_type=KeyText, primary_key=True)
    state: str = Field(sa_type=KeyText)
    since: datetime = Field(sa_type=Moment)
    message: str = Field(sa_type=Text)
    fix: str = Field(sa_type=Text)


class AlertMessage(SQLModel, table=True):
    """One message of one change for one channel (email, webhook, slack). `status`: waiting, sent, dropped, failed."""

    __tablename__ = "alert_message"
    __table_args__ = (Index("ix_alert_message_status", "status", "channel", "id"),)

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    channel: str = Field(sa_type=KeyText)
    rule: str = Field(sa_type=KeyText)
    subject: str = Field(sa_type=KeyText)
    state: str = Field(sa_type=KeyText)
    message: str = Field(sa_type=Text)
    fix: str = Field(sa_type=Text)
    happened_at: datetime = Field(sa_type=Moment)
    status: str = Field(sa_type=KeyText)
    attempts: int = 0
    next_try_at: datetime = Field(sa_type=Moment)
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    problem: str = Field(default="", sa_type=Text)
