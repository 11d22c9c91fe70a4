"""Facts of the push stage: every change that was to leave, every attempt, and what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from hub.store.columns import KeyText, Moment, RowId


class Delivery(SQLModel, table=True):
    """One change for one record at one destination. `status` as in the outbox's words; `lane` is the order of leaving.

    `field` is the channel of a consent change, "tag:NAME" of a segment change; `wanted` is in, out, add or remove.
    `consent_at`: the consent time sent. `decided_by`: the event the change follows from. `was`: what was shown
    before. `acknowledged_at`: when a read first showed it, with the record's change time in that read.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_status", "status", "destination", "lane", "id"),
        Index("ix_delivery_created", "created_at"),
        Index("ix_delivery_sent", "sent_at"),
        Index("ix_delivery_address", "channel", "address"),
        Index("ix_delivery_record", "destination", "record"),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    correlation: str = Field(sa_type=KeyText, unique=True)
    plan: str = Field(sa_type=KeyText)
    destination: str = Field(sa_type=KeyText)
    lane: int
    kind: str = Field(sa_type=KeyText)
    stream: str = Field(sa_type=KeyText)
    record: str = Field(sa_type=KeyText)
    channel: str = Field(sa_type=KeyText)
    address: str = Field(sa_type=KeyText)
    field: str = Field(sa_type=KeyText)
    wanted: str = Field(sa_type=KeyText)
    scope: str = Field(sa_type=KeyText)
    by_confirmation: bool = False
    reason: str = Field(sa_type=KeyText)
    decided_by: str = Field(sa_type=KeyText)
    was: str = Field(sa_type=KeyText)
    status: str = Field(sa_type=KeyText)
    message: str = Field(sa_type=Text)
    attempts: int = 0
    job: str = Field(sa_type=KeyText)
    job_row: int = 0
    consent_at: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    next_try_at: datetime | None = Field(default=None, sa_type=Moment)
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    answered_at: datetime | None = Field(default=None, sa_type=Moment)
    acknowledged_at: datetime | None = Field(default=None, sa_type=Moment)
    acknowledged_change: datetime | None = Field(default=None, sa_type=Moment)


class DeliveryAttempt(SQLModel, table=True):
    """One try, written before the call. Without an outcome nobody knows what became of it."""

    __tablename__ = "delivery_attempt"

    delivery_id: int = Field(sa_type=RowId, primary_key=True, foreign_key="delivery.id")
    number: int = Field(primary_key=True)
    sent_at: datetime = Field(sa_type=Moment)
    answered_at: datetime | None = Field(default=None, sa_type=Moment)
    outcome: str = Field(sa_type=KeyText)
    message: str = Field(sa_type=Text)


class SegmentStay(SQLModel, table=True):
    """When a contact entered a segment, and when it left it."""

    __tablename__ = "segment_stay"
    __table_args__ = (Index("ix_segment_stay_contact", "contact_id"),)

    segment: str = Field(sa_type=KeyText, primary_key=True)
    contact_id: str = Field(sa_type=KeyText, primary_key=True)
    number: int = Field(primary_key=True)
    entered_at: datetime = Field(sa_type=Moment)
    left_at: datetime | None = Field(default=None, sa_type=Moment)
