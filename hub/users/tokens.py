"""Tokens: the keys of programs that use the API. Each is shown once; only its hash is kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from hub.access.roles import Permission, Viewer
from hub.store.engine import Store
from hub.store.operating.access import ApiToken
from hub.store.sql import table

tokens = table(ApiToken)

PREFIX = "hub_"
"""By it a scanner of sources finds a token that was left in one."""

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}[a-z0-9]")
TOUCH = timedelta(minutes=1)
"""How stale the noted last use may be."""


class CannotMakeToken(Exception):
    """What was asked of a token cannot be; the message says why and what to do."""


def make_token(
    db: Connection, name: str, scopes: Iterable[Permission], by: str, now: datetime, expires: datetime | None = None
) -> str:
    """A new token that may do what `scopes` say, until it expires or is revoked. Raises CannotMakeToken."""
    chosen = sorted({Permission(one).value for one in scopes})
    if not NAME.fullmatch(name):
        raise CannotMakeToken(f"{name!r} is no name of a token: take 2 to 64 of a-z 0-9 . _ -")
    if not chosen:
        raise CannotMakeToken(f"say what the token may do: {', '.join(Permission)}")
    if expires is not None and expires <= now:
        raise CannotMakeToken("the token would be over before it begins: let it expire later")
    if db.execute(select(tokens.c.name).where(tokens.c.name == name)).first() is not None:
        raise CannotMakeToken(f"there is, or was, a token {name!r}: take another name, so that the audit stays clear")
    token = PREFIX + secrets.token_urlsafe(32)
    row = {"name": name, "token_hash": _hash(token), "scopes": chosen, "created_by": by, "created_at": now}
    db.execute(insert(tokens), {**row, "expires_at": expires})
    return token


def revoke_token(db: Connection, name: str, now: datetime) -> None:
    """From the next request on the token opens nothing. Raises CannotMakeToken where none is in force."""
    own = (tokens.c.name == name) & tokens.c.revoked_at.is_(None)
    if db.execute(update(tokens).where(own).values(revoked_at=now)).rowcount != 1:
        raise CannotMakeToken(f"no token {name!r} is in force: `hub token list` shows all")


def viewer_of_token(db: Connection, token: str, now: datetime) -> Viewer | None:
    """Who asks with this token, called `token:NAME`; None for one that is unknown, revoked or over."""
    row = _row(db, token, now)
    return None if row is None else _viewer(row)


def who_calls(store: Store, token: str, now: datetime) -> Viewer | None:
    """As `viewer_of_token`, and notes at most once a minute that the token is used."""
    with store.read() as db:
        row = _row(db, token, now)
    if row is None:
        return None
    if row.last_used_at is None or now - row.last_used_at >= TOUCH:
        store.write(lambda db: db.execute(update(tokens).where(tokens.c.name == row.name).values(last_used_at=now)))
    return _viewer(row)


def all_tokens(db: Connection) -> list[dict[str, Any]]:
    """Every token there is or was, without its hash, the newest first."""
    shown = [column for column in tokens.c if column.name != "token_hash"]
    query = select(*shown).order_by(tokens.c.created_at.desc(), tokens.c.name)
    return [dict(row) for row in db.execute(query).mappings()]


def _row(db: Connection, token: str, now: datetime) -> Any:
    own = (tokens.c.token_hash == _hash(token)) & tokens.c.revoked_at.is_(None)
    return db.execute(select(tokens).where(own, tokens.c.expires_at.is_(None) | (tokens.c.expires_at > now))).first()


def _viewer(row: Any) -> Viewer:
    """A scope that an older or a newer hub has written opens nothing here; the others of that token do."""
    return Viewer(f"token:{row.name}", frozenset(Permission(one) for one in row.scopes if is_known(one)))


def is_known(scope: Any) -> bool:
    """Whether this hub has such a permission."""
    return isinstance(scope, str) and scope in _KNOWN


def shown_scopes(row: Mapping[str, Any]) -> list[str]:
    """What a token may do, in words for people: what this hub does not know is called so."""
    return [str(one) if is_known(one) else f"{one} (unknown)" for one in row["scopes"]]


_KNOWN = frozenset(one.value for one in Permission)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "backslashreplace")).hexdigest()
