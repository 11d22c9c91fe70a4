"""Operating the push stage: plans that were shown, so that an approval can be held against what was approved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from hub.store.columns import JsonText, KeyText, Moment


class PushPlan(SQLModel, table=True):
    """A plan as it was shown; `operations` are the identities of what it would send."""

    __tablename__ = "push_plan"

    id: str = Field(sa_type=KeyText, primary_key=True)
    made_at: datetime = Field(sa_type=Moment)
    operations: Any = Field(sa_type=JsonText)
