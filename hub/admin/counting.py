"""How many questions are open: exactly while they are few; of many, as they were counted a few seconds ago."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.admin.kept import Kept
from hub.queries.review_queue import EVERYTHING, Narrowed, count

FEW = 1_000
KEEP_SECONDS = 5.0


class OpenQuestions:
    """Counting walks over all that is counted, and tens of thousands of questions may be open."""

    def __init__(self) -> None:
        self._many: dict[Narrowed, Kept[int]] = {}

    def __call__(self, db: Connection, of: Narrowed = EVERYTHING) -> int | None:
        """None where not even that can be told without reading every record."""
        if of.source:
            return None
        few = count(db, of, FEW + 1)
        return few if few <= FEW else self._many.setdefault(of, Kept(KEEP_SECONDS, count))(db, of)
