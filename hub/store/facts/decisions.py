"""Facts of people: what they decided about records and values, and its undoing; append-only, pinned to birth ids."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from hub.store.columns import JsonText, KeyText, Moment, RowId


class Decision(SQLModel, table=True):
    """One human decision. Undo sets `revoked_at`; nothing is ever deleted. A higher id is the newer decision."""

    __tablename__ = "decision"

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    kind: str = Field(sa_type=KeyText)
    author: str
    reason: str = ""
    decided_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_by: str | None = None


class DecisionLink(SQLModel, table=True):
    """What a decision says of two records: `must` or `cannot` be one person; `left_id` < `right_id` by bytes.

    `levels`: by comparison, how well the records agreed then; None where one of them was not there.
    """

    __tablename__ = "decision_link"
    __table_args__ = (Index("ix_decision_link_right", "right_id"), Index("ix_decision_link_left", "left_id"))

    decision_id: int = Field(sa_type=RowId, primary_key=True, foreign_key="decision.id")
    left_id: str = Field(sa_type=KeyText, primary_key=True)
    right_id: str = Field(sa_type=KeyText, primary_key=True)
    link: str = Field(sa_type=KeyText)
    levels: Any = Field(default=None, sa_type=JsonText, nullable=True)


class DecisionValue(SQLModel, table=True):
    """What a decision says of a value that many hold: `shared`, it joins nobody; or `good`, it does all the same."""

    __tablename__ = "decision_value"

    decision_id: int = Field(sa_type=RowId, primary_key=True, foreign_key="decision.id")
    kind: str = Field(sa_type=KeyText)
    value: str = Field(sa_type=KeyText)
    verdict: str = Field(sa_type=KeyText)


class DecisionPin(SQLModel, table=True):
    """A golden field that has the value which one record said of it, whatever any rule says.

    A decision of its own, or chosen with a merge; in force as long as its decision is.
    """

    __tablename__ = "decision_pin"

    decision_id: int = Field(sa_type=RowId, primary_key=True, foreign_key="decision.id")
    birth_id: str = Field(sa_type=KeyText, index=True)
    field: str = Field(sa_type=KeyText, primary_key=True)
    value: Any = Field(sa_type=JsonText)
