"""What is done to users and tokens, by a page or a command: each in one transaction, with its row in the audit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from hub import audit
from hub.access.roles import Permission, Role
from hub.admin.sessions import alive, close_all, sessions
from hub.users import accounts, tokens
from hub.users.accounts import users


def add_user(db: Connection, by: str, name: str, role: Role, now: datetime) -> None:
    """Raises CannotChangeUser, as all of these do."""
    accounts.add_user(db, name, role, now)
    audit.note(db, now, by, "user.add", name, {"role": role.value})


def change_role(db: Connection, by: str, name: str, role: Role, now: datetime) -> None:
    """The user's sessions end: what one may do now is never done with a session of before."""
    accounts.change_role(db, name, role)
    close_all(db, name)
    audit.note(db, now, by, "user.role", name, {"role": role.value})


def disable(db: Connection, by: str, name: str, now: datetime) -> None:
    accounts.disable(db, name, now)
    close_all(db, name)
    audit.note(db, now, by, "user.disable", name)


def enable(db: Connection, by: str, name: str, now: datetime) -> None:
    accounts.enable(db, name)
    audit.note(db, now, by, "user.enable", name)


def sign_out(db: Connection, by: str, name: str, now: datetime) -> int:
    """End every session of a user; how many there were."""
    accounts.must_be_known(db, name)
    ended = close_all(db, name)
    audit.note(db, now, by, "user.sign-out", name, {"sessions": ended})
    return ended


def note_link(db: Connection, by: str, name: str, now: datetime) -> None:
    """Before a link is made for a user: whoever has it is the user."""
    accounts.must_be_enabled(db, name)
    audit.note(db, now, by, "user.link", name)


def make_token(
    db: Connection, by: str, name: str, scopes: Iterable[Permission], now: datetime, expires: datetime | None
) -> str:
    """The token, to be shown once. Raises CannotMakeToken."""
    chosen = list(scopes)
    token = tokens.make_token(db, name, chosen, by, now, expires)
    told = {"scopes": sorted(chosen), "expires": expires.isoformat() if expires else None}
    audit.note(db, now, by, "token.make", f"token:{name}", told)
    return token


def revoke_token(db: Connection, by: str, name: str, now: datetime) -> None:
    """Raises CannotMakeToken."""
    tokens.revoke_token(db, name, now)
    audit.note(db, now, by, "token.revoke", f"token:{name}")


def everybody(db: Connection, now: datetime) -> list[dict[str, Any]]:
    """Every user by name, with what is known of them but the hash of the password, and how many sessions are open."""
    count = func.count(sessions.c.token_hash)
    own = (sessions.c.user_name == users.c.name) & alive(now)
    query = select(users, count.label("sessions"), func.max(sessions.c.last_used_at).label("last_seen_at"))
    rows = db.execute(query.outerjoin(sessions, own).group_by(users.c.name).order_by(users.c.name)).mappings()
    return [{**_without_hash(row), "has_password": row["password_hash"] is not None} for row in rows]


def _without_hash(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "password_hash"}
