"""Operating the admin page: users, what they sign in with, their sessions, and tokens. Of every secret only a hash."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from hub.store.columns import JsonText, KeyText, Moment


class AdminUser(SQLModel, table=True):
    """Somebody who works with the pages. No password: only a printed link lets them in. Disabled, never deleted."""

    __tablename__ = "admin_user"

    name: str = Field(sa_type=KeyText, primary_key=True)
    role: str = Field(sa_type=KeyText)
    password_hash: str | None = None
    created_at: datetime = Field(sa_type=Moment)
    disabled_at: datetime | None = Field(default=None, sa_type=Moment)


class SignInLink(SQLModel, table=True):
    """A link printed on the operator's own terminal: it opens one session, once. No user: whoever reads it."""

    __tablename__ = "sign_in_link"

    token_hash: str = Field(sa_type=KeyText, primary_key=True)
    user_name: str | None = Field(default=None, sa_type=KeyText)
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)


class AdminSession(SQLModel, table=True):
    """A signed-in browser: ends 30 minutes after its last use and 12 hours after its start."""

    __tablename__ = "admin_session"
    __table_args__ = (Index("ix_admin_session_user", "user_name"),)

    token_hash: str = Field(sa_type=KeyText, primary_key=True)
    user_name: str | None = Field(default=None, sa_type=KeyText)
    started_at: datetime = Field(sa_type=Moment)
    last_used_at: datetime = Field(sa_type=Moment)


class SignInFailure(SQLModel, table=True):
    """How often a name, or an address of the network, failed to sign in, and when it may try again."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_next", "next_try_at"),)

    who: str = Field(sa_type=KeyText, primary_key=True)
    failures: int
    next_try_at: datetime = Field(sa_type=Moment)


class ApiToken(SQLModel, table=True):
    """A key of a program. `scopes`: the permissions that it has. Revoked, never deleted."""

    __tablename__ = "api_token"

    name: str = Field(sa_type=KeyText, primary_key=True)
    token_hash: str = Field(sa_type=KeyText, unique=True)
    scopes: Any = Field(sa_type=JsonText)
    created_by: str
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    last_used_at: datetime | None = Field(default=None, sa_type=Moment)
