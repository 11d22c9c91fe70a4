"""Consent on real tables: a no outlives bad data, merges, splits, rebuilds, re-created records and pruned ledgers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from connectors.kit.base import Record, Reject
from hub.decide import merge, split, undo
from hub.jobs.gone import approve, waiting_gone
from hub.jobs.inline import Runner
from hub.queries.digest import digest
from hub.record import Statement, lift, object_
from hub.stages.consent import consent_all
from hub.stages.ledger import events
from hub.stages.observe import rules_of, take_in
from hub.stages.order import derive
from hub.stages.place import Place
from hub.stages.pull import Wish
from hub.store.engine import Store
from tests.hub.stages.consent_world import (
    MESSAGES,
    anew,
    configured,
    contact_of,
    customer,
    hear,
    reason_of,
    shop,
    state_of,
)
from tests.hub.stages.small_worlds import Decide, decide, emptied
from tests.hub.world import Silent, contacts_of, gone, record_id, rows

ALICE, ALSO_ALICE, CHARLIE = "alice@example.com", "alice.adams@example.com", "charlie@example.com"
PHONE = "+61491570156"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
YES_AT, NO_AT = LONG_AGO, LONG_AGO + timedelta(days=10)
OLIVE = Statement("Olive Operator", reason="spoke with them")


def _granted(external_id: str, email: str, **more: Any) -> Record:
    return customer(external_id, YES_AT, name=f"Person {external_id}", email=email, said="yes", said_at=YES_AT, **more)


def _merge(store: Store, left: str, right: str) -> int:
    number = store.write(lambda db: merge(db, contact_of(store, left), contact_of(store, right), "Olive", "the same"))
    derive(store, configured(shop([])))
    assert contact_of(store, left) == contact_of(store, right)
    return number


def _undo(store: Store, number: int) -> None:
    store.write(lambda db: undo(db, number, "Olive"))
    derive(store, configured(shop([])))


# a no is never lost to bad data


def test_a_word_that_nobody_knows_holds_the_address_until_the_record_can_be_read(store: Store) -> None:
    hear(store, _granted("1", ALICE))
    assert reason_of(store, ALICE) == "granted"
    hear(store, customer("1", NO_AT, name="Alice", email=ALICE, said="paused-by-member"))
    assert reason_of(store, ALICE) == "hold"
    anew(store)
    assert reason_of(store, ALICE) == "hold"
    hear(store, customer("1", NO_AT + timedelta(days=1), name="Alice", email=ALICE, said="yes", said_at=YES_AT))
    assert reason_of(store, ALICE) == "granted"


def test_an_unknown_word_that_turns_out_to_be_a_no_is_a_no(store: Store) -> None:
    hear(store, _granted("1", ALICE))
    hear(store, customer("1", NO_AT, name="Alice", email=ALICE, said="paused-by-member"))
    hear(store, customer("1", NO_AT + timedelta(days=1), name="Alice", email=ALICE, said="no"))
    assert reason_of(store, ALICE) == "withdrawn"


def test_a_row_without_an_id_that_tells_of_an_unsubscribe_holds_every_address_in_it(store: Store) -> None:
    hear(store, _granted("1", ALICE), _granted("2", CHARLIE))
    raw = f'{{"email": "{ALICE.upper()}", "status": "unsubscribed"}}'
    hear(store, rejects=[Reject(raw, "no id")])
    assert [reason_of(store, ALICE), reason_of(store, CHARLIE)] == ["hold", "granted"]


def test_a_row_without_an_id_that_tells_of_no_unsubscribe_holds_nobody(store: Store) -> None:
    hear(store, _granted("1", ALICE))
    hear(store, rejects=[Reject(f'{{"email": "{ALICE}", "status": "subscribed"}}', "no id")])
    assert reason_of(store, ALICE) == "granted"


def test_a_quarantined_message_with_a_stop_holds_its_number_and_its_replay_makes_it_a_no(store: Store) -> None:
    message = Record(
        "m1", {"id": "m1", "at": NO_AT.isoformat(), "way": "mo-long", "number": PHONE, "text": "STOP"}, NO_AT
    )
    hear(store, message, name="messages")
    assert reason_of(store, PHONE, "sms") == "hold"
    repaired = {**MESSAGES["map"]["direction"]["words"], "mo-long": "in"}
    words = {**MESSAGES, "map": {**MESSAGES["map"], "direction": {"value": "way", "words": repaired}}}
    hear(store, name="messages", spec=words)
    found = state_of(store, PHONE, "sms")
    assert (found["reason"], found["stops"], found["recorded"]) == ("withdrawn", [], "withdrawn")


def test_a_stop_that_cannot_be_read_holds_its_number_whichever_door_it_comes_by(store: Store) -> None:
    """By the webhook first: to the pull that follows it is nothing new."""
    said = {"id": "m1", "at": NO_AT.isoformat(), "way": "mo-long", "number": PHONE, "text": "STOP"}
    message, found = Record("m1", said, NO_AT), configured(shop([], name="messages"))
    (connection,) = found.connections.values()
    place = Place(found.hub.installation, connection.name, "messages")
    rules = rules_of(found, connection)
    store.write(lambda db: take_in(db, place, connection.streams[0], rules, [message]))
    consent_all(store, found)
    assert reason_of(store, PHONE, "sms") == "hold"
    hear(store, message, name="messages")
    assert reason_of(store, PHONE, "sms") == "hold"


def test_a_held_address_is_released_by_a_person_with_a_reason(store: Store) -> None:
    hear(store, _granted("1", ALICE))
    hear(store, rejects=[Reject(f'{{"email": "{ALICE}", "opt_out": true}}', "no id")])
    (held,) = state_of(store, ALICE)["decided_by"]
    store.write(lambda db: lift(db, [("email", ALICE)], held, OLIVE, named=False))
    consent_all(store, configured(shop([])))
    assert reason_of(store, ALICE) == "granted"


@pytest.mark.fault("H18")
def test_a_no_in_a_version_that_a_newer_one_had_overtaken_counts(store: Store) -> None:
    newer = NO_AT + timedelta(days=5)
    hear(store, customer("1", newer, name="Alice", email=ALICE, said="yes", said_at=YES_AT))
    assert reason_of(store, ALICE) == "granted"
    hear(store, customer("1", NO_AT, name="Alice", email=ALICE, said="no"))
    assert reason_of(store, ALICE) == "withdrawn"
    anew(store)
    assert reason_of(store, ALICE) == "withdrawn"


@pytest.mark.fault("H18")
def test_a_late_no_that_is_older_than_the_persons_yes_changes_nothing(store: Store) -> None:
    yes_at = NO_AT + timedelta(days=1)
    hear(store, customer("1", yes_at, name="Alice", email=ALICE, said="yes", said_at=yes_at))
    hear(store, customer("1", NO_AT, name="Alice", email=ALICE, said="no", said_at=NO_AT))
    assert reason_of(store, ALICE) == "granted"


# merges and splits


def _both(store: Store) -> None:
    """Alice's first record has a yes, her second one a no, each of its own address."""
    hear(
        store,
        _granted("1", ALICE),
        customer("2", NO_AT, name="Alice Adams", email=ALSO_ALICE, said="no", said_at=NO_AT),
    )


def test_a_merge_changes_nothing_of_any_address(store: Store) -> None:
    _both(store)
    number = _merge(store, ALICE, ALSO_ALICE)
    assert [reason_of(store, ALICE), reason_of(store, ALSO_ALICE)] == ["granted", "withdrawn"]
    _undo(store, number)
    assert [reason_of(store, ALICE), reason_of(store, ALSO_ALICE)] == ["granted", "withdrawn"]


def test_two_records_of_one_address_keep_the_no_however_they_are_merged_and_split(store: Store) -> None:
    yes = customer("1", YES_AT, name="Alice Adams", email=ALICE, said="yes", said_at=YES_AT)
    hear(store, yes, customer("2", NO_AT, name="Alice Adams", email=ALICE, said="no", said_at=NO_AT))
    assert len(set(contacts_of(store).values())) == 1
    assert reason_of(store, ALICE) == "withdrawn"
    store.write(lambda db: split(db, [record_id(store, "2")], "Olive", "her daughter"))
    derive(store, configured(shop([])))
    assert len(set(contacts_of(store).values())) == 2
    assert reason_of(store, ALICE) == "withdrawn"
    anew(store)
    assert reason_of(store, ALICE) == "withdrawn"


def test_an_objection_reaches_every_address_of_the_merged_contact_and_stays_with_its_record(store: Store) -> None:
    hear(store, _granted("1", ALICE), _granted("2", ALSO_ALICE), _granted("3", CHARLIE))
    store.write(lambda db: object_(db, contact_of(store, ALICE), OLIVE))
    derive(store, configured(shop([])))
    assert [reason_of(store, one) for one in (ALICE, ALSO_ALICE, CHARLIE)] == ["objection", "granted", "granted"]
    number = _merge(store, ALICE, ALSO_ALICE)
    assert [reason_of(store, one) for one in (ALICE, ALSO_ALICE, CHARLIE)] == ["objection", "objection", "granted"]
    anew(store)
    assert [reason_of(store, one) for one in (ALICE, ALSO_ALICE, CHARLIE)] == ["objection", "objection", "granted"]
    _undo(store, number)
    assert [reason_of(store, one) for one in (ALICE, ALSO_ALICE, CHARLIE)] == ["objection", "granted", "granted"]


def test_an_objection_reaches_an_address_that_the_person_gives_later(store: Store) -> None:
    hear(store, _granted("1", ALICE))
    store.write(lambda db: object_(db, contact_of(store, ALICE), OLIVE))
    hear(store, _granted("1", ALICE, other=ALSO_ALICE, other_said="yes"))
    assert reason_of(store, ALSO_ALICE) == "objection"


def test_an_objection_ends_only_by_a_named_person(store: Store) -> None:
    hear(store, _granted("1", ALICE))
    store.write(lambda db: object_(db, contact_of(store, ALICE), OLIVE))
    derive(store, configured(shop([])))
    yes_at = datetime.now(UTC)
    hear(store, customer("1", yes_at, name="Alice", email=ALICE, said="yes", said_at=yes_at))
    assert reason_of(store, ALICE) == "objection"
    (objection,) = state_of(store, ALICE)["decided_by"]
    store.write(lambda db: lift(db, [("email", ALICE)], objection, OLIVE, named=True))
    consent_all(store, configured(shop([])))
    assert reason_of(store, ALICE) == "granted"


def test_a_complaint_at_one_address_holds_the_other_until_a_later_yes(store: Store) -> None:
    hear(store, _granted("1", ALICE, other=ALSO_ALICE, other_said="yes"))
    assert reason_of(store, ALSO_ALICE) == "granted"
    complained = {"name": "Alice", "email": ALICE, "said": "spam", "other": ALSO_ALICE}
    hear(store, customer("1", NO_AT, **complained, said_at=NO_AT, other_said="never"))
    assert [reason_of(store, ALICE), reason_of(store, ALSO_ALICE)] == ["complaint", "mixed"]
    anew(store)
    assert [reason_of(store, ALICE), reason_of(store, ALSO_ALICE)] == ["complaint", "mixed"]
    yes_at = NO_AT + timedelta(days=1)
    hear(store, _granted_at("2", ALSO_ALICE, yes_at))
    assert [reason_of(store, ALICE), reason_of(store, ALSO_ALICE)] == ["complaint", "granted"]


def _granted_at(external_id: str, email: str, at: datetime) -> Record:
    return customer(external_id, at, name="Alice", email=email, said="yes", said_at=at)


def test_a_complaint_holds_the_other_address_of_a_merged_contact_and_lets_go_when_it_is_split(store: Store) -> None:
    spam = customer("2", NO_AT, name="Alice Adams", email=ALSO_ALICE, said="spam", said_at=NO_AT)
    hear(store, _granted("1", ALICE), spam)
    assert reason_of(store, ALICE) == "granted"
    number = _merge(store, ALICE, ALSO_ALICE)
    assert reason_of(store, ALICE) == "mixed"
    _undo(store, number)
    assert reason_of(store, ALICE) == "granted"


# rebuilding, reading again, vanishing


def test_a_record_that_is_deleted_and_made_again_brings_no_yes_back(store: Store) -> None:
    hear(store, _granted("1", ALICE))
    hear(store, customer("1", NO_AT, name="Alice", email=ALICE, said="no", said_at=NO_AT))
    hear(store, gone(customer("1"), NO_AT + timedelta(days=1)))
    assert reason_of(store, ALICE) == "withdrawn"
    later = NO_AT + timedelta(days=2)
    hear(store, customer("1", later, name="Alice", email=ALICE, said="yes", said_at=YES_AT))
    assert reason_of(store, ALICE) == "withdrawn"
    hear(store, customer("9", later, name="Alice", email=ALICE, said="yes"))
    assert reason_of(store, ALICE) == "withdrawn"


@pytest.mark.fault("H26")
def test_an_objection_goes_on_when_the_record_that_told_it_is_gone(store: Store) -> None:
    """And when the record that inherited it is gone too."""
    hear(store, _granted("1", ALICE), _granted("2", ALSO_ALICE), _granted("3", CHARLIE))
    store.write(lambda db: object_(db, contact_of(store, ALICE), OLIVE))
    _merge(store, ALSO_ALICE, CHARLIE)
    _merge(store, ALICE, ALSO_ALICE)
    hear(store, gone(customer("1"), NO_AT))
    assert [reason_of(store, one) for one in (ALSO_ALICE, CHARLIE)] == ["objection", "objection"]
    hear(store, gone(customer("2"), NO_AT))
    assert reason_of(store, CHARLIE) == "objection"
    anew(store)
    assert reason_of(store, CHARLIE) == "objection"


@pytest.mark.fault("H26")
def test_a_complaint_goes_on_for_the_other_address_when_its_record_is_gone(store: Store) -> None:
    spam = customer("2", NO_AT, name="Alice Adams", email=ALSO_ALICE, said="spam", said_at=NO_AT)
    hear(store, _granted("1", ALICE), spam)
    _merge(store, ALICE, ALSO_ALICE)
    hear(store, gone(customer("2"), NO_AT + timedelta(days=1)))
    assert reason_of(store, ALICE) == "mixed"
    anew(store)
    assert reason_of(store, ALICE) == "mixed"


@pytest.mark.fault("H26")
def test_what_a_reconciliation_takes_for_gone_keeps_its_no(store: Store) -> None:
    no = customer("2", NO_AT, name="Bob", email=ALSO_ALICE, said="no", said_at=NO_AT)
    hear(store, _granted("1", ALICE), no)
    whole = configured(shop([_granted("1", ALICE)]))
    (end,) = Runner(store, whole, Silent()).run_all(list(whole.connections.values()), Wish(reconcile=True))
    told = waiting_gone(store, whole, end.run_id or 0)
    assert told is not None
    assert approve(store, whole, end.run_id or 0, told["plan"], "olive") == 1
    assert set(contacts_of(store)) == {"1"}
    later = NO_AT + timedelta(days=2)
    hear(store, customer("9", later, name="Bob", email=ALSO_ALICE, said="yes", said_at=YES_AT))
    assert [reason_of(store, ALICE), reason_of(store, ALSO_ALICE)] == ["granted", "withdrawn"]
    anew(store)
    assert reason_of(store, ALSO_ALICE) == "withdrawn"


def test_an_address_edited_in_place_takes_no_consent_with_it(store: Store) -> None:
    hear(store, _granted("1", ALICE))
    hear(store, customer("1", NO_AT, name="Alice", email=ALSO_ALICE, said="yes", said_at=YES_AT))
    assert [reason_of(store, ALICE), reason_of(store, ALSO_ALICE)] == ["granted", "unknown"]


def test_an_address_that_comes_back_to_a_record_still_has_its_no(store: Store) -> None:
    hear(store, customer("1", NO_AT, name="Alice", email=ALICE, said="no", said_at=NO_AT))
    hear(store, customer("1", NO_AT + timedelta(days=1), name="Alice", email=ALSO_ALICE, said="never"))
    hear(store, customer("1", NO_AT + timedelta(days=2), name="Alice", email=ALICE, said="yes", said_at=YES_AT))
    assert reason_of(store, ALICE) == "withdrawn"


# the law behind all of these


@dataclass(frozen=True)
class Read:
    """The shop shows this record, with a yes that is older than the no or with nothing."""

    external_id: str
    email: str
    said: str
    is_dated: bool
    deleted: bool


Step = Read | Decide | str
addresses = st.sampled_from([ALICE, ALSO_ALICE, CHARLIE])
steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        Read,
        st.sampled_from("123"),
        addresses,
        st.sampled_from(["yes", "never", "asked", "nonsense"]),
        st.booleans(),
        st.sampled_from([False, False, False, True]),
    ),
    st.builds(Decide, st.sampled_from(["merge", "split", "undo"]), st.integers(0, 9), st.integers(0, 9)),
    st.just("rebuild"),
)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=1, max_size=8))
def test_nothing_but_a_later_yes_brings_anybody_back(sqlite_store: Store, history: list[Step]) -> None:
    """no_resurrection: merge, unmerge, rebuild, resync, recreate, newmember, address change."""
    store = emptied(sqlite_store)
    hear(store, _granted("1", ALICE))
    hear(store, customer("1", NO_AT, name="Alice", email=ALICE, said="no", said_at=NO_AT))
    assert reason_of(store, ALICE) == "withdrawn"
    for number, step in enumerate(history, 1):
        _live(store, step, NO_AT + timedelta(days=number))
        assert not state_of(store, ALICE)["may_send"]
    anew(store)
    assert not state_of(store, ALICE)["may_send"]


def _live(store: Store, step: Step, now: datetime) -> None:
    match step:
        case Read():
            said_at = {"said_at": YES_AT} if step.is_dated else {}
            found = customer(step.external_id, now, name="Alice", email=step.email, said=step.said, **said_at)
            hear(store, gone(found, now) if step.deleted else found)
        case Decide():
            decide(store, step)
            derive(store, configured(shop([])))
        case _:
            anew(store)


AN_ADDRESS_FOR_A_DAY: list[Step] = [Read("1", CHARLIE, "never", False, False), Read("1", ALICE, "yes", False, False)]


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=1, max_size=8))
@example(AN_ADDRESS_FOR_A_DAY)
def test_a_rebuild_comes_to_the_same(sqlite_store: Store, history: list[Step]) -> None:
    store = emptied(sqlite_store)
    hear(store, _granted("1", ALICE), customer("2", NO_AT, name="Alice", email=ALSO_ALICE, said="spam", said_at=NO_AT))
    for number, step in enumerate(history, 1):
        _live(store, step, NO_AT + timedelta(days=number))
    before, facts = _digest(store), rows(store, events)
    anew(store)
    assert _digest(store) == before
    assert rows(store, events) == facts


def _digest(store: Store) -> dict[str, str]:
    with store.read() as db:
        return digest(db)["derived"]
