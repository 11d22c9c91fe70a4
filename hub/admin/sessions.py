"""Signing in: one-time links, the sessions they open, and when either ends. Only hashes of tokens are stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from connectors.kit.base import utc_now
from hub.store.engine import Store
from hub.store.operating.access import AdminSession, SignInLink
from hub.store.sql import table

links = table(SignInLink)
sessions = table(AdminSession)

LINK_LASTS = timedelta(minutes=15)
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
"""How stale the noted last use may be: a page view rarely has to wait for the database's one writer."""

Now = Callable[[], datetime]


def make_link(store: Store, base_url: str, now: Now = utc_now) -> str:
    """A new URL that opens one session, once, within 15 minutes. Print it on the operator's own terminal only."""
    token = secrets.token_urlsafe(32)
    row = {"token_hash": _hash(token), "expires_at": now() + LINK_LASTS, "used_at": None}
    store.write(lambda db: db.execute(insert(links), row))
    return f"{base_url.rstrip('/')}/sign-in?token={token}"


def is_open_link(db: Connection, token: str, now: datetime) -> bool:
    """Whether the link would still open a session; looking does not use it up."""
    query = select(links.c.token_hash).where(links.c.token_hash == _hash(token), _unused(now))
    return db.execute(query).first() is not None


def open_session(db: Connection, token: str, before: str, now: datetime) -> str | None:
    """Use a link up and give the new session's id; None for a link that is unknown, used or too old.

    `before` is the session id that the browser came with: that session ends. Everything out of date is deleted.
    """
    own = (links.c.token_hash == _hash(token)) & _unused(now)
    if db.execute(update(links).where(own).values(used_at=now)).rowcount != 1:
        return None
    close_session(db, before)
    db.execute(delete(links).where(links.c.expires_at <= now))
    db.execute(delete(sessions).where(~_alive(now)))
    session_id = secrets.token_urlsafe(32)
    db.execute(insert(sessions), {"token_hash": _hash(session_id), "started_at": now, "last_used_at": now})
    return session_id


def is_signed_in(store: Store, session_id: str, now: datetime) -> bool:
    """Whether the session is alive; if so, note that it is used."""
    own = sessions.c.token_hash == _hash(session_id)
    with store.read() as db:
        last_used = db.execute(select(sessions.c.last_used_at).where(own, _alive(now))).scalar()
    if last_used is None:
        return False
    if now - last_used >= TOUCH:
        store.write(lambda db: db.execute(update(sessions).where(own).values(last_used_at=now)))
    return True


def form_token(session_id: str) -> str:
    """What every form of this session carries: another site can send its cookie, but cannot know this."""
    return hmac.digest(session_id.encode("utf-8", "backslashreplace"), b"form", "sha256").hex()


def close_session(db: Connection, session_id: str) -> None:
    db.execute(delete(sessions).where(sessions.c.token_hash == _hash(session_id)))


def _unused(now: datetime) -> ColumnElement[bool]:
    return links.c.used_at.is_(None) & (links.c.expires_at > now)


def _alive(now: datetime) -> ColumnElement[bool]:
    return (sessions.c.last_used_at > now - IDLE) & (sessions.c.started_at > now - LONGEST)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "backslashreplace")).hexdigest()
