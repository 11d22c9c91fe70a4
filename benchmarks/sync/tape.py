"""What the vendor has answered, kept by what was asked: the same question gets the same bytes, from memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

LARGEST_PAGE = 1_000
"""What Zendesk gives at most."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole reply as it goes over the wire, and how many records it carries."""

    wire: bytes
    records: int


@dataclass(slots=True)
class Tape:
    """`ask` fetches an answer that is not there yet from the simulator, by path and query."""

    ask: Callable[[str], Answer]
    page: int = LARGEST_PAGE
    answers: dict[str, Answer] = field(default_factory=dict)

    def answer(self, target: str) -> Answer:
        asked = capped(target, self.page)
        if asked not in self.answers:
            self.answers[asked] = self.ask(asked)
        return self.answers[asked]


def capped(target: str, page: int) -> str:
    """The path and query in one spelling: a page no larger than `page`, and beside a cursor no time to start from."""
    path, _, query = target.partition("?")
    asked = dict(parse_qsl(query))
    asked["per_page"] = str(min(int(asked.get("per_page", LARGEST_PAGE)), page))
    if "cursor" in asked:
        asked.pop("start_time", None)
    return f"{path.removesuffix('.json')}?{urlencode(sorted(asked.items()))}"


def framed(status: int, content_type: str, body: bytes) -> bytes:
    """A reply of HTTP/1.1 on a connection that stays open."""
    head = f"HTTP/1.1 {status} OK\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body
