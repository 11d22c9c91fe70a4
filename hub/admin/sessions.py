"""Signing in: one-time links, the sessions they open, and when either ends. Only hashes of tokens are stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from connectors.kit.base import utc_now
from hub.access.roles import Viewer
from hub.store.engine import Store
from hub.store.operating.access import AdminSession, SignInLink
from hub.store.sql import table
from hub.users.accounts import viewer_of

links = table(SignInLink)
sessions = table(AdminSession)

LINK_LASTS = timedelta(minutes=15)
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
"""How stale the noted last use may be: a page view rarely has to wait for the database's one writer."""

Now = Callable[[], datetime]


def make_link(store: Store, base_url: str, now: Now = utc_now, user_name: str | None = None) -> str:
    """A new URL that opens one session, once, within 15 minutes. Print it on the operator's own terminal only.

    Without a user it is for whoever reads it there, who may do everything.
    """
    token = secrets.token_urlsafe(32)
    row = {"token_hash": _hash(token), "user_name": user_name, "expires_at": now() + LINK_LASTS, "used_at": None}
    store.write(lambda db: db.execute(insert(links), row))
    return f"{base_url.rstrip('/')}/sign-in?token={token}"


def is_open_link(db: Connection, token: str, now: datetime) -> bool:
    """Whether the link would still open a session; looking does not use it up."""
    query = select(links.c.token_hash).where(links.c.token_hash == _hash(token), _unused(now))
    return db.execute(query).first() is not None


def user_of_link(db: Connection, token: str, now: datetime) -> str | None:
    """The user that an open link is for; None where it is for whoever reads it, or is not open."""
    query = select(links.c.user_name).where(links.c.token_hash == _hash(token), _unused(now))
    name: str | None = db.execute(query).scalar()
    return name


def open_session(db: Connection, token: str, before: str, now: datetime) -> str | None:
    """Use a link up and give the new session's id; None for a link that is unknown, used or too old.

    `before` is the session id that the browser came with: that session ends. Everything out of date is deleted.
    """
    own = (links.c.token_hash == _hash(token)) & _unused(now)
    used = db.execute(update(links).where(own).values(used_at=now).returning(links.c.user_name)).first()
    if used is None:
        return None
    db.execute(delete(links).where(links.c.expires_at <= now))
    return start_session(db, used.user_name, before, now)


def start_session(db: Connection, user_name: str | None, before: str, now: datetime) -> str:
    """A new session of a user who proved who they are; its id. The session `before` ends, and all out of date."""
    close_session(db, before)
    db.execute(delete(sessions).where(~alive(now)))
    session_id = secrets.token_urlsafe(32)
    row = {"token_hash": _hash(session_id), "user_name": user_name, "started_at": now, "last_used_at": now}
    db.execute(insert(sessions), row)
    return session_id


def who_is(store: Store, session_id: str, now: datetime) -> Viewer | None:
    """Whose session it is, with what they may do now; None for one that is over. Notes that it is used."""
    with store.read() as db:
        found, viewer = _of(db, session_id, now)
    if viewer is not None and now - found.last_used_at >= TOUCH:
        own = sessions.c.token_hash == _hash(session_id)
        store.write(lambda db: db.execute(update(sessions).where(own).values(last_used_at=now)))
    return viewer


def who_is_still(store: Store, session_id: str, now: datetime) -> Viewer | None:
    """As `who_is`, of a page that is only left open: that is no use of the session."""
    with store.read() as db:
        return _of(db, session_id, now)[1]


def _of(db: Connection, session_id: str, now: datetime) -> tuple[Any, Viewer | None]:
    own = sessions.c.token_hash == _hash(session_id)
    found = db.execute(select(sessions.c.last_used_at, sessions.c.user_name).where(own, alive(now))).first()
    return found, viewer_of(db, found.user_name) if found else None


def form_token(session_id: str) -> str:
    """What every form of this session carries: another site can send its cookie, but cannot know this."""
    return hmac.digest(session_id.encode("utf-8", "backslashreplace"), b"form", "sha256").hex()


def close_session(db: Connection, session_id: str) -> None:
    db.execute(delete(sessions).where(sessions.c.token_hash == _hash(session_id)))


def close_all(db: Connection, user_name: str | None) -> int:
    """End every session of a user, or of all who came by the hub's own link; how many there were."""
    return db.execute(delete(sessions).where(sessions.c.user_name == user_name)).rowcount


def sessions_of(db: Connection, user_name: str | None, session_id: str, now: datetime) -> list[dict[str, Any]]:
    """The open sessions of a user, the newest first, without what they are opened with; `is_this`: that of the id."""
    query = select(sessions).where(sessions.c.user_name == user_name, alive(now)).order_by(sessions.c.started_at.desc())
    own = _hash(session_id)
    return [
        {"started_at": row.started_at, "last_used_at": row.last_used_at, "is_this": row.token_hash == own}
        for row in db.execute(query)
    ]


def _unused(now: datetime) -> ColumnElement[bool]:
    return links.c.used_at.is_(None) & (links.c.expires_at > now)


def alive(now: datetime) -> ColumnElement[bool]:
    """Of sessions: which are not over."""
    return (sessions.c.last_used_at > now - IDLE) & (sessions.c.started_at > now - LONGEST)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "backslashreplace")).hexdigest()
