"""Operating the admin page: one-time sign-in links and the sessions they open. Only hashes of the tokens are kept."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from hub.store.columns import KeyText, Moment


class SignInLink(SQLModel, table=True):
    """A link printed on the operator's own terminal: it opens one session, once, within minutes."""

    __tablename__ = "sign_in_link"

    token_hash: str = Field(sa_type=KeyText, primary_key=True)
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)


class AdminSession(SQLModel, table=True):
    """A signed-in browser: ends 30 minutes after its last use and 12 hours after its start."""

    __tablename__ = "admin_session"

    token_hash: str = Field(sa_type=KeyText, primary_key=True)
    started_at: datetime = Field(sa_type=Moment)
    last_used_at: datetime = Field(sa_type=Moment)
