"""Facts of consent: the evidence, append-only, and what each record last showed of each line."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlmodel import Field, SQLModel

from hub.store.columns import LEAN, KeyText, Moment


class ConsentEvent(SQLModel, table=True):
    """One fact about consent, as `hub.consent.events.Event` describes it; never changed or deleted.

    An objection has no address: it belongs to the record that carried it (`channel` "*", `address` "").
    `severe`: an objection, a complaint or a no to everything, which may speak for the person's other addresses.
    """

    __tablename__ = "consent_event"
    __table_args__ = (
        Index("ix_consent_event_address", "channel", "address"),
        Index("ix_consent_event_record", "source", "record"),
        Index(
            "ix_consent_event_severe",
            "source",
            "record",
            sqlite_where=text("severe = 1"),
            postgresql_where=text("severe"),
        ),
    )

    id: str = Field(sa_type=KeyText, primary_key=True)
    channel: str = Field(sa_type=KeyText)
    address: str = Field(sa_type=KeyText)
    action: str = Field(sa_type=KeyText)
    observed_at: datetime = Field(sa_type=Moment)
    source: str = Field(sa_type=KeyText)
    record: str = Field(sa_type=KeyText)
    purpose: str = Field(sa_type=KeyText)
    brand: str = Field(sa_type=KeyText)
    scope: str = Field(sa_type=KeyText)
    value: str = Field(sa_type=KeyText)
    basis: str = Field(sa_type=KeyText)
    method: str = Field(sa_type=KeyText)
    occurred_at: datetime | None = Field(default=None, sa_type=Moment)
    precision: str = Field(sa_type=KeyText)
    zone: str = Field(sa_type=KeyText)
    latest_at: datetime | None = Field(default=None, sa_type=Moment)
    known_since: datetime | None = Field(default=None, sa_type=Moment)
    lifts: str = Field(sa_type=KeyText)
    echo_of: str = Field(sa_type=KeyText)
    explained_by: str = Field(sa_type=KeyText)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    source_event_id: str = Field(sa_type=KeyText)
    wording: str = Field(sa_type=Text)
    evidence: str = Field(sa_type=Text)
    actor: str = Field(sa_type=Text)
    jurisdiction: str = Field(sa_type=KeyText)
    severe: bool = False


class ConsentSight(SQLModel, table=True):
    """What a record last showed of one line (channel, address, scope); `count` numbers what was noted of it.

    `at` is the vendor's consent time, `known_since` when the record first showed this address (None: from birth),
    `hold` the open hold of a state that nobody could read, `told_at` the time of the message that told it.
    `shown` is false while the record has another address.
    """

    __tablename__ = "consent_sight"
    __table_args__ = (Index("ix_consent_sight_address", "channel", "address"), LEAN)

    connection: str = Field(sa_type=KeyText, primary_key=True)
    stream: str = Field(sa_type=KeyText, primary_key=True)
    external_id: str = Field(sa_type=KeyText, primary_key=True)
    channel: str = Field(sa_type=KeyText, primary_key=True)
    address: str = Field(sa_type=KeyText, primary_key=True)
    scope: str = Field(sa_type=KeyText, primary_key=True)
    state: str = Field(sa_type=KeyText)
    at: datetime | None = Field(default=None, sa_type=Moment)
    known_since: datetime | None = Field(default=None, sa_type=Moment)
    count: int
    hold: str = Field(sa_type=KeyText)
    method: str = Field(sa_type=KeyText)
    shown: bool = True
    told_at: datetime | None = Field(default=None, sa_type=Moment)
