"""Derived by the golden stage: contacts, the provenance of their fields, their search terms; and its marks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from hub.store.columns import LEAN, JsonText, KeyText, RowId

NO_RULE_TOLD = text("rule = 'arrived first'")
"""Values that won only because their records came first; few, so that an index of their own is small."""


class GoldenMark(SQLModel, table=True):
    """A contact that waits for the golden stage."""

    __tablename__ = "golden_mark"
    __table_args__ = LEAN

    contact_id: str = Field(sa_type=KeyText, primary_key=True)
    mark: int = Field(sa_type=BigInteger)


class Contact(SQLModel, table=True):
    """A golden record. `name`, `email` and `phone` repeat the first value of their fields, for lists."""

    __tablename__ = "contact"
    __table_args__ = LEAN

    id: str = Field(sa_type=KeyText, primary_key=True)
    name: str = ""
    email: str = ""
    phone: str = ""
    records: int = 0


class FieldProvenance(SQLModel, table=True):
    """One golden value, the record and rule that gave it, and the values that lost with their records."""

    __tablename__ = "field_provenance"
    __table_args__ = (
        Index(
            "ix_field_provenance_untold",
            *("contact_id", "field"),
            sqlite_where=NO_RULE_TOLD,
            postgresql_where=NO_RULE_TOLD,
        ),
        LEAN,
    )

    contact_id: str = Field(sa_type=KeyText, primary_key=True)
    field: str = Field(sa_type=KeyText, primary_key=True)
    position: int = Field(primary_key=True)
    value: Any = Field(default=None, sa_type=JsonText, nullable=True)
    record_id: int = Field(sa_type=RowId)
    rule: str
    others: Any = Field(sa_type=JsonText)


class ContactTerm(SQLModel, table=True):
    """A word under which a contact is found; searched by prefix."""

    __tablename__ = "contact_term"
    __table_args__ = (Index("ix_contact_term_contact", "contact_id", "term"), LEAN)

    term: str = Field(sa_type=KeyText, primary_key=True)
    contact_id: str = Field(sa_type=KeyText, primary_key=True)
