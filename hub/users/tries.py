"""How soon a name, or an address of the network, may try a password again: later with each failure, never for ever.

A try is counted before its password is looked at, so that a hundred at the same moment are no way around.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import Connection, delete, select, update

from hub.store.operating.access import SignInFailure
from hub.store.sql import insert_new, table

failures = table(SignInFailure)

FORGOTTEN = timedelta(days=1)
FIRST_WAIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Patience:
    """So many failures cost nothing; then the wait doubles with each, up to `longest`."""

    free: int
    longest: timedelta

    def wait(self, count: int) -> timedelta:
        over = count - self.free
        return min(self.longest, FIRST_WAIT * 2 ** min(over, 20)) if over >= 0 else timedelta(0)


NAME = Patience(free=5, longest=timedelta(minutes=5))
ADDRESS = Patience(free=20, longest=timedelta(minutes=1))
"""Many people may come from one address, and a proxy is one for all of them."""


def begin_try(db: Connection, name: str, address: str, now: datetime) -> timedelta | None:
    """Count a try to sign in; None when its password may be looked at, else how long to wait first."""
    db.execute(delete(failures).where(failures.c.next_try_at <= now - FORGOTTEN))
    keys = {_name_key(name): NAME, _address_key(address): ADDRESS}
    rows = _locked(db, sorted(keys), now)
    waits = [at - now for _, at in rows.values() if at > now]
    if waits:
        return max(waits)
    for key, (count, _) in rows.items():
        next_try = now + keys[key].wait(count + 1)
        db.execute(update(failures).where(failures.c.who == key).values(failures=count + 1, next_try_at=next_try))
    return None


def forgive(db: Connection, name: str, address: str, now: datetime) -> None:
    """The password was right: the name begins anew, and for the address it is as if it had not tried.

    The address does not begin anew, or a sign-in with an account of one's own would buy free guesses at others.
    """
    db.execute(delete(failures).where(failures.c.who == _name_key(name)))
    as_before = {"failures": failures.c.failures - 1, "next_try_at": now}
    db.execute(
        update(failures).where(failures.c.who == _address_key(address), failures.c.failures > 0).values(as_before)
    )


def _locked(db: Connection, keys: list[str], now: datetime) -> dict[str, tuple[int, datetime]]:
    """Failures and the next try of each key; whoever comes with one of them at the same moment waits here."""
    insert_new(db, failures, [{"who": key, "failures": 0, "next_try_at": now} for key in keys])
    query = select(failures).where(failures.c.who.in_(keys)).order_by(failures.c.who).with_for_update()
    return {row.who: (row.failures, row.next_try_at) for row in db.execute(query)}


def _name_key(name: str) -> str:
    """Hashed: what stands in the field for the name may be a password."""
    return "name:" + hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()


def _address_key(address: str) -> str:
    """Hashed too; of IPv6 the network, as each customer has billions of addresses in one."""
    try:
        known = ip_address(address)
    except ValueError:
        network = address
    else:
        network = known.exploded[:19] if isinstance(known, IPv6Address) else str(known)
    return "address:" + hashlib.sha256(network.encode("utf-8", "backslashreplace")).hexdigest()
