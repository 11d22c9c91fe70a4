"""Operating what webhooks bring: which deliveries were taken, and which records are to be read again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from hub.store.columns import KeyText, Moment


class WebhookTaken(SQLModel, table=True):
    """A delivery that was taken in, by what its vendor calls it; the same one again is answered and does nothing."""

    __tablename__ = "webhook_taken"
    __table_args__ = (Index("ix_webhook_taken_at", "taken_at"),)

    connection: str = Field(sa_type=KeyText, primary_key=True)
    key: str = Field(sa_type=KeyText, primary_key=True)
    taken_at: datetime = Field(sa_type=Moment)


class RefetchMark(SQLModel, table=True):
    """A record of a connection's person stream that a webhook has spoken of, to be read again."""

    __tablename__ = "refetch_mark"

    connection: str = Field(sa_type=KeyText, primary_key=True)
    external_id: str = Field(sa_type=KeyText, primary_key=True)
    mark: int = Field(sa_type=BigInteger)
