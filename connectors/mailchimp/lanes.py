"""Where the two passes over an audience stand, and how that is kept in one cursor.

Mailchimp leaves archived members out unless they are asked for alone, so an audience is read in two passes.
Each pass has its own position: killed between them, the next run must not take one for the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from connectors.kit.base import Cursor

Lane = Literal["listed", "archived"]
LANES: tuple[Lane, ...] = ("listed", "archived")


@dataclass(frozen=True, slots=True)
class Lanes:
    """The cursors of the two passes; a saved cursor's `position` is that of the plain listing."""

    listed: Cursor
    archived: Cursor

    @classmethod
    def load(cls, saved: Cursor | None) -> Lanes:
        if saved is None:
            return cls(Cursor(), Cursor())
        archived = saved.seen.get("archived")
        return cls(
            listed=Cursor(position=saved.position, tie=saved.tie),
            archived=Cursor(position=datetime.fromisoformat(archived)) if archived else Cursor(),
        )

    def save(self) -> Cursor:
        archived = self.archived.position
        seen = {"archived": archived.isoformat()} if archived else {}
        return Cursor(position=self.listed.position, tie=self.listed.tie, seen=seen)

    def of(self, lane: Lane) -> Cursor:
        return self.listed if lane == "listed" else self.archived

    def moved(self, lane: Lane, cursor: Cursor) -> Lanes:
        return replace(self, listed=cursor) if lane == "listed" else replace(self, archived=cursor)

    def settled(self) -> Lanes:
        """After both passes: the archived one, read last, has also seen everything up to the other's position."""
        newest = max((c.position for c in (self.listed, self.archived) if c.position), default=None)
        return replace(self, archived=Cursor(position=newest))
