"""The vendor's search language as far as it matters here, with its traps kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

TERM = re.compile(r"""(?P<field>\w+):(?P<sign>>=|<=|>|<|=)?(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>\S+))""")
Node = dict[str, Any]


@dataclass
class Search:
    """`since` and `until` bound `updatedAt`, both inclusive; `tests` hold for each node; `ignored` had no effect."""

    since: str = ""
    until: str = "9999"
    tests: list[Callable[[Node], bool]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def matches(self, node: Node) -> bool:
        return self.since <= node["updatedAt"] <= self.until and all(test(node) for test in self.tests)


def parse(text: str | None, zone: ZoneInfo) -> Search:
    """Read a search string. A field that is not known is ignored, so that everything comes back, as at the vendor."""
    search = Search()
    for term in TERM.finditer(text or ""):
        quoted = term["single"] if term["single"] is not None else term["double"]
        value = quoted if quoted is not None else term["bare"]
        if term["field"] == "updated_at":
            _bound(search, term["sign"] or "=", _moment(value, zone, quoted is not None))
        elif term["field"] == "id":
            search.tests.append(_id_test(term["sign"] or "=", int(value.rpartition("/")[2])))
        elif term["field"] == "email" and quoted is not None:
            search.tests.append(_email_test(value.lower()))
        else:
            search.ignored.append(term["field"])
    return search


def _bound(search: Search, sign: str, span: tuple[str, str]) -> None:
    # `>` and `<` were seen to include their bound at the vendor
    if sign in {">", ">=", "="}:
        search.since = max(search.since, span[0])
    if sign in {"<", "<=", "="}:
        search.until = min(search.until, span[1])


def _moment(value: str, zone: ZoneInfo, quoted: bool) -> tuple[str, str]:
    """The first and the last second that the value names; an unquoted one loses its time and means a store's day."""
    if quoted and len(value) > 10:
        moment = stamp(datetime.fromisoformat(value))
        return moment, moment
    day = datetime.combine(datetime.fromisoformat(value[:10]).date(), time(), zone)
    return stamp(day), stamp(day + timedelta(days=1, seconds=-1))


def _id_test(sign: str, wanted: int) -> Callable[[Node], bool]:
    tests: dict[str, Callable[[int], bool]] = {
        ">": lambda number: number > wanted,
        ">=": lambda number: number >= wanted,
        "<": lambda number: number < wanted,
        "<=": lambda number: number <= wanted,
        "=": lambda number: number == wanted,
    }
    return lambda node: tests[sign](number_of(node["id"]))


def _email_test(wanted: str) -> Callable[[Node], bool]:
    def holds(node: Node) -> bool:
        held = (node.get("defaultEmailAddress") or {}).get("emailAddress") or node.get("email") or ""
        return wanted == str(held).lower()

    return holds


def number_of(gid: str) -> int:
    """The number at the end of a `gid://shopify/Customer/123`."""
    return int(gid.rpartition("/")[2])


def stamp(moment: datetime) -> str:
    """The vendor's spelling of a moment: whole seconds, UTC; such strings sort as the moments do."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
