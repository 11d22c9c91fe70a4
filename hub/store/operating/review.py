"""Operating the review of open questions: who looks at which one, what was answered, put off, asked and said of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from hub.store.columns import KeyText, Moment, RowId


class ReviewClaim(SQLModel, table=True):
    """A question that somebody has before them until then. `expected`: the known answer, where this is a test."""

    __tablename__ = "review_claim"
    __table_args__ = (Index("ix_review_claim_session", "session"),)

    item: str = Field(sa_type=KeyText, primary_key=True)
    reviewer: str = Field(sa_type=KeyText)
    session: str = Field(sa_type=KeyText)
    since: datetime = Field(sa_type=Moment)
    until: datetime = Field(sa_type=Moment)
    expected: str = Field(default="", sa_type=KeyText)


class ReviewSkip(SQLModel, table=True):
    """A question that one reviewer put off: they are asked again when nothing else is left, or later."""

    __tablename__ = "review_skip"

    reviewer: str = Field(sa_type=KeyText, primary_key=True)
    item: str = Field(sa_type=KeyText, primary_key=True)
    at: datetime = Field(sa_type=Moment)


class ReviewAnswer(SQLModel, table=True):
    """One answer of one reviewer. `ticket` is the asker's own, so that an answer sent twice counts once.

    `pattern`: how the two compare, without any value. `batch`: the answers given at once. No decision: put off, or a
    test whose answer was known, which is `expected`.
    """

    __tablename__ = "review_answer"
    __table_args__ = (
        Index("ix_review_answer_session", "session", "id"),
        Index("ix_review_answer_reviewer", "reviewer", "id"),
        Index("ix_review_answer_pattern", "pattern", "id"),
        Index("ix_review_answer_decision", "decision_id"),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    session: str = Field(sa_type=KeyText)
    reviewer: str = Field(sa_type=KeyText)
    item: str = Field(sa_type=KeyText)
    answer: str = Field(sa_type=KeyText)
    ticket: str = Field(sa_type=KeyText, unique=True)
    pattern: str = Field(default="", sa_type=KeyText)
    expected: str = Field(default="", sa_type=KeyText)
    batch: str = Field(default="", sa_type=KeyText)
    decision_id: int | None = Field(default=None, sa_type=RowId)
    at: datetime = Field(sa_type=Moment)
    undone_at: datetime | None = Field(default=None, sa_type=Moment)


class ReviewNote(SQLModel, table=True):
    """What somebody wrote about a question, and whom they ask."""

    __tablename__ = "review_note"
    __table_args__ = (Index("ix_review_note_item", "item", "id"), Index("ix_review_note_assignee", "assignee", "id"))

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    item: str = Field(sa_type=KeyText)
    author: str = Field(sa_type=KeyText)
    assignee: str | None = Field(default=None, sa_type=KeyText)
    text: str
    at: datetime = Field(sa_type=Moment)
