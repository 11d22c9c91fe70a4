"""The figures in Prometheus' text format, version 0.0.4. Labels are names from the configuration and fixed words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from hub.watch.coming import Coming
from hub.watch.figures import Figures
from hub.watch.going import Going
from hub.watch.room import Room

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[dict[str, str], float | None]


def exposition(found: Figures, room: Room | None) -> str:
    """The whole page. A value that is not known has no line."""
    return "".join(line for family in _families(found, room) for line in family)


def _families(found: Figures, room: Room | None) -> Iterator[Iterable[str]]:
    yield _family("hub_schema_version", "gauge", "The number of the database's schema.", [({}, _number(found.schema))])
    yield from _of_streams(found)
    yield from _of_destinations(found)
    waiting: list[Sample] = [({"stage": stage}, number) for stage, number in found.marks.items()]
    yield _family("hub_waiting", "gauge", "Records and addresses that wait for a stage.", waiting)
    yield _family("hub_contacts", "gauge", "Golden contacts.", [({}, found.contacts)])
    yield _family("hub_review_open", "gauge", "Questions that wait for a person.", [({}, found.review_open)])
    yield _family("hub_leases_held", "gauge", "Leases that are held now.", [({}, found.leases_held)])
    yield _family("hub_leases_lost_total", "counter", "Runs that lost their lease.", [({}, found.runs_lost)])
    seen = _age(found.now, found.worker_seen_at)
    yield _family("hub_worker_seen_seconds", "gauge", "Since a worker was seen.", [({}, seen)])
    frozen = float(found.frozen_since is not None)
    yield _family("hub_pushes_frozen", "gauge", "1 while a restored database may send nothing.", [({}, frozen)])
    firing: list[Sample] = [({"rule": rule}, number) for rule, number in sorted(found.firing.items())]
    yield _family("hub_alerts_firing", "gauge", "Alerts that stand.", firing)
    if room is not None:
        yield _family("hub_disk_free_bytes", "gauge", "Room where the SQLite file lies.", [({}, room.free)])
        yield _family("hub_disk_size_bytes", "gauge", "Size of that disk.", [({}, room.total)])


def _of_streams(found: Figures) -> Iterator[Iterable[str]]:
    named = [(_labels(one), one) for one in found.coming]
    lag: list[Sample] = [(labels, _age(found.now, one.newest_at)) for labels, one in named]
    yield _family("hub_stream_lag_seconds", "gauge", "Age of the newest change that has landed.", lag)
    fresh: list[Sample] = [(labels, _age(found.now, one.last_ok_at)) for labels, one in named]
    yield _family("hub_stream_ok_age_seconds", "gauge", "Age of the last good run.", fresh)
    late: list[Sample] = [(labels, _late(found, one)) for labels, one in named]
    yield _family("hub_stream_late_seconds", "gauge", "How long past its schedule; 0 when in time.", late)
    records: list[Sample] = [
        ({**labels, "bucket": bucket}, number) for labels, one in named for bucket, number in one.records.items()
    ]
    yield _family("hub_records_total", "counter", "Records fetched, by what became of them.", records)
    held: list[Sample] = [(labels, one.quarantine_open) for labels, one in named]
    yield _family("hub_quarantine_open", "gauge", "Records that are held back.", held)


def _of_destinations(found: Figures) -> Iterator[Iterable[str]]:
    queued: list[Sample] = [
        ({"destination": one.destination, "lane": lane}, number)
        for one in found.going
        for lane, number in one.queued.items()
    ]
    yield _family("hub_outbox_queued", "gauge", "Changes without a final answer, by lane.", queued)
    waiting: list[Sample] = [({"destination": one.destination}, one.optouts) for one in found.going]
    yield _family("hub_optouts_unsent", "gauge", "Opt-outs that have not arrived.", waiting)
    oldest: list[Sample] = [({"destination": one.destination}, _oldest(found, one)) for one in found.going]
    yield _family("hub_optout_oldest_seconds", "gauge", "Age of the oldest opt-out that has not arrived.", oldest)
    tried: list[Sample] = [
        ({"destination": one.destination, "outcome": outcome}, number)
        for one in found.going
        for outcome, number in sorted(one.attempts.items())
    ]
    yield _family("hub_attempts_total", "counter", "Writes to destinations, by outcome.", tried)
    dead: list[Sample] = [({"destination": one.destination}, one.dead) for one in found.going]
    dead += [({"destination": target}, number) for target, number in found.dead_notices.items()]
    yield _family("hub_dead_letters", "gauge", "Changes that were given up.", dead)


def _labels(one: Coming) -> dict[str, str]:
    return {"connection": one.connection, "stream": one.stream}


def _late(found: Figures, one: Coming) -> float | None:
    return None if one.due_at is None or one.paused else max(0.0, (found.now - one.due_at).total_seconds())


def _oldest(found: Figures, one: Going) -> float:
    return _age(found.now, one.oldest_optout_at) or 0.0


def _age(now: datetime, at: datetime | None) -> float | None:
    return None if at is None else max(0.0, (now - at).total_seconds())


def _number(schema: str) -> float | None:
    return float(schema) if schema.isdecimal() else None


def _family(name: str, kind: str, told: str, samples: Iterable[Sample]) -> list[str]:
    lines = [f"{name}{_in_braces(labels)} {value:.15g}\n" for labels, value in samples if value is not None]
    return [f"# HELP {name} {told}\n", f"# TYPE {name} {kind}\n", *lines] if lines else []


def _in_braces(labels: dict[str, str]) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
