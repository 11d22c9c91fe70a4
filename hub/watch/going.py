"""The figures of what goes out: what waits at each destination, what became of the attempts, and the oldest opt-out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, exists, func, select

from hub.queries.outgoing import LANES
from hub.settings.settings import Settings
from hub.stages.gaps import gaps
from hub.stages.land import landed
from hub.stages.ledger import events
from hub.stages.outbox import attempts
from hub.stages.sights import deliveries
from hub.store.derived.consent import UNSETTLED

OPEN = ("queued", "sent", "unknown", "accepted")
UNANSWERED = "unanswered"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Going:
    """How one destination stands.

    `queued`: changes in the outbox that have no final answer, by lane. `optouts`: opt-outs that have not arrived and
    still can, `oldest_optout_at`: since when the oldest of them could have been sent. `attempts` by outcome, ever.
    """

    destination: str
    queued: Mapping[str, int] = field(default_factory=dict)
    optouts: int = 0
    oldest_optout_at: datetime | None = None
    attempts: Mapping[str, int] = field(default_factory=dict)
    dead: int = 0


def going(db: Connection, settings: Settings) -> list[Going]:
    """Every connection that takes anything back, by name."""
    names = [name for name, one in settings.connections.items() if one.connector.destination and one.push.mode != "off"]
    queued, tried, dead, optouts = _queued(db), _attempts(db), _dead(db), optouts_waiting(db)
    return [
        Going(
            destination=name,
            queued={lane: queued.get((name, number), 0) for number, lane in LANES.items()},
            optouts=len(optouts.get(name, ())),
            oldest_optout_at=min(optouts.get(name, ()), default=None),
            attempts=tried.get(name, {}),
            dead=dead.get(name, 0),
        )
        for name in names
    ]


def _queued(db: Connection) -> dict[tuple[str, int], int]:
    query = (
        select(deliveries.c.destination, deliveries.c.lane, func.count())
        .where(deliveries.c.status.in_(OPEN))
        .group_by(deliveries.c.destination, deliveries.c.lane)
    )
    return {(row[0], row[1]): row[2] for row in db.execute(query)}


def _attempts(db: Connection) -> dict[str, dict[str, int]]:
    query = (
        select(deliveries.c.destination, attempts.c.outcome, func.count())
        .join(deliveries, deliveries.c.id == attempts.c.delivery_id)
        .group_by(deliveries.c.destination, attempts.c.outcome)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for destination, outcome, number in db.execute(query):
        found[destination][outcome or UNANSWERED] = number
    return found


def _dead(db: Connection) -> dict[str, int]:
    """Changes that were given up; one that was queued anew since is no longer dead."""
    later = deliveries.alias("later")
    same = and_(*(later.c[name] == deliveries.c[name] for name in ("destination", "record", "address", "field")))
    query = (
        select(deliveries.c.destination, func.count())
        .where(deliveries.c.status == "dead", ~exists().where(same, later.c.id > deliveries.c.id))
        .group_by(deliveries.c.destination)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def optouts_waiting(db: Connection) -> dict[str, list[datetime]]:
    """Since when each opt-out that has not arrived could have been sent, by destination.

    That is when the hub learned of the no, or when the record first appeared there, if that was later.
    """
    # two queries, each along an index of its own: most differences are withheld for good and concern nobody here
    wanted = (gaps.c.wanted == "out") & (gaps.c.withheld == "")
    unsettled = and_(UNSETTLED, gaps.c.reason != "granted")
    same_record = and_(
        landed.c.connection == gaps.c.destination,
        landed.c.stream == gaps.c.stream,
        landed.c.external_id == gaps.c.record,
    )
    query = (
        select(gaps.c.destination, gaps.c.at, events.c.observed_at, landed.c.born)
        .outerjoin(events, events.c.id == gaps.c.decided_by)
        .outerjoin(landed, same_record)
    )
    found: dict[str, list[datetime]] = defaultdict(list)
    for row in (*db.execute(query.where(wanted)), *db.execute(query.where(unsettled))):
        known = [row.observed_at or row.at]
        if row.born is not None:
            known.append(EPOCH + timedelta(microseconds=row.born))
        if times := [at for at in known if at is not None]:
            found[row.destination].append(max(times))
    return found
