"""A reviewer as the page's own script is one: takes a few questions, answers the first, and is sent the next."""

from __future__ import annotations

import re
from random import Random

from benchmarks.admin.visitor import Visitor

QUESTION = re.compile(r'<article class="question" data-item="([^"]+)"(.*?)</article>', re.DOTALL)
FIELD = re.compile(r'name="(ticket|shown)" value="([^"]*)"')
ANSWERS = {"pair": ("apart", "apart", "merge", "skip"), "value": ("good", "shared", "skip")}


class Reviewer:
    """Keeps the questions that are in the page, as the script does."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._ahead: dict[str, str] = {}

    def next(self, rng: Random) -> float:
        """Answer the question on the screen; the ms until those that follow it are there."""
        if not self._ahead:
            self._take(self._visitor.post("/review/next", {"have": ""})[0])
        if not self._ahead:
            raise LookupError("the queue is empty: fill the hub with more people")
        item = next(iter(self._ahead))
        fields = dict(FIELD.findall(self._ahead.pop(item)))
        answer = rng.choice(ANSWERS["value" if item.startswith("v") else "pair"])
        sent = fields | {"answer": answer, "have": " ".join(self._ahead)}
        text, taken = self._visitor.post(f"/review/items/{item}", sent)
        self._take(text)
        return taken

    def begin(self, _: Random) -> float:
        """As after the page is loaded anew: everything that is before this reviewer is sent."""
        self._ahead = {}
        text, taken = self._visitor.post("/review/next", {"have": ""})
        self._take(text)
        return taken

    def _take(self, text: str) -> None:
        self._ahead |= {item: article for item, article in QUESTION.findall(text) if item not in self._ahead}
