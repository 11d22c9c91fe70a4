"""Derived by the map stage: contact records, what hangs on them, and what the mapping had to leave out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from hub.store.columns import JsonText, KeyText, Moment, RowId


class ContactRecord(SQLModel, table=True):
    """One source's view of one person. `fields` is the canonical Person, `features` what identity compares of it; the
    rest repeats the landed record.
    """

    __tablename__ = "contact_record"

    record_id: int = Field(sa_type=RowId, primary_key=True, foreign_key="landed_record.id")
    connection: str = Field(sa_type=KeyText)
    stream: str = Field(sa_type=KeyText)
    external_id: str = Field(sa_type=KeyText)
    birth_id: str = Field(sa_type=KeyText, unique=True)
    born: int = Field(sa_type=BigInteger)
    changed_at: datetime | None = Field(default=None, sa_type=Moment)
    fields: Any = Field(sa_type=JsonText)
    features: Any = Field(sa_type=JsonText)


class RelatedRecord(SQLModel, table=True):
    """A record about a person that is not one: an order, a tag. Its owner is named by key and may land later."""

    __tablename__ = "related_record"
    __table_args__ = (
        Index(
            "ix_related_record_owner",
            *("owner_connection", "owner_stream", "owner_external_id", "happened_at", "record_id", "kind"),
        ),
    )

    record_id: int = Field(sa_type=RowId, primary_key=True, foreign_key="landed_record.id")
    kind: str = Field(sa_type=KeyText)
    owner_connection: str = Field(sa_type=KeyText)
    owner_stream: str = Field(sa_type=KeyText)
    owner_external_id: str = Field(sa_type=KeyText)
    happened_at: datetime | None = Field(default=None, sa_type=Moment)
    fields: Any = Field(sa_type=JsonText)


class MapRemark(SQLModel, table=True):
    """A value that was left out of its field, with the line of the mapping that asked for it. Never the value."""

    __tablename__ = "map_remark"

    record_id: int = Field(sa_type=RowId, primary_key=True, foreign_key="landed_record.id")
    position: int = Field(primary_key=True)
    field: str
    code: str = Field(sa_type=KeyText)
    message: str
    location: str = ""


class MapRefusal(SQLModel, table=True):
    """A landed record in quarantine: it breaks its declared shape and became no contact record."""

    __tablename__ = "map_refusal"

    record_id: int = Field(sa_type=RowId, primary_key=True, foreign_key="landed_record.id")
    code: str = Field(sa_type=KeyText)
    message: str
    location: str = ""
