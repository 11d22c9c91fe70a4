"""The users: adding them, their roles, and what they may do now."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from hub.access.roles import OWNER, Role, Viewer, user
from hub.store.operating.access import AdminUser
from hub.store.sql import table

users = table(AdminUser)

NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,62}[a-z0-9]")


NOBODY = "there is no user {name!r}: `hub user list` shows all"


class CannotChangeUser(Exception):
    """What was asked of a user cannot be; the message says why and what to do."""


def add_user(db: Connection, name: str, role: Role, now: datetime) -> None:
    """Raises CannotChangeUser for a name that is taken or is no name."""
    if not NAME.fullmatch(name) or name == OWNER:
        raise CannotChangeUser(f"{name!r} is no user name: take 2 to 64 of a-z 0-9 . _ @ + -, and not {OWNER!r}")
    if is_known(db, name):
        raise CannotChangeUser(f"there is a user {name!r} already: `hub user list` shows all")
    db.execute(insert(users), {"name": name, "role": role.value, "created_at": now})


def change_role(db: Connection, name: str, role: Role) -> None:
    """From the user's next request on. Raises CannotChangeUser, also where nobody else is admin."""
    if role is not Role.ADMIN:
        _keep_an_admin(db, name)
    _change(db, name, {"role": role.value})


def disable(db: Connection, name: str, now: datetime) -> None:
    """The user signs in no more; what they did stays theirs. Raises CannotChangeUser, also for the last admin."""
    _keep_an_admin(db, name)
    _change(db, name, {"disabled_at": now})


def enable(db: Connection, name: str) -> None:
    """The user signs in again, with the role they had. Raises CannotChangeUser."""
    _change(db, name, {"disabled_at": None})


def set_password(db: Connection, name: str, password_hash: str) -> None:
    """Raises CannotChangeUser."""
    _change(db, name, {"password_hash": password_hash})


def is_known(db: Connection, name: str) -> bool:
    """Whether there is such a user, disabled or not."""
    return db.execute(select(users.c.name).where(users.c.name == name)).first() is not None


def must_be_known(db: Connection, name: str) -> None:
    """Raises CannotChangeUser for a name that is no user's."""
    if not is_known(db, name):
        raise CannotChangeUser(NOBODY.format(name=name))


def must_be_enabled(db: Connection, name: str) -> None:
    """Raises CannotChangeUser for a name that is no user's, and for one who may not sign in."""
    must_be_known(db, name)
    if viewer_of(db, name) is None:
        raise CannotChangeUser(f"{name!r} is disabled: `hub user enable {name}` first")


def password_of(db: Connection, name: str) -> str | None:
    """The hash that is kept for a user who may sign in; None without one, and of those who are disabled or unknown."""
    query = select(users.c.password_hash).where(users.c.name == name, users.c.disabled_at.is_(None))
    found: str | None = db.execute(query).scalar()
    return found


def viewer_of(db: Connection, name: str | None) -> Viewer | None:
    """What a user may do now; None is whoever read a link on the hub's own terminal.

    None when disabled or gone, and for a role that only an older or a newer hub has.
    """
    if name is None:
        return user(OWNER, Role.ADMIN)
    role = db.execute(select(users.c.role).where(users.c.name == name, users.c.disabled_at.is_(None))).scalar()
    return user(name, Role(role)) if role in _KNOWN else None


_KNOWN = frozenset(Role)


def _keep_an_admin(db: Connection, name: str) -> None:
    """The rows of all admins are locked, so that two cannot end each other at the same moment."""
    query = select(users.c.name).where(users.c.role == Role.ADMIN.value, users.c.disabled_at.is_(None))
    if db.execute(query.order_by(users.c.name).with_for_update()).scalars().all() == [name]:
        raise CannotChangeUser(f"{name!r} is the last admin: make somebody else one first, `hub user role NAME admin`")


def _change(db: Connection, name: str, changed: dict[str, Any]) -> None:
    if db.execute(update(users).where(users.c.name == name).values(**changed)).rowcount != 1:
        raise CannotChangeUser(NOBODY.format(name=name))
