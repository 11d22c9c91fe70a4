"""What really happened: every person's own act with its true time, and what followed from all acts together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Channel = Literal["email", "sms"]
Line = tuple[str, str]
"""A channel and an address."""


@dataclass(slots=True, eq=False)
class Act:
    """One yes or no. `scope` is the list or sender it was said at, "" where it was said to the company as a whole.

    `own`: the person's; else a tool's, or what a record's new address inherited. `record` names it at its place.
    `trusted`: whether the world's policy lets such a yes grant. `dated`: the vendor keeps its time.
    `unseen`: why nobody but the person can know of it; "" where a readable field tells. `told_at`: when that came to
    be so, if later than the act.
    """

    at: datetime
    answer: Literal["yes", "no"]
    place: str
    record: str
    scope: str = ""
    word: str = ""
    own: bool = True
    trusted: bool = False
    dated: bool = False
    unseen: str = ""
    told_at: datetime | None = None


class Diary:
    """All acts by address, and the moments at which each record was changed by anybody."""

    def __init__(self) -> None:
        self._acts: dict[Line, list[Act]] = defaultdict(list)
        self.changes: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        self.moves: dict[tuple[str, str], datetime] = {}
        """By place and address: when a record that had another address before was given this one."""

    def note(self, channel: str, address: str, act: Act) -> Act:
        self._acts[channel, address].append(act)
        self.changes[act.place, act.record].append(act.at)
        return act

    def lines(self) -> Iterable[Line]:
        return self._acts.keys()

    def acts(self, line: Line) -> list[Act]:
        return self._acts.get(line, [])

    def own(self, line: Line) -> list[Act]:
        return [act for act in self.acts(line) if act.own]

    def said_by(self, place: str, record: str, since: datetime) -> list[Act]:
        """What was said at any address of this record after that moment."""
        found = [act for acts in self._acts.values() for act in acts]
        return [act for act in found if act.place == place and act.record == record and act.at > since]

    def hide(self, line: Line, place: str, since: datetime, reason: str) -> None:
        """Whatever was said there after the last read has been overwritten and will never be read."""
        for act in self.acts(line):
            if act.place == place and act.at > since and not act.unseen:
                act.unseen = reason

    def __iter__(self) -> Iterator[tuple[Line, list[Act]]]:
        return iter(self._acts.items())


def last_no(acts: Iterable[Act], scope: str | None = None) -> Act | None:
    """The last no of these; with a scope, the last one said there."""
    noes = [act for act in acts if act.answer == "no" and (scope is None or act.scope == scope)]
    return max(noes, key=lambda act: act.at, default=None)


def standing_no(acts: list[Act], scope: str) -> Act | None:
    """The no that forbids sending at this scope: one that no yes which covers the scope has followed.

    A no said anywhere reaches everywhere. A yes said at a list or sender covers only that, and a no said there is
    taken back only there.
    """
    anywhere = last_no(acts)
    if anywhere is not None and not _followed(acts, anywhere, {"", scope}):
        return anywhere
    here = last_no(acts, scope) if scope else None
    return here if here is not None and not _followed(acts, here, {scope}) else None


def _followed(acts: list[Act], no: Act, scopes: set[str]) -> bool:
    return any(act.answer == "yes" and act.scope in scopes and act.at > no.at for act in acts)
