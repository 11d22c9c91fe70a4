"""Operating what goes out to automations and help desks: notices, their attempts, and what was told of consent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from hub.store.columns import JsonText, KeyText, Moment, RowId


class Notice(SQLModel, table=True):
    """One change to be told at one place. `target` is "hook:SUBSCRIBER" or "desk:CONNECTION".

    `event`: the public id of what happened, by which whoever receives it twice knows it; the same at every target.
    `kind`: segment.entered, segment.left, consent.changed or task. `rule`: the task's rule, "" for an event.
    `status`: waiting, sent (an attempt began and no answer is known), delivered, dead.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ux_notice_event", "event", "target", unique=True),
        Index("ix_notice_due", "status", "target", "next_try_at"),
        Index("ix_notice_rule", "rule", "status", "settled_at"),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    event: str = Field(sa_type=KeyText)
    target: str = Field(sa_type=KeyText)
    kind: str = Field(sa_type=KeyText)
    rule: str = Field(sa_type=KeyText)
    contact_id: str = Field(sa_type=KeyText)
    data: Any = Field(sa_type=JsonText)
    reason: str = Field(sa_type=Text)
    happened_at: datetime = Field(sa_type=Moment)
    status: str = Field(sa_type=KeyText)
    attempts: int = 0
    next_try_at: datetime = Field(sa_type=Moment)
    settled_at: datetime | None = Field(default=None, sa_type=Moment)
    message: str = Field(default="", sa_type=Text)


class NoticeAttempt(SQLModel, table=True):
    """One try, written before the call. Without an outcome nobody knows what became of it."""

    __tablename__ = "notice_attempt"

    notice_id: int = Field(sa_type=RowId, primary_key=True, foreign_key="notice.id")
    number: int = Field(primary_key=True)
    sent_at: datetime = Field(sa_type=Moment)
    answered_at: datetime | None = Field(default=None, sa_type=Moment)
    outcome: str = Field(default="", sa_type=KeyText)
    message: str = Field(default="", sa_type=Text)


class ConsentTold(SQLModel, table=True):
    """What subscribers know of a key: derived states are made anew by a rebuild, and that changes nothing for them."""

    __tablename__ = "consent_told"

    channel: str = Field(sa_type=KeyText, primary_key=True)
    address: str = Field(sa_type=KeyText, primary_key=True)
    purpose: str = Field(sa_type=KeyText, primary_key=True)
    brand: str = Field(sa_type=KeyText, primary_key=True)
    recorded: str = Field(sa_type=KeyText)
    may_send: bool
