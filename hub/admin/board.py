"""What Home shows, read at one moment: the streams, and a card for everything that may want a person."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from hub.admin import words
from hub.admin.counting import OpenQuestions
from hub.admin.kept import Kept, KeptBehind
from hub.admin.navigation import PAGES
from hub.admin.site import Site
from hub.jobs.ends import NEEDS_ATTENTION
from hub.queries.consent import overdue
from hub.queries.home import Overview, Totals, overview, totals
from hub.stages.runs import Buckets
from hub.watch.going import optouts_waiting
from hub.watch.tables import FIRING, alert_states

KEEP_SECONDS = 5.0
"""How old a figure may be that is counted by walking over everything."""

OLD_SECONDS = 60.0
"""From this age on, such a figure says how old it is: nobody had looked for so long."""

KEEP_OVERDUE_SECONDS = 60.0
"""Deadlines are days long, and each opt-out that waits has to be judged by its evidence."""

REVIEW = "/review"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Opt-outs that have not arrived: how many, and since when the oldest could have been sent."""

    number: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Card:
    """One figure. `warn`: it wants somebody; `more` stands below it."""

    name: str
    number: int
    word: str
    href: str = ""
    warn: bool = False
    more: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """Home at one moment. `cells`: what changes while one looks, as it is shown, by the name of its place."""

    overview: Overview
    cards: list[Card]
    cells: dict[str, str]


class Board:
    """Reads what Home shows. The streams and what is to be done are of this moment, large counts a few seconds old."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._open = OpenQuestions()
        self._totals = KeptBehind(KEEP_SECONDS, self._count)
        self._waiting = Kept(KEEP_SECONDS, self._wait)
        self._overdue = Kept(KEEP_OVERDUE_SECONDS, self._late)

    def look(self) -> Seen:
        with self._site.store.read() as db:
            found = overview(db, self._site.settings, NEEDS_ATTENTION, self._open(db) or 0)
            alerts = _firing(db)
        cards = self._cards(found, alerts)
        return Seen(found, cards, _cells(found, cards))

    def _cards(self, found: Overview, alerts: list[dict[str, Any]]) -> list[Card]:
        (known, seconds), waiting = self._totals(), self._waiting()
        counted = f"counted {words.span(timedelta(seconds=seconds))} ago" if seconds >= OLD_SECONDS else ""
        late = self._overdue() if waiting.number else 0
        age = f"oldest for {words.span(self._site.now() - waiting.since)}" if waiting.since else ""
        return [
            Card("contacts", known.contacts, "contacts", "/contacts", more=counted),
            Card("records", known.records, "records of people", more=counted),
            Card("review", found.to_review, "to review", REVIEW if any(path == REVIEW for path, *_ in PAGES) else ""),
            Card("quarantined", found.quarantined, "quarantined", "/quarantine", bool(found.quarantined)),
            Card("optouts", waiting.number, _plural(waiting.number, "opt-out", "waiting"), "/outgoing", more=age),
            Card("overdue", late, "overdue", "/outgoing", bool(late)),
            Card(
                "alerts", len(alerts), _plural(len(alerts), "alert", "firing"), warn=bool(alerts), more=_named(alerts)
            ),
        ]

    def _count(self) -> Totals:
        with self._site.store.read() as db:
            return totals(db)

    def _wait(self) -> Waiting:
        with self._site.store.read() as db:
            found = [at for times in optouts_waiting(db).values() for at in times]
        return Waiting(len(found), min(found, default=None))

    def _late(self) -> int:
        with self._site.store.read() as db:
            return len(overdue(db, self._site.settings, self._site.now()))


def _plural(number: int, one: str, then: str) -> str:
    return f"{one if number == 1 else one + 's'} {then}"


def _named(alerts: list[dict[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(alert["rule"].replace("_", " ") for alert in alerts))


def _firing(db: Connection) -> list[dict[str, Any]]:
    query = select(alert_states).where(alert_states.c.state == FIRING).order_by(alert_states.c.since)
    return [dict(row) for row in db.execute(query).mappings()]


def _cells(found: Overview, cards: list[Card]) -> dict[str, str]:
    cells = {f"card.{one.name}": words.number(one.number) for one in cards}
    for stream in found.streams:
        last = stream.last
        if last is None:
            continue
        place = f"{stream.connection}.{stream.stream}"
        cells |= {f"{place}.{name}": words.number(last[name]) for name in asdict(Buckets()) if name != "remarks"}
        cells[f"turn.{place}"] = f"{last['id']} {last['status']}"
    return cells
