"""Derived by the resolve stage: the key index, edges, memberships and review items, and the marks it drains."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from hub.store.columns import LEAN, KeyText, RowId


class ResolveMark(SQLModel, table=True):
    """A record that waits for the resolver. `mark` changes whenever it is marked anew, so that no mark is lost."""

    __tablename__ = "resolve_mark"
    __table_args__ = LEAN

    connection: str = Field(sa_type=KeyText, primary_key=True)
    stream: str = Field(sa_type=KeyText, primary_key=True)
    external_id: str = Field(sa_type=KeyText, primary_key=True)
    mark: int = Field(sa_type=BigInteger)


class MatchKey(SQLModel, table=True):
    """One typed key of one record, as a 64-bit hash, with the record's signature. Only the resolver writes here."""

    __tablename__ = "match_key"
    __table_args__ = (Index("ix_match_key_record", "record_id", "key", "signature"), LEAN)

    key: int = Field(sa_type=BigInteger, primary_key=True)
    signature: int = Field(sa_type=BigInteger, primary_key=True)
    record_id: int = Field(sa_type=RowId, primary_key=True)


class PopularKey(SQLModel, table=True):
    """A key held by more distinct signatures than the model allows: it joins nobody.

    `is_value`: it is that of an e-mail address, a phone number or an identifier, of which a person may know more.
    """

    __tablename__ = "popular_key"
    __table_args__ = LEAN

    key: int = Field(sa_type=BigInteger, primary_key=True)
    is_value: bool


class Membership(SQLModel, table=True):
    """Which contact a record belongs to, and the component of edges in which that was decided."""

    __tablename__ = "membership"
    __table_args__ = (Index("ix_membership_contact", "contact_id"), Index("ix_membership_component", "component"))

    record_id: int = Field(sa_type=RowId, primary_key=True)
    contact_id: str = Field(sa_type=KeyText)
    component: str = Field(sa_type=KeyText)
    feature_hash: int = Field(sa_type=BigInteger)


class MatchEdge(SQLModel, table=True):
    """A judged pair of records and its weight (thousandths of a bit); what led to it is judged anew when asked for."""

    __tablename__ = "match_edge"
    __table_args__ = (Index("ix_match_edge_right", "right_id"), LEAN)

    left_id: int = Field(sa_type=RowId, primary_key=True)
    right_id: int = Field(sa_type=RowId, primary_key=True)
    judgement: str = Field(sa_type=KeyText)
    weight: int


class ReviewItem(SQLModel, table=True):
    """A pair the resolver will not decide alone. `news`: what has changed since a person decided."""

    __tablename__ = "review_item"
    __table_args__ = (
        Index("ix_review_item_right", "right_id"),
        Index("ix_review_item_queue", "kind", "weight", "left_id", "right_id"),
        LEAN,
    )

    left_id: int = Field(sa_type=RowId, primary_key=True)
    right_id: int = Field(sa_type=RowId, primary_key=True)
    kind: str = Field(sa_type=KeyText)
    weight: int
    news: str
