"""Operating anything that must not run twice at once: leases with a token and a deadline in database time."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from hub.store.columns import KeyText, Moment


class Lease(SQLModel, table=True):
    """Who may do `name` until when. `holder` is host:pid:start, so that a dead holder on this host is known at once."""

    __tablename__ = "lease"

    name: str = Field(sa_type=KeyText, primary_key=True)
    token: str = Field(sa_type=KeyText)
    holder: str
    run_id: int | None = None
    until: datetime = Field(sa_type=Moment)
    renewed_at: datetime = Field(sa_type=Moment)
