"""Operating the hub: who did what in it; append-only, each row hashed together with the one before it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from hub.store.columns import JsonText, KeyText, Moment, RowId


class AuditEntry(SQLModel, table=True):
    """One act. `subject`: what it was done to, by id; `details` hold no personal value; `hash` covers all before it."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_actor", "actor", "id"),
        Index("ix_audit_entry_subject", "subject", "id"),
        Index("ix_audit_entry_action", "action", "id"),
        Index("ix_audit_entry_at", "at", "id"),
    )

    id: int = Field(sa_type=RowId, primary_key=True)
    at: datetime = Field(sa_type=Moment)
    actor: str = Field(sa_type=KeyText)
    action: str = Field(sa_type=KeyText)
    subject: str = Field(sa_type=KeyText)
    details: Any = Field(sa_type=JsonText)
    hash: str = Field(sa_type=KeyText)
