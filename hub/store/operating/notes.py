"""Operating the service: single values it must remember, such as the installation's name and the policy in force."""

from __future__ import annotations

from sqlmodel import Field, SQLModel

from hub.store.columns import KeyText


class Note(SQLModel, table=True):
    """One remembered value."""

    __tablename__ = "note"

    name: str = Field(sa_type=KeyText, primary_key=True)
    value: str
