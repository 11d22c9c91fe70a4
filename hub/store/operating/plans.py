"""Operating the push stage: plans that were shown, so that an approval can be held against what was approved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from hub.store.columns import JsonText, KeyText, Moment


class PushPlan(SQLModel, table=True):
    """A plan as it was shown; `operations` are the identities of what it would send. A denied one is not approved."""

    __tablename__ = "push_plan"
    __table_args__ = (Index("ix_push_plan_made", "made_at"),)

    id: str = Field(sa_type=KeyText, primary_key=True)
    made_at: datetime = Field(sa_type=Moment)
    operations: Any = Field(sa_type=JsonText)
    denied_by: str | None = Field(default=None, sa_type=KeyText)
    denied_at: datetime | None = Field(default=None, sa_type=Moment)
