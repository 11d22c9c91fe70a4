"""Derived by the consent and segment stages: states, members, and the differences that wait to be pushed; marks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from hub.store.columns import LEAN, JsonText, KeyText, Moment, RowId

UNSETTLED = text("withheld IN ('dead', 'rejected', 'under_way')")
"""Differences that are not planned again although nothing has arrived; few, so that an index of their own is small."""


TO_LOOK_AT = text("review")
"""States that a person may attach evidence to; few, as above."""


class ConsentHolding(SQLModel, table=True):
    """Which record holds which address on which channel at present, with the state and consent time that it shows."""

    __tablename__ = "consent_holding"
    __table_args__ = (
        Index("ix_consent_holding_address", "channel", "address"),
        Index("ix_consent_holding_record", "connection", "external_id"),
        LEAN,
    )

    record_id: int = Field(sa_type=RowId, primary_key=True, foreign_key="landed_record.id")
    position: int = Field(primary_key=True)
    connection: str = Field(sa_type=KeyText)
    stream: str = Field(sa_type=KeyText)
    external_id: str = Field(sa_type=KeyText)
    channel: str = Field(sa_type=KeyText)
    address: str = Field(sa_type=KeyText)
    scope: str = Field(sa_type=KeyText)
    state: str = Field(sa_type=KeyText)
    at: datetime | None = Field(default=None, sa_type=Moment)


class ConsentMark(SQLModel, table=True):
    """An address that waits for the consent stage."""

    __tablename__ = "consent_mark"
    __table_args__ = LEAN

    channel: str = Field(sa_type=KeyText, primary_key=True)
    address: str = Field(sa_type=KeyText, primary_key=True)
    mark: int = Field(sa_type=BigInteger)


class ConsentState(SQLModel, table=True):
    """What the evidence says of one key, as `hub.consent.resolution.State` describes it."""

    __tablename__ = "consent_state"
    __table_args__ = (
        Index("ix_consent_state_recheck", "recheck_at"),
        Index(
            "ix_consent_state_review",
            *("channel", "address"),
            sqlite_where=TO_LOOK_AT,
            postgresql_where=TO_LOOK_AT,
        ),
        LEAN,
    )

    channel: str = Field(sa_type=KeyText, primary_key=True)
    address: str = Field(sa_type=KeyText, primary_key=True)
    purpose: str = Field(sa_type=KeyText, primary_key=True)
    brand: str = Field(sa_type=KeyText, primary_key=True)
    recorded: str = Field(sa_type=KeyText)
    may_send: bool
    reason: str = Field(sa_type=KeyText)
    at: datetime | None = Field(default=None, sa_type=Moment)
    decided_by: Any = Field(sa_type=JsonText)
    scopes: Any = Field(sa_type=JsonText)
    locks: Any = Field(sa_type=JsonText)
    stops: Any = Field(sa_type=JsonText)
    review: bool
    recheck_at: datetime | None = Field(default=None, sa_type=Moment)


class ConsentGap(SQLModel, table=True):
    """A destination that does not say of an address what it should: what to write, or why nothing is written."""

    __tablename__ = "consent_gap"
    __table_args__ = (
        Index("ix_consent_gap_address", "channel", "address"),
        Index("ix_consent_gap_wanted", "wanted", "destination"),
        Index("ix_consent_gap_unsettled", "destination", sqlite_where=UNSETTLED, postgresql_where=UNSETTLED),
    )

    destination: str = Field(sa_type=KeyText, primary_key=True)
    record: str = Field(sa_type=KeyText, primary_key=True)
    channel: str = Field(sa_type=KeyText, primary_key=True)
    address: str = Field(sa_type=KeyText, primary_key=True)
    stream: str = Field(sa_type=KeyText)
    scope: str = Field(sa_type=KeyText)
    shown: str = Field(sa_type=KeyText)
    wanted: str = Field(sa_type=KeyText)
    reason: str = Field(sa_type=KeyText)
    withheld: str = Field(sa_type=KeyText)
    by_confirmation: bool = False
    decided_by: str = Field(sa_type=KeyText)
    at: datetime | None = Field(default=None, sa_type=Moment)


class SegmentMark(SQLModel, table=True):
    """A contact that waits for the segment stage."""

    __tablename__ = "segment_mark"
    __table_args__ = LEAN

    contact_id: str = Field(sa_type=KeyText, primary_key=True)
    mark: int = Field(sa_type=BigInteger)


class SegmentMember(SQLModel, table=True):
    """A contact that was looked at for a segment: inside or not, and when time alone may change that."""

    __tablename__ = "segment_member"
    __table_args__ = (
        Index("ix_segment_member_recheck", "recheck_at"),
        Index("ix_segment_member_contact", "contact_id"),
    )

    segment: str = Field(sa_type=KeyText, primary_key=True)
    contact_id: str = Field(sa_type=KeyText, primary_key=True)
    inside: bool
    recheck_at: datetime | None = Field(default=None, sa_type=Moment)


class TagGap(SQLModel, table=True):
    """A record at a destination whose tag does not agree with its contact's segment."""

    __tablename__ = "tag_gap"
    __table_args__ = (
        Index("ix_tag_gap_contact", "contact_id"),
        Index("ix_tag_gap_wanted", "wanted", "destination"),
    )

    destination: str = Field(sa_type=KeyText, primary_key=True)
    record: str = Field(sa_type=KeyText, primary_key=True)
    segment: str = Field(sa_type=KeyText, primary_key=True)
    stream: str = Field(sa_type=KeyText)
    contact_id: str = Field(sa_type=KeyText)
    channel: str = Field(sa_type=KeyText)
    address: str = Field(sa_type=KeyText)
    tag: str = Field(sa_type=KeyText)
    wanted: str = Field(sa_type=KeyText)
    withheld: str = Field(sa_type=KeyText)
