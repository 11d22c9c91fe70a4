"""The consent stage: resolves every marked address anew and finds where destinations say something else of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, tuple_

from hub.consent.events import Event, Key
from hub.consent.policy import Reach
from hub.consent.resolution import State, resolve
from hub.settings.settings import Settings
from hub.stages import notes
from hub.stages.gaps import find_gaps
from hub.stages.holdings import holdings, mark_segments
from hub.stages.ledger import Line, consent_marks, events, mark, of_addresses
from hub.stages.relatives import Relatives, contacts_holding, relatives_of
from hub.store.derived.consent import ConsentState
from hub.store.engine import Store
from hub.store.sql import chunks, table

states = table(ConsentState)

CHUNK = 200
"""Addresses in one transaction: an opt-out that comes in meanwhile must not wait long."""

States = dict[tuple[str, str], State]
"""By purpose and brand."""


def consent_all(store: Store, settings: Settings) -> int:
    """Work off the marks and what time alone has changed. Returns how many addresses were looked at."""
    store.write(lambda db: _mark_all_if_changed(db, settings))
    store.write(_mark_due)
    done = 0
    while count := store.write(lambda db: _consent_some(db, settings)):
        done += count
    return done


def _mark_all_if_changed(db: Connection, settings: Settings) -> None:
    """Another policy, or other destinations, may change every answer."""
    fingerprint = fingerprint_of(settings)
    if notes.get(db, "consent_policy") == fingerprint:
        return
    for source in (events, holdings):
        found = db.execute(select(source.c.channel, source.c.address).where(source.c.address != "").distinct())
        for some in chunks(((row.channel, row.address) for row in found), 5_000):
            mark(db, some)
    notes.put(db, "consent_policy", fingerprint)


def fingerprint_of(settings: Settings) -> str:
    """Changes with everything in the configuration that an answer depends on."""
    wired = [
        (one.name, one.push.mode, one.push.consent, _plain(one.narrowed), _plain(one.capabilities))
        for one in settings.connections.values()
    ]
    return sha256(repr((_plain(settings.consent), wired)).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """The value in one order, whatever the hash seed of the process."""
    if is_dataclass(value):
        return [(field.name, _plain(getattr(value, field.name))) for field in fields(value)]
    if isinstance(value, Mapping):
        return sorted((str(key), _plain(one)) for key, one in value.items())
    if isinstance(value, set | frozenset | tuple | list):
        found = [_plain(one) for one in value]
        return sorted(found, key=repr) if isinstance(value, set | frozenset) else found
    return repr(value)


def _mark_due(db: Connection) -> None:
    due = select(states.c.channel, states.c.address).where(states.c.recheck_at <= datetime.now(UTC)).distinct()
    mark(db, ((row.channel, row.address) for row in db.execute(due)))


def _consent_some(db: Connection, settings: Settings) -> int:
    query = select(consent_marks).order_by(consent_marks.c.channel, consent_marks.c.address).limit(CHUNK)
    waiting = db.execute(query.with_for_update()).all()
    if waiting:
        look_at(db, settings, [(row.channel, row.address) for row in waiting])
    return len(waiting)


def look_at(db: Connection, settings: Settings, lines: Sequence[Line]) -> dict[Line, States]:
    """Resolve these addresses now, keep the answers and the gaps, and take their marks away."""
    now = datetime.now(UTC)
    found = resolved(db, settings, lines, now)
    changed = _keep(db, found, _known(db, lines))
    find_gaps(db, settings, found)
    _mark_contacts(db, changed)
    for some in chunks(lines, CHUNK):
        db.execute(delete(consent_marks).where(tuple_(consent_marks.c.channel, consent_marks.c.address).in_(some)))
    return found


def resolved(db: Connection, settings: Settings, lines: Sequence[Line], now: datetime) -> dict[Line, States]:
    """What the evidence says of these addresses, for each purpose and brand that the policy knows."""
    evidence = of_addresses(db, lines)
    relatives = relatives_of(db, lines)
    reaches = {Reach(), *settings.consent.lists.values()}
    return {line: _states_of(line, evidence[line], relatives.get(line), reaches, settings, now) for line in evidence}


def _states_of(
    line: Line,
    own: list[Event],
    relatives: Relatives | None,
    reaches: Iterable[Reach],
    settings: Settings,
    now: datetime,
) -> States:
    known = own + list(relatives.events) if relatives else own
    severe = relatives.severe if relatives else ()
    return {
        (reach.purpose, reach.brand): resolve(
            known, Key(*line, reach.purpose, reach.brand), settings.consent, now, severe
        )
        for reach in reaches
    }


def _known(db: Connection, lines: Sequence[Line]) -> set[Line]:
    """Those of the addresses that a record holds or that anything was ever told of."""
    found: set[Line] = set()
    for source in (events, holdings):
        for some in chunks(lines, CHUNK):
            inside = tuple_(source.c.channel, source.c.address).in_(some)
            query = select(source.c.channel, source.c.address).where(inside).distinct()
            found.update((row.channel, row.address) for row in db.execute(query))
    return found


def _keep(db: Connection, found: Mapping[Line, States], known: set[Line]) -> set[Line]:
    """Replace the stored states, none for an address that is not known; the addresses whose answer is another now."""
    changed: set[Line] = set()
    for some in chunks(found, CHUNK):
        inside = tuple_(states.c.channel, states.c.address).in_(some)
        before = {
            (row["channel"], row["address"], row["purpose"], row["brand"]): dict(row)
            for row in db.execute(select(states).where(inside)).mappings()
        }
        rows = [_row(line, reach, state) for line in some if line in known for reach, state in found[line].items()]
        new = {(row["channel"], row["address"], row["purpose"], row["brand"]): row for row in rows}
        if new == before:
            continue
        changed.update(key[:2] for key in new.keys() | before.keys() if new.get(key) != before.get(key))
        db.execute(delete(states).where(inside))
        if rows:
            db.execute(insert(states), rows)
    return changed


def _row(line: Line, reach: tuple[str, str], state: State) -> dict[str, Any]:
    said = asdict(state)
    return {
        "channel": line[0],
        "address": line[1],
        "purpose": reach[0],
        "brand": reach[1],
        **said,
        "decided_by": sorted(state.decided_by),
        "scopes": sorted(state.scopes),
        "locks": sorted(state.locks),
        "stops": sorted(state.stops),
    }


def state_of(row: Mapping[str, Any] | RowMapping) -> State:
    """A stored state as the gate and the pages read it."""
    return State(
        recorded=row["recorded"],
        may_send=row["may_send"],
        reason=row["reason"],
        at=row["at"],
        decided_by=tuple(row["decided_by"]),
        scopes=frozenset(row["scopes"]),
        locks=frozenset(row["locks"]),
        stops=tuple(row["stops"]),
        review=row["review"],
        recheck_at=row["recheck_at"],
    )


def states_of(db: Connection, lines: Iterable[Line]) -> dict[Line, States]:
    """The stored states of these addresses; none for an address nobody has ever told anything about."""
    found: dict[Line, States] = {}
    for some in chunks(lines, CHUNK):
        query = select(states).where(tuple_(states.c.channel, states.c.address).in_(some))
        for row in db.execute(query).mappings():
            line = (row["channel"], row["address"])
            found.setdefault(line, {})[row["purpose"], row["brand"]] = state_of(row)
    return found


def _mark_contacts(db: Connection, lines: Iterable[Line]) -> None:
    for some in chunks(sorted(lines), CHUNK):
        mark_segments(db, contacts_holding(db, some))


def waiting(db: Connection) -> int:
    """How many addresses wait for this stage."""
    return db.execute(select(func.count()).select_from(consent_marks)).scalar_one()
