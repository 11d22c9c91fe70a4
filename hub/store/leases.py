"""Leases: the right to do one named thing, held by a token until a deadline in database time.

A holder that lost its lease learns it at its next checkpoint and must stop at once. A holder that died on this
machine is noticed immediately, on another machine when its lease runs out.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.engine import Row

from hub.store.clock import database_now
from hub.store.engine import ticket
from hub.store.operating.leases import Lease
from hub.store.sql import insert_new, table

leases = table(Lease)

TERM = timedelta(seconds=60)
RENEW_AFTER = timedelta(seconds=5)

RUN_TERM = timedelta(seconds=45)
"""Of a run's lease, which a thread renews: with the sweep every 10 s a lost host is noticed within a minute."""

_OURS = (
    select(leases.c.until)
    .where(leases.c.name == bindparam("lease"), leases.c.token == bindparam("token"))
    .with_for_update()
)


class LeaseLost(Exception):
    """Somebody else holds the lease now: stop without writing anything more."""


class AlreadyRunning(Exception):
    """Somebody else holds the lease and is alive."""

    exit_code = 73


@dataclass(frozen=True, slots=True)
class Held:
    """A lease we hold. `dead_run` is the run of a holder that died and left it to us."""

    name: str
    token: str
    dead_run: int | None = None
    term: timedelta = TERM


def take(db: Connection, name: str, run_id: int | None = None, term: timedelta = TERM) -> Held:
    """Take the lease or raise AlreadyRunning; the lease of a dead or expired holder passes over.

    A write that is tried again, because its answer was lost, finds the lease its own.
    """
    now = database_now(db)
    token = ticket()
    row = {"name": name, "token": token, "holder": me(), "run_id": run_id, "until": now + term, "renewed_at": now}
    found = None
    while found is None:  # a holder may give it back between the two statements
        insert_new(db, leases, [row])
        found = db.execute(select(leases).where(leases.c.name == name).with_for_update()).first()
    if found.token == token:
        return Held(name, token, None if found.run_id == run_id else found.run_id, term)
    if is_alive(found, now):
        raise AlreadyRunning(_still_running(found, (now - found.renewed_at).total_seconds()))
    db.execute(update(leases).where(leases.c.name == name).values(**row))
    return Held(name, token, found.run_id, term)


def renew(db: Connection, held: Held) -> None:
    """Make sure of the lease inside the checkpoint's own transaction, and prolong it when some of its term is over.

    Raises LeaseLost, which rolls the transaction back.
    """
    found, now = db.execute(_OURS, {"lease": held.name, "token": held.token}).first(), database_now(db)
    if found is None:
        raise LeaseLost(f"another worker took over {held.name}")
    if now + held.term - found.until > RENEW_AFTER:
        db.execute(update(leases).where(leases.c.name == held.name).values(until=now + held.term, renewed_at=now))


def give_back(db: Connection, held: Held) -> None:
    db.execute(delete(leases).where(leases.c.name == held.name, leases.c.token == held.token))


def is_alive(lease: Row[Any], now: datetime) -> bool:
    """Whether the holder may go on. `now` is the database's."""
    return bool(lease.until > now) and not _is_dead(lease.holder)


def held_by_anybody(db: Connection, name: str) -> bool:
    """Whether somebody holds this lease and is alive."""
    found = db.execute(select(leases).where(leases.c.name == name)).first()
    return found is not None and is_alive(found, database_now(db))


def stale(db: Connection) -> list[Row[Any]]:
    """The leases whose holder died or is late: whole rows."""
    now = database_now(db)
    return [row for row in db.execute(select(leases).order_by(leases.c.name)) if not is_alive(row, now)]


def runs_alive(db: Connection) -> set[int]:
    """The runs that somebody holds a lease for and is alive."""
    now = database_now(db)
    held = db.execute(select(leases).where(leases.c.run_id.is_not(None)))
    return {row.run_id for row in held if is_alive(row, now)}


def take_away(db: Connection, run_id: int) -> bool:
    """End the lease of a run whose holder died or is late, who then writes nothing more; False when it is alive."""
    held = db.execute(select(leases).where(leases.c.run_id == run_id).with_for_update()).all()
    now = database_now(db)
    if any(is_alive(row, now) for row in held):
        return False
    db.execute(delete(leases).where(leases.c.run_id == run_id))
    return True


def me() -> str:
    """This process as host:pid:start, unmistakable even when the process number is used again."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def _is_dead(holder: str) -> bool:
    host, pid, started = holder.rsplit(":", 2)
    return host == socket.gethostname() and _started(int(pid)) != started


def _started(pid: int) -> str:
    """When the process started, in the kernel's own ticks; '' when there is none; 'alive' where it cannot be told."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return _started_without_proc(pid)
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


def _started_without_proc(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "" if Path("/proc/self").exists() else "alive"


def _still_running(found: Row[Any], seconds: float) -> str:
    run = f"run {found.run_id}, " if found.run_id else ""
    return f"already running: {found.name} ({run}{in_words(found.holder)}, heartbeat {seconds:.0f} s ago)"


def in_words(holder: str) -> str:
    """A holder as a person would name it."""
    host, pid, _ = holder.rsplit(":", 2)
    return f"{host} process {pid}"
