"""Tasks for people: what the rules of hub.yaml make of marked contacts, each occasion once, with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from hub.settings.automations import TaskRule
from hub.settings.settings import Settings
from hub.stages import notes
from hub.stages.facts import Facts
from hub.stages.holdings import members, people
from hub.stages.land import landed
from hub.stages.map import HAS_OWNER, related
from hub.stages.notices import DESK, HOOK, TASK, News, queue
from hub.stages.telling import Stays

CLOSED = frozenset({"solved", "closed"})

MARK = "task:"
"""Before a rule's name where segments have theirs: no segment's name has a colon."""

_NOTE = "task "


def fingerprint(settings: Settings) -> list[tuple[str, str]]:
    """Changes with every occasion: then all contacts are looked at, for dates that are still to come."""
    return sorted((name, repr(task.when)) for name, task in settings.hub.tasks.items())


def begin_rules(db: Connection, settings: Settings, now: datetime) -> None:
    """Remember since when each rule has been there: what had happened before is no occasion."""
    for name, when in fingerprint(settings):
        known = notes.get(db, _NOTE + name)
        if known is None or known.partition(" ")[2] != when:
            notes.put(db, _NOTE + name, f"{now.isoformat()} {when}")


def make_tasks(
    db: Connection, settings: Settings, facts: Mapping[str, Facts], entered: Stays, now: datetime
) -> list[dict[str, Any]]:
    """Queue the tasks of these contacts; the rows that have a contact looked at again when a date comes."""
    rechecks: list[dict[str, Any]] = []
    for name, task in settings.hub.tasks.items():
        since = _since(db, name, now)
        when = task.when
        if when.segment is not None:
            news = list(_of_stays(settings, name, task, entered, now))
        elif when.ticket_closed is not None:
            news = list(_of_tickets(db, name, task, sorted(facts), since, now))
        else:
            news, later = _of_dates(name, task, facts, since, now)
            rechecks += later
        target = DESK + task.desk if task.desk is not None else f"{HOOK}{task.subscriber}"
        queue(db, target, news)
    return rechecks


def _since(db: Connection, name: str, now: datetime) -> datetime:
    known = notes.get(db, _NOTE + name)
    return datetime.fromisoformat(known.partition(" ")[0]) if known else now


def _of_stays(settings: Settings, name: str, task: TaskRule, entered: Stays, now: datetime) -> Iterable[News]:
    for segment, contact_id, number in entered:
        if segment == task.when.segment:
            title = settings.segments[segment].title
            reason = f"The contact has entered the segment {segment} ({title})."
            yield _news(name, task, (contact_id, str(number)), contact_id, {"segment": segment}, reason, now)


def _of_dates(
    name: str, task: TaskRule, facts: Mapping[str, Facts], since: datetime, now: datetime
) -> tuple[list[News], list[dict[str, Any]]]:
    """The dates that have come since the rule is there, and those that will."""
    news, later = [], []
    field = str(task.when.date)
    for contact_id, known in sorted(facts.items()):
        date = known.get(field)
        due = _plus(date, task.when.after)
        if date is None or due is None or due <= since:
            continue
        if due > now:
            later.append({"segment": MARK + name, "contact_id": contact_id, "inside": False, "recheck_at": due})
            continue
        days = task.when.after.days
        reason = f"{days} days have passed since {field}, {date:%Y-%m-%d}." if days else f"{field}: {date:%Y-%m-%d}."
        occasion = {"date": field, "value": date.isoformat()}
        news.append(_news(name, task, (contact_id, date.isoformat()), contact_id, occasion, reason, now))
    return news, later


def _plus(date: datetime | None, after: timedelta) -> datetime | None:
    try:
        return None if date is None else date + after
    except OverflowError:  # beyond the calendar: it never comes
        return None


def _of_tickets(
    db: Connection, name: str, task: TaskRule, ids: Sequence[str], since: datetime, now: datetime
) -> Iterable[News]:
    """A ticket makes a task once, whoever it belongs to by then: merging its contact is no new occasion."""
    connection = str(task.when.ticket_closed)
    query = (
        select(members.c.contact_id, related.c.fields, landed.c.external_id, landed.c.changed_at)
        .join(people, people.c.record_id == members.c.record_id)
        .join(related, HAS_OWNER)
        .join(landed, landed.c.id == related.c.record_id)
        .where(members.c.contact_id.in_(ids), related.c.kind == "ticket", landed.c.connection == connection)
        .order_by(landed.c.external_id)
    )
    for row in db.execute(query):
        changed_at = row.changed_at or now
        if row.fields.get("status") in CLOSED and changed_at >= since:
            reason = f"Ticket {row.external_id} of {connection} was closed."
            occasion = {"ticket": row.external_id, "connection": connection}
            yield _news(name, task, (connection, row.external_id), row.contact_id, occasion, reason, now)


def _news(
    name: str,
    task: TaskRule,
    parts: tuple[str, ...],
    contact_id: str,
    occasion: dict[str, Any],
    reason: str,
    now: datetime,
) -> News:
    data = {"rule": name, "title": task.title, "priority": task.priority, "occasion": occasion, "reason": reason}
    return News(TASK, (name, *parts), now, contact_id, data, name, reason)
