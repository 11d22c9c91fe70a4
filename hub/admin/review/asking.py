"""What a request to the review asks for: who asks, which part of the queue, and which question."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request

from dedupe.engine.weights import Model
from hub.admin.doors import viewer_in
from hub.admin.gate import session_of
from hub.admin.review.claims import Reviewer
from hub.queries.review_choice import LEFT, RIGHT
from hub.queries.review_queue import BANDS, KINDS, Narrowed, band
from hub.settings.settings import Settings

ITEM = re.compile(r"\d{1,18}-\d{1,18}|v-?\d{1,19}")
BIGGEST = 2**63 - 1
SCRIPT_HEADER = "x-review"
CHOICE = "choose."


def reviewer_in(request: Request) -> Reviewer:
    """The session is told by a hash, which opens nothing."""
    session = hashlib.sha256(b"review " + session_of(request).encode("utf-8", "backslashreplace")).hexdigest()[:32]
    return Reviewer(viewer_in(request).name, session)


def item_in(request: Request) -> str | None:
    item: str = request.path_params["item"]
    if not ITEM.fullmatch(item) or (item.startswith("v") and abs(int(item[1:])) > BIGGEST):
        return None
    return item


def is_script(request: Request) -> bool:
    """Whether our own script asks, which wants the new parts of the page only."""
    return SCRIPT_HEADER in request.headers


def choices_in(form: FormData) -> dict[str, str]:
    """By field whose value is to win, as far as that is chosen."""
    told = {name.removeprefix(CHOICE): str(side) for name, side in form.items() if name.startswith(CHOICE)}
    return {field: side for field, side in told.items() if side in (LEFT, RIGHT)}


@dataclass(frozen=True, slots=True)
class Wish:
    """Which part of the queue, and whether the score is hidden ("blind")."""

    kind: str = ""
    source: str = ""
    band: str = ""
    blind: bool = False

    @classmethod
    def of(cls, request: Request, settings: Settings) -> Wish:
        """Words that nobody knows narrow nothing."""
        told = {name: request.query_params.get(name, "") for name in ("kind", "source", "band", "blind")}
        return cls(
            told["kind"] if told["kind"] in KINDS else "",
            told["source"] if told["source"] in settings.connections else "",
            told["band"] if told["band"] in BANDS else "",
            told["blind"] == "1",
        )

    def narrowed(self, model: Model) -> Narrowed:
        least, below = band(model, self.band)
        return Narrowed(self.kind, self.source, least, below)

    @property
    def query(self) -> str:
        """As the end of an address, so that it goes with the reviewer from question to question."""
        told = {"kind": self.kind, "source": self.source, "band": self.band, "blind": "1" if self.blind else ""}
        chosen = {name: value for name, value in told.items() if value}
        return f"?{urlencode(chosen)}" if chosen else ""

    @property
    def turned(self) -> str:
        """The same with the score hidden, or shown again."""
        return Wish(self.kind, self.source, self.band, not self.blind).query
