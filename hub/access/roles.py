"""Permissions as data: what each role may do, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """One thing that somebody may or may not do."""

    LOOK = "look"
    """See pages and figures, with personal values masked."""
    REVIEW = "review"
    """Decide who is one person; see the values of the pair that is being decided."""
    REVEAL = "reveal"
    """See one contact's values for a stated reason, which is written down."""
    PERSONAL = "personal"
    """See personal values everywhere."""
    RUN = "run"
    """Start, pause, cancel and repeat syncs; replay what is quarantined."""
    PUSH = "push"
    """Approve what leaves."""
    RECORD = "record"
    """Record consent that a person stated."""
    EXPORT = "export"
    """Take many contacts out at once."""
    PEOPLE = "people"
    """Add users, change their roles, end their sessions, make tokens."""
    AUDIT = "audit"
    """Read and verify what was done by whom."""


class Role(StrEnum):
    """What a user is; each role may do all that the one before it may."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    OPERATOR = "operator"
    ADMIN = "admin"


_VIEWER = frozenset({Permission.LOOK})
_REVIEWER = _VIEWER | {Permission.REVIEW, Permission.REVEAL}
_OPERATOR = _REVIEWER | {Permission.PERSONAL, Permission.RUN, Permission.PUSH, Permission.RECORD}

ROLES: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.REVIEWER: _REVIEWER,
    Role.OPERATOR: _OPERATOR,
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever asks: a user of the pages, a token of the API, or the terminal of this machine."""

    name: str
    permissions: frozenset[Permission]
    role: Role | None = None

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


def user(name: str, role: Role) -> Viewer:
    return Viewer(name, ROLES[role], role)


OWNER = "owner"
"""Who signed in by the link that the hub printed on its own terminal: whoever reads that may do everything."""
