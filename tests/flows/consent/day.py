"""One day in the town whose clocks stand still, so that all runs of it can be compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from hub.queries.digest import dump, hash_of
from hub.stages.land import landed
from hub.stages.reading import members
from hub.store.engine import open_store
from hub.store.tables import DERIVED, FACTS
from tests.flows.consent.life import DAWN, ticking
from tests.flows.consent.town import LIST, Town, hub_of, open_town
from tests.flows.terminal import ROOT

PROGRAM = """
import sys
from datetime import datetime
import time_machine
from hub.cli.commands import app
with time_machine.travel(datetime.fromisoformat(sys.argv.pop(1)), tick=True):
    app()
"""
"""`hub` as a process whose clock starts where the vendors' stand still, so that all runs see the same times."""

MINUTE = timedelta(minutes=1)

BY_ARRIVAL = "field_provenance"


@dataclass(frozen=True)
class State:
    """What is left in the end: the database's digest, and by vendor every change of consent that it has seen.

    The digest is without what was landed, for a push after a kill reads once more: instead `shown` has what every
    record shows in the end. `people` is the digest for runs that landed in another order: each contact is named by one
    of its records, and nothing is said of what goes by which of them arrived first.
    """

    digest: dict[str, str]
    people: dict[str, str]
    shown: dict[tuple[str, str, str], str]
    changes: dict[str, list[tuple[str, str, str, str]]]
    tags: dict[str, set[tuple[str, str]]]


@contextmanager
def a_day(root: Path) -> Iterator[Town]:
    """A town whose clocks stand still, with a no at each vendor and a yes at one."""
    with open_town(root, now=lambda: DAWN) as town:
        town.neighbours(8)
        bob, charlie, dora, emil = (
            town.welcome(name, number) for number, name in enumerate(("Bob", "Charlie", "Dora", "Emil"), 157)
        )
        alice = town.welcome("Alice", 156)
        with town.at(-timedelta(days=20)):
            town.newsletter.fill_form(LIST, charlie.email)
            town.newsletter.fill_form(LIST, bob.email)
        with town.at(-timedelta(days=2)):
            town.newsletter.click_unsubscribe(LIST, charlie.email)
            town.shop.unsubscribe(bob.customer, "email")
            town.shop.unsubscribe(bob.customer, "sms")
            town.texts.text(dora.phone, "STOP")
            town.help.agent_sets(emil.user, "sms", "withdrawn")
            for customer in (alice.customer, dora.customer, emil.customer):
                town.shop.place_order(customer)
                town.shop.place_order(customer)
        yield town


def pull(town: Town, url: str) -> None:
    with ticking(DAWN):
        hub_of(town.root, url).here("sync", "--no-push")


def start_at(after: timedelta, town: Town, url: str, *words: str, **environment: str) -> subprocess.Popen[str]:
    """`hub` with these words as a process, so long after dawn."""
    hub = hub_of(town.root, url)
    paths = os.pathsep.join(path for path in (str(ROOT), os.environ.get("PYTHONPATH")) if path)
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, (DAWN + after).isoformat(), "-c", str(hub.config), *words],
        env={**os.environ, "PYTHONPATH": paths, **hub.environment, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def finished(
    town: Town, url: str, commands: Sequence[str] = ("push", "sync", "sync"), after: timedelta = MINUTE
) -> State:
    """What is left when these have been run, a minute one after the other; then nothing is left to be sent."""
    hub = hub_of(town.root, url)
    for command in commands:
        after += MINUTE
        with ticking(DAWN + after):
            hub.here(command)
    with ticking(DAWN + after):
        assert hub.here("plan", "--json").document["operations"] == []
    store = open_store(url)
    try:
        with store.read() as db:
            rows = {name: list(told) for name, told in dump(db, (*FACTS, *DERIVED)) if name != "landed_version"}
            query = select(landed.c.connection, landed.c.stream, landed.c.external_id, landed.c.body)
            shown = {(row[0], row[1], row[2]): row[3] for row in db.execute(query)}
            named = _names(db)
    finally:
        store.close()
    found = {name: hash_of(told) for name, told in rows.items()}
    people = {name: hash_of(_renamed(row, named) for row in told) for name, told in rows.items() if name != BY_ARRIVAL}
    changes = {name: sorted(town.changed(name)) for name in town.simulators}
    tags = {name: {told[:2] for told in town.tags(name)} for name in town.simulators}
    return State(found, people, shown, changes, tags)


def _names(db: Connection) -> dict[bytes, bytes]:
    """For each record's birth id, of which one is its contact's id: the first of its contact's records, by key."""
    home = select(landed.c.birth_id, members.c.contact_id, landed.c.connection, landed.c.stream, landed.c.external_id)
    rows = db.execute(home.join(members, members.c.record_id == landed.c.id)).all()
    first: dict[str, str] = {}
    for row in rows:
        key = ":".join(row[2:])
        first[row.contact_id] = min(first.get(row.contact_id, key), key)
    return {row.birth_id.encode(): first[row.contact_id].encode() for row in rows}


def _renamed(row: bytes, named: dict[bytes, bytes]) -> bytes:
    row = re.sub(rb'"component":"[^"]+",', b"", row)
    return re.sub(rb'(?<=")[^"]+(?=")', lambda found: named.get(found[0], found[0]), row)
