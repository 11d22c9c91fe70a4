"""What would come of joining two contacts, in the one line that stands under a question."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.queries.consequences.preview import preview_merge
from hub.settings.settings import Settings


def consequences_of(db: Connection, settings: Settings, left: str, right: str) -> str:
    """Without a personal value, so that everybody may read it."""
    if left == right:
        return "The two are one contact already."
    return preview_merge(db, settings, left, right).sentence
