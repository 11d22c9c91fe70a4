"""After a lively month with four vendors: what is derived comes out the same again, without the ledger, anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, exists, select

from hub.decide import merge, undo
from hub.queries.find import find
from hub.stages.consent import states
from hub.stages.gaps import OPEN, gaps
from hub.stages.ledger import events
from hub.stages.order import derive, rebuild
from hub.stages.outbox import attempts
from hub.stages.sights import deliveries, sights
from tests.flows.consent.cast import Month, live_through
from tests.flows.consent.life import Life, alive

Lived = tuple[Life, Month]


@pytest.fixture
def lived(tmp_path: Path) -> Iterator[Lived]:
    with alive(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}") as life:
        yield life, live_through(life)


def _states(life: Life) -> list[dict[str, Any]]:
    return sorted(life.hub.rows(states), key=lambda row: (row["channel"], row["address"], row["purpose"], row["brand"]))


def test_a_rebuild_comes_to_the_same_consent_the_same_gaps_and_the_same_segments(lived: Lived) -> None:
    life, _ = lived
    before, known = life.hub.digest(), _states(life)
    rebuild(life.hub.store, life.hub.settings)
    assert life.hub.digest() == before
    assert _states(life) == known
    assert life.sync().plan.operations == ()


def test_a_pruned_ledger_leaves_every_state_as_it_is(lived: Lived) -> None:
    """pruned_ledger_same_state: what was an echo stays one, and no rebuild turns it into evidence."""
    life, month = lived
    known = _states(life)
    life.hub.store.write(lambda db: db.execute(delete(attempts)))
    life.hub.store.write(lambda db: db.execute(delete(deliveries)))
    rebuild(life.hub.store, life.hub.settings)
    assert _states(life) == known
    life.sync(full=True)
    assert {line for line in month.noes if life.hub.state(*line)["may_send"]} == set()
    assert {line for line in month.noes if life.town.sending_to(*line)} == set()


@pytest.mark.fault("W04")
def test_the_outbox_pruned_and_everything_rebuilt_gives_the_same_digest(lived: Lived) -> None:
    """What we once wrote is in the evidence: no echo of it becomes news, and nothing is planned anew.

    Where nothing can be read the newest change of each address is all that is known, and no pruning may take it.
    """
    life, month = lived
    life.sync()
    before, known, said, shown = life.hub.digest(), _states(life), life.hub.rows(events), life.hub.rows(sights)
    plan = life.hub.plan()
    assert life.hub.store.write(_prune_the_outbox) > 20
    rebuild(life.hub.store, life.hub.settings)
    after = life.hub.digest()
    assert {name for name in before["facts"] if after["facts"][name] != before["facts"][name]} == {"delivery"}
    assert after["derived"] == before["derived"]
    assert (_states(life), life.hub.rows(events), life.hub.rows(sights)) == (known, said, shown)
    assert (life.hub.plan().operations, life.hub.plan().withheld) == (plan.operations, plan.withheld)
    life.town.forget()
    life.sync(full=True)
    assert life.hub.rows(events) == said
    assert {name: told for name, told in life.town.writes().items() if told} == {}
    assert {line for line in month.noes if life.town.sending_to(*line)} == set()


def _prune_the_outbox(db: Connection) -> int:
    """All that is settled where consent can be read, and elsewhere what something newer has replaced."""
    newer = deliveries.alias("newer")
    same = (newer.c[name] == deliveries.c[name] for name in ("destination", "record", "address", "field"))
    replaced = exists().where(*same, newer.c.id > deliveries.c.id)
    settled = deliveries.c.status.not_in((*OPEN, "unknown")) & ((deliveries.c.record != "") | replaced)
    ids = db.execute(select(deliveries.c.id).where(settled)).scalars().all()
    db.execute(delete(attempts).where(attempts.c.delivery_id.in_(ids)))
    return db.execute(delete(deliveries).where(deliveries.c.id.in_(ids))).rowcount


def test_a_merge_and_its_undoing_leave_the_states_as_they_were_and_bring_nobody_back(lived: Lived) -> None:
    life, month = lived
    known = _states(life)
    store, settings = life.hub.store, life.hub.settings

    def together(db: Any) -> int:
        left, right = (find(db, month[name].email, None).contact_id for name in ("Alice", "Charlie"))
        return merge(db, left, right, "Olive", "the same person")

    number = store.write(together)
    derive(store, settings)
    assert not life.hub.state("email", month["Charlie"].email)["may_send"]
    life.sync()
    assert {line for line in month.noes if life.town.sending_to(*line)} == set()
    store.write(lambda db: undo(db, number, "Olive"))
    derive(store, settings)
    assert _states(life) == known
    life.sync()
    assert {line for line in month.noes if life.town.sending_to(*line)} == set()


def test_both_databases_come_to_the_same(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same month at the same times: facts and derived tables are equal, before and after a rebuild."""
    found = []
    for name, url in (("sqlite", f"sqlite:///{tmp_path / 'hub.db'}"), ("postgres", postgres_url)):
        numbers = Counter[str]()

        def in_turn(_size: int = 0, numbers: Counter[str] = numbers) -> str:
            numbers["given"] += 1
            return f"{numbers['given']:032x}"

        monkeypatch.setattr("secrets.token_hex", in_turn)  # the ids of what is recorded by hand
        with alive(tmp_path / name, url, tick=False) as life:
            live_through(life)
            before = life.hub.digest()
            rebuild(life.hub.store, life.hub.settings)
            assert life.hub.digest() == before
            found.append((before, _states(life), len(life.hub.rows(gaps))))
    assert found[0] == found[1]
