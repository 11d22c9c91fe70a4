"""What people leave at the pages that is over: sessions, links, failed sign-ins, claims, and what was put off.

Law: only what can open, hold or hide nothing any more is chosen here; what somebody decided, wrote or was tested on
stays. All of it has a time of its own that is shorter than A_DAY, and a test says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Table, or_

from hub.settings.models import Keep
from hub.store.operating.access import AdminSession, SignInFailure, SignInLink
from hub.store.operating.review import ReviewAnswer, ReviewClaim, ReviewSkip
from hub.store.sql import table

A_DAY = timedelta(days=1)

claims, skips, answers = table(ReviewClaim), table(ReviewSkip), table(ReviewAnswer)
sessions, links, failures = table(AdminSession), table(SignInLink), table(SignInFailure)


def lapsed(now: datetime, keep: Keep) -> list[tuple[Table, tuple[Column[str], ...], ColumnElement[bool]]]:
    """Of each table the columns that name a row, and which rows are over."""
    before = now - A_DAY
    return [
        (sessions, (sessions.c.token_hash,), or_(sessions.c.last_used_at < before, sessions.c.started_at < before)),
        (links, (links.c.token_hash,), links.c.expires_at < before),
        (failures, (failures.c.who,), failures.c.next_try_at < before),
        (claims, (claims.c.item,), claims.c.until < before),
        (skips, (skips.c.reviewer, skips.c.item), skips.c.at < before),
        (answers, (answers.c.id,), _decided_nothing() & (answers.c.at < now - keep.reviewing)),
    ]


def _decided_nothing() -> ColumnElement[bool]:
    """Put off; an answer to a known pair is what the reviewer's accuracy is counted from."""
    return answers.c.decision_id.is_(None) & (answers.c.expected == "")
