"""Files tell who people are and nothing of consent; what they say at the desk reaches all their addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hub.decide import merge, split
from hub.queries.consent import consent_of
from hub.queries.digest import digest
from hub.queries.find import find
from hub.record import Statement, grant, lift, object_
from hub.stages.consent import states_of
from hub.stages.ledger import Line
from hub.stages.order import derive, rebuild
from tests.hub.admin import estate as estates
from tests.hub.admin.estate import Estate
from tests.hub.world import record_id

ALICE, BOB = ("email", "alice@example.com"), ("email", "bob@example.com")
HOME, SHARED = ("email", "alise@example.net"), ("sms", "+61412345678")
"""An address that only the loyalty file knows; and the phone that Alice and Bob share."""

LOYALTY = ({**estates.LOYALTY[0], "email": [ALICE[1], HOME[1]]},)
YES = Statement("Olive", at=datetime(2026, 5, 1, tzinfo=UTC), method="form", evidence="paper")
LETTER = Statement("Olive", reason="a letter")


@pytest.fixture
def hub(tmp_path: Path, database_url: str) -> Iterator[Estate]:
    """Alice, Bob and Charlie; each address but Charlie's has a yes that was recorded by hand."""
    with estates.estate(tmp_path, database_url) as made:
        made.put(estates.DESK, LOYALTY, estates.ORDERS)
        for line in (ALICE, BOB, HOME, SHARED):
            made.store.write(partial(grant, line=line, said=YES))
        derive(made.store, made.settings)
        assert told(made) == {ALICE: "granted", BOB: "granted", HOME: "granted", SHARED: "granted"}
        yield made


def told(hub: Estate) -> dict[Line, str]:
    """Why each of the addresses may be sent to or not: as it is stored, which is what is found out now."""
    found = {}
    with hub.store.read() as db:
        stored = states_of(db, [ALICE, BOB, HOME, SHARED])
        for line, states in stored.items():
            (state,) = states.values()
            now = next(one for one in consent_of(db, hub.settings, line[1])["entries"] if one["channel"] == line[0])
            assert (now["reason"], now["may_send"]) == (state.reason, state.may_send)
            found[line] = state.reason
    return found


def contact_of(hub: Estate, address: str) -> str:
    with hub.store.read() as db:
        return find(db, address, "AU").contact_id


def objects(hub: Estate, address: str) -> str:
    (number,) = hub.store.write(lambda db: object_(db, contact_of(hub, address), LETTER))
    derive(hub.store, hub.settings)
    return number


def decide(hub: Estate, decision: Any) -> None:
    hub.store.write(decision)
    derive(hub.store, hub.settings)


def comes_out_again(hub: Estate) -> bool:
    before = _derived(hub)
    rebuild(hub.store, hub.settings)
    return _derived(hub) == before


def _derived(hub: Estate) -> dict[str, str]:
    with hub.store.read() as db:
        return digest(db)["derived"]


def test_alices_objection_reaches_the_address_that_only_a_loyalty_file_knows(hub: Estate) -> None:
    assert contact_of(hub, ALICE[1]) == contact_of(hub, HOME[1]) != contact_of(hub, BOB[1])
    number = objects(hub, ALICE[1])
    reached = {ALICE: "objection", BOB: "granted", HOME: "objection", SHARED: "objection"}
    assert told(hub) == reached
    assert comes_out_again(hub)
    assert told(hub) == reached
    hub.store.write(lambda db: lift(db, [HOME], number, LETTER, named=True))
    derive(hub.store, hub.settings)
    assert set(told(hub).values()) == {"granted"}
    assert comes_out_again(hub)


def test_a_merge_brings_bobs_address_in_and_a_split_takes_it_out_again(hub: Estate) -> None:
    objects(hub, HOME[1])
    alice, bob = contact_of(hub, ALICE[1]), contact_of(hub, BOB[1])
    decide(hub, lambda db: merge(db, alice, bob, "Olive", "one person"))
    assert set(told(hub).values()) == {"objection"}
    assert comes_out_again(hub)
    decide(hub, lambda db: split(db, [record_id(hub.store, "D2")], "Olive", "two after all"))
    assert told(hub) == {ALICE: "objection", BOB: "granted", HOME: "objection", SHARED: "objection"}
    assert comes_out_again(hub)


def test_an_address_that_a_file_gives_to_another_person_goes_with_it(hub: Estate) -> None:
    objects(hub, ALICE[1])
    hub.put(({**estates.DESK[0]}, {**estates.DESK[1], "email": [BOB[1], HOME[1]]}, estates.DESK[2]), estates.LOYALTY)
    assert contact_of(hub, HOME[1]) == contact_of(hub, BOB[1])
    assert told(hub)[HOME] == "granted"
    assert comes_out_again(hub)
    hub.put(estates.DESK, LOYALTY)
    assert told(hub)[HOME] == "objection"
    assert comes_out_again(hub)
