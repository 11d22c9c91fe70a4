"""What a Zendesk job says of its rows, read loosely: the documents know several shapes and the wire more.

"completed" is no success: a row failed if it carries an error, the status Failed, or success false. What a row's
success is worth, only a read of the user tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from connectors.kit.destination import Outcome
from connectors.kit.errors import BadPayload

OVER = ("completed", "failed", "killed")

GONE = re.compile(r"not.?found|no such user", re.IGNORECASE)
WRONG = re.compile(r"invalid|not valid|not properly formatted|blank|too long|denied|forbidden", re.IGNORECASE)
PASSING = re.compile(r"conflict|lock|time.?out", re.IGNORECASE)
ADDRESS = re.compile(r"\S+@\S+")
WORD = re.compile(r"[A-Za-z]{1,40}\Z")


@dataclass(frozen=True, slots=True)
class Job:
    """A job as one answer tells it. `state` is the vendor's word in lower case."""

    id: str
    state: str
    results: Any

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    def failures(self, count: int) -> dict[int, Outcome]:
        """The rows, of `count` sent, that the job says were not applied."""
        if not isinstance(self.results, list):
            return {}
        rows = [row if isinstance(row, dict) else {} for row in self.results]
        aligned = len(rows) == count
        return {_place(row, at, aligned): _outcome(row) for at, row in enumerate(rows) if _failed(row)}


def job_of(document: Any) -> Job:
    """Raises BadPayload for anything that is no job."""
    told = document.get("job_status") if isinstance(document, dict) else None
    if not isinstance(told, dict) or not isinstance(told.get("id"), str):
        raise BadPayload("Zendesk answered a bulk update without a job")
    return Job(told["id"], str(told.get("status", "")).lower(), told.get("results"))


def _failed(row: dict[str, Any]) -> bool:
    return bool(row.get("error")) or row.get("success") is False or str(row.get("status", "")).lower() == "failed"


def _place(row: dict[str, Any], position: int, aligned: bool) -> int:
    """Which row of the request is meant: its `index`; else its position, or, in a shortened list, the index as id."""
    for told in (row.get("index"), None if aligned else row.get("id")):
        if type(told) is int:
            return told
    return position


def _outcome(row: dict[str, Any]) -> Outcome:
    """UserUpdateError stands for trouble of any kind, so the details decide; they are not repeated, they hold data.

    What nobody knows is tried again: to take a no for refused would be worse.
    """
    word, details = str(row.get("error") or ""), ADDRESS.sub("", str(row.get("details") or ""))
    said = f" ({word})" if WORD.match(word) else ""
    if GONE.search(f"{word} {details}"):
        return Outcome("not_held", f"Zendesk no longer has this user{said}")
    if WRONG.search(f"{word} {details}") and not PASSING.search(word):
        return Outcome("rejected", f"Zendesk refuses to change this user{said}: look at the user there")
    return Outcome("retry", f"Zendesk could not change this user now{said}")
