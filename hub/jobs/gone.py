"""What becomes of records that are gone from their source: tombstones at once, or after a person says yes to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import RowMapping, update

from hub.audit import note
from hub.settings.settings import ConnectionStream, Settings
from hub.stages.order import derive, place_of
from hub.stages.passes import ABANDONED, CLEARING, DENIED, DONE, HELD, forget_seen, pass_of, set_pass
from hub.stages.place import Place, lease_of
from hub.stages.reconcile import Gone, clear_some, gone_in, some_gone
from hub.stages.runs import runs
from hub.store.engine import Store
from hub.store.leases import RUN_TERM, Held, give_back, renew, take

MOST_SHOWN = 50


class NothingWaits(Exception):
    """No deletion of this run waits for a person; the text says why."""


class GoneMoved(Exception):
    """What is gone is not what was shown; the text says what to do."""


def drift_of(found: Mapping[str, Any]) -> dict[str, int]:
    """{"changed", "missed", "gone"}: what the ordinary pulls had not told, by a pass."""
    return {name: found[name] for name in ("changed", "missed", "gone")}


def in_words(drift: Mapping[str, int]) -> str:
    if not any(drift.values()):
        return "no drift found"
    told = f"{drift['changed']} changed and {drift['missed']} new without a word, {drift['gone']} gone"
    return f"drift found: {told}"


def asking(run_id: int, gone: Gone) -> str:
    """Why nothing was deleted, and what to do."""
    told = f"{gone.number} of {gone.records} records were not listed any more: {gone.reason}. Nothing was deleted"
    return (
        f"{told}; hub runs {run_id} shows them, hub runs {run_id} --approve {gone.plan} deletes them, --deny does not"
    )


def clear(store: Store, place: Place, held: Held, run_id: int, asked_to_stop: Callable[[], bool]) -> bool:
    """Make the tombstones of a pass that may; False when it was asked to stop before the end. Raises LeaseLost."""

    def some(db: Any) -> int:
        renew(db, held)
        found = pass_of(db, run_id)
        number = clear_some(db, place, found, datetime.now(UTC)) if found is not None else 0
        if not number:
            set_pass(db, run_id, status=DONE)
        return number

    while store.write(some):
        if asked_to_stop():
            return False
    forget_seen(store)
    return True


def waiting_gone(store: Store, settings: Settings, run_id: int) -> dict[str, Any] | None:
    """{"plan", "gone", "records", "reason", "first"}: what waits for a person's yes; None where nothing does."""
    with store.read() as db:
        found = pass_of(db, run_id)
        stream = None if found is None else _stream_of(settings, found)
        if found is None or stream is None or found["status"] != HELD:
            return None
        place = place_of(settings, found["connection"], found["stream"])
        gone = gone_in(db, place, found, stream.reconcile.guard)
        first = some_gone(db, place, found, MOST_SHOWN)
    return {"plan": gone.plan, "gone": gone.number, "records": gone.records, "reason": gone.reason, "first": first}


def approve(store: Store, settings: Settings, run_id: int, plan: str, author: str) -> int:
    """Make tombstones of exactly what was shown, and derive what follows; how many. The audit has it with the yes.

    Raises NothingWaits, GoneMoved, and AlreadyRunning while the stream is read.
    """
    found, stream = _waiting(store, settings, run_id)
    place = place_of(settings, found["connection"], found["stream"])
    held = store.write(lambda db: take(db, lease_of(place), term=RUN_TERM))
    try:
        if found["status"] == HELD:
            number = _check(store, place, found, stream, plan)
            told = f"{author} said yes: {number} records are gone"
            yes = _Answer(author, "gone.approve", {"plan": plan})
            store.write(lambda db: _move(db, run_id, CLEARING, told, number, yes))
        clear(store, place, held, run_id, lambda: False)
    finally:
        store.write(lambda db: give_back(db, held))
    derive(store, settings)
    with store.read() as db:
        return int((pass_of(db, run_id) or found)["gone"])


def deny(store: Store, settings: Settings, run_id: int, author: str) -> None:
    """Nothing is deleted. The next reconciliation looks again. Raises NothingWaits."""
    _waiting(store, settings, run_id)
    told, no = f"{author} said no: nothing was deleted", _Answer(author, "gone.deny", {})
    store.write(lambda db: _move(db, run_id, DENIED, told, 0, no))
    forget_seen(store)


def _check(store: Store, place: Place, found: RowMapping, stream: ConnectionStream, plan: str) -> int:
    """How many records the plan names. Raises GoneMoved where it names others than those that are gone now."""
    with store.read() as db:
        gone = gone_in(db, place, found, stream.reconcile.guard)
    if gone.plan != plan:
        again = f"hub runs {found['run_id']} shows them, hub runs {found['run_id']} --approve {gone.plan} deletes them"
        raise GoneMoved(f"these are not the records that were shown as {plan}: now {gone.number} are gone; {again}")
    return gone.number


class _Answer(NamedTuple):
    """A person's, as the audit keeps it."""

    author: str
    action: str
    details: Mapping[str, str]


def _move(db: Any, run_id: int, status: str, told: str, gone: int, answer: _Answer) -> None:
    set_pass(db, run_id, status=status, gone=gone)
    note(db, datetime.now(UTC), answer.author, answer.action, f"run:{run_id}", answer.details)
    db.execute(update(runs).where(runs.c.id == run_id).values(message=told))


def _waiting(store: Store, settings: Settings, run_id: int) -> tuple[RowMapping, ConnectionStream]:
    with store.read() as db:
        found = pass_of(db, run_id)
    if found is None or found["status"] not in (HELD, CLEARING):
        later = "a later reconciliation has taken its place" if found and found["status"] == ABANDONED else "hub runs"
        raise NothingWaits(f"no deletion of run {run_id} waits for an answer: {later}")
    stream = _stream_of(settings, found)
    if stream is None:
        raise NothingWaits(f"{found['connection']}.{found['stream']} is not configured any more")
    return found, stream


def _stream_of(settings: Settings, found: RowMapping) -> ConnectionStream | None:
    connection = settings.connections.get(found["connection"])
    streams = connection.streams if connection else ()
    return next((one for one in streams if one.name == found["stream"]), None)
