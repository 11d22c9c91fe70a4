"""The consent stage: resolves every marked address anew and finds where destinations say something else of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from hashlib import sha256
from operator import attrgetter
from typing import Any

from sqlalchemy import BigInteger, Connection, RowMapping, delete, func, literal, select, union

from hub.consent.events import Event, Key
from hub.consent.policy import Reach
from hub.consent.resolution import State, resolve
from hub.crashpoints import crashpoint
from hub.settings.settings import Settings
from hub.stages import notes
from hub.stages.collector import without_collector
from hub.stages.gaps import find_gaps
from hub.stages.holdings import holdings, mark_segments
from hub.stages.ledger import Line, consent_marks, events, mark, of_addresses
from hub.stages.pausing import Between, for_a_while, go_on
from hub.stages.relatives import Relatives, contacts_holding, relatives_of
from hub.stages.telling import begin_consent, tell_consent
from hub.store.derived.consent import ConsentState
from hub.store.engine import Store
from hub.store.sql import any_of, chunks, insert_all, table, upsert_found

states = table(ConsentState)

CHUNK = 500
"""Addresses at once: an opt-out that comes in meanwhile must not wait long."""

_FIELDS = tuple(field.name for field in fields(State))
_VALUES = attrgetter(*_FIELDS)

States = dict[tuple[str, str], State]
"""By purpose and brand."""

Telling = Callable[[Connection, Iterable[Line]], Mapping[Line, States]]
"""What gives the states of addresses, as `states_of` does."""


def consent_all(store: Store, settings: Settings, between: Between = go_on) -> int:
    """Work off the marks and what time alone has changed. Returns how many addresses were looked at."""
    store.write(lambda db: _mark_all_if_changed(db, settings))
    store.write(_mark_due)
    done = 0
    with without_collector() as collect:
        while count := store.write(lambda db: for_a_while(lambda: _consent_some(db, settings))):
            done += count
            collect()
            between()
    return done


def _mark_all_if_changed(db: Connection, settings: Settings) -> None:
    """Another policy, or other destinations, may change every answer."""
    begin_consent(db, settings, states)
    fingerprint = fingerprint_of(settings)
    if notes.get(db, "consent_policy") == fingerprint:
        return
    known = (select(one.c.channel, one.c.address).where(one.c.address != "") for one in (events, holdings))
    lines = union(*known).subquery()
    upsert_found(db, consent_marks, select(lines, literal(time.time_ns(), BigInteger).label("mark")))
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
    due = select(states.c.channel, states.c.address).where(states.c.recheck_at <= datetime.now(UTC))
    mark(db, ((row.channel, row.address) for row in db.execute(due)))


def _consent_some(db: Connection, settings: Settings) -> int:
    query = select(consent_marks).order_by(consent_marks.c.channel, consent_marks.c.address).limit(CHUNK)
    waiting = db.execute(query.with_for_update()).all()
    if waiting:
        _look_at_marked(db, settings, [(row.channel, row.address) for row in waiting])
        crashpoint("consent.resolved")
    return len(waiting)


def look_at(db: Connection, settings: Settings, lines: Sequence[Line]) -> dict[Line, States]:
    """Resolve these addresses now, keep the answers and the gaps, and take their marks away.

    The marks are locks: one transaction at a time looks at an address, and whoever has evidence of it waits. Else two
    would write the same gaps, and one that has read the evidence would take the mark of newer evidence away.
    """
    mark(db, lines)
    return _look_at_marked(db, settings, lines)


def _look_at_marked(db: Connection, settings: Settings, lines: Sequence[Line]) -> dict[Line, States]:
    now = datetime.now(UTC)
    evidence = of_addresses(db, lines)
    found = answers(db, settings, evidence, now)
    told = {line for line, own in evidence.items() if own}
    changed = _keep(db, settings, found, told | _held(db, [line for line in evidence if line not in told]), now)
    find_gaps(db, settings, found)
    _mark_contacts(db, changed)
    for some in chunks(lines, CHUNK):
        db.execute(delete(consent_marks).where(any_of((consent_marks.c.channel, consent_marks.c.address), some)))
    return found


def resolved(db: Connection, settings: Settings, lines: Sequence[Line], now: datetime) -> dict[Line, States]:
    """What the evidence says of these addresses, for each purpose and brand that the policy knows."""
    return answers(db, settings, of_addresses(db, lines), now)


def answers(
    db: Connection, settings: Settings, evidence: Mapping[Line, list[Event]], now: datetime
) -> dict[Line, States]:
    """The same of evidence that was read in this transaction: all there is, by address."""
    return states_from(evidence, relatives_of(db, evidence), settings, now)


def states_from(
    evidence: Mapping[Line, list[Event]], relatives: Mapping[Line, Relatives], settings: Settings, now: datetime
) -> dict[Line, States]:
    """The same from evidence that is at hand. Pure."""
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


def _held(db: Connection, lines: Sequence[Line]) -> set[Line]:
    """Those of the addresses that a record holds."""
    found: set[Line] = set()
    for some in chunks(lines, CHUNK):
        inside = any_of((holdings.c.channel, holdings.c.address), some)
        query = select(holdings.c.channel, holdings.c.address).where(inside).distinct()
        found.update((row.channel, row.address) for row in db.execute(query))
    return found


def _keep(
    db: Connection, settings: Settings, found: Mapping[Line, States], known: set[Line], now: datetime
) -> set[Line]:
    """Replace the stored states; the addresses whose answer is another now.

    `known`: those that a record holds or that anything was ever told of. Another one has no state.
    """
    changed: set[Line] = set()
    for some in chunks(found, CHUNK):
        inside = any_of((states.c.channel, states.c.address), some)
        before = {
            (row["channel"], row["address"], row["purpose"], row["brand"]): dict(row)
            for row in db.execute(select(states).where(inside)).mappings()
        }
        rows = [_row(line, reach, state) for line in some if line in known for reach, state in found[line].items()]
        new = {(row["channel"], row["address"], row["purpose"], row["brand"]): row for row in rows}
        if new == before:
            continue
        tell_consent(db, settings, some, new, now)
        changed.update(key[:2] for key in new.keys() | before.keys() if new.get(key) != before.get(key))
        if before:
            db.execute(delete(states).where(inside))
        insert_all(db, states, rows)
    return changed


def _row(line: Line, reach: tuple[str, str], state: State) -> dict[str, Any]:
    return {
        "channel": line[0],
        "address": line[1],
        "purpose": reach[0],
        "brand": reach[1],
        **dict(zip(_FIELDS, _VALUES(state), strict=True)),
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
        query = select(states).where(any_of((states.c.channel, states.c.address), some))
        for row in db.execute(query).mappings():
            line = (row["channel"], row["address"])
            found.setdefault(line, {})[row["purpose"], row["brand"]] = state_of(row)
    return found


def _mark_contacts(db: Connection, lines: Iterable[Line]) -> None:
    for some in chunks(sorted(lines), CHUNK):
        mark_segments(db, contacts_holding(db, some))


def anything_waits(db: Connection) -> bool:
    """Whether an address waits for this stage."""
    return db.execute(select(consent_marks.c.mark).limit(1)).first() is not None


def waiting(db: Connection) -> int:
    """How many addresses wait for this stage."""
    return db.execute(select(func.count()).select_from(consent_marks)).scalar_one()
