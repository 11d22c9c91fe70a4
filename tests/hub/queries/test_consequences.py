"""The preview of a decision, told of a small cast: Alice twice, Bob who complained, Charlie who shares an address."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from hub.decide import CannotDecide, merge
from hub.queries.consequences import worlds
from hub.queries.consequences.preview import preview_apart, preview_confirming, preview_merge, preview_split
from hub.queries.consequences.told import Consequences
from hub.record import Statement, grant
from hub.settings.settings import Settings
from hub.stages.consent import states
from hub.stages.holdings import holdings
from hub.stages.order import derive
from hub.store.engine import Store
from tests.hub.queries.small_estate import Estate, objects
from tests.hub.world import ALICE, EPOCH, contacts_of, land_and_map, record_id, rows

SHARED = "family@example.com"


def merging(store: Store, found: Settings, left: str, right: str) -> Consequences:
    """What a merge of the contacts of two records would lead to."""
    home = contacts_of(store)
    with store.read() as db:
        return preview_merge(db, found, home[left], home[right])


def splitting(store: Store, found: Settings, *names: str) -> Consequences:
    record_ids = [record_id(store, name) for name in names]
    with store.read() as db:
        return preview_split(db, found, record_ids)


def two_alices(store: Store) -> Settings:
    estate = Estate()
    estate.customer("alice", name="Alice Adams", email="alice@example.com", said="yes", job="Teacher")
    estate.reader("ali", name="Ali Adams", email="ali@example.org", said="yes", job="Cook")
    for at, customer in enumerate(("alice", "alice")):
        estate.order(f"order-{at}", customer)
    return estate.hear(store)


def field(document: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in document["fields"] if one["field"] == name]
    return dict(found)


def test_a_merge_tells_which_values_win_and_on_which_side_each_is_now(store: Store) -> None:
    found = two_alices(store)
    home = contacts_of(store)
    document = merging(store, found, "alice", "ali").as_json()
    (kept,) = document["contacts"]["after"]
    (gone,) = {home["alice"], home["ali"]} - {kept}
    assert document["contacts"] == {"before": sorted([home["alice"], home["ali"]]), "after": [kept]}
    assert [(one["before"], one["after"]) for one in document["moves"]] == [(gone, kept)]
    name = field(document, "name")
    assert name["changed"] is True
    assert {side["contact_id"]: side["values"][0]["full"] for side in name["before"]} == {
        home["alice"]: "Alice Adams",
        home["ali"]: "Ali Adams",
    }
    (winner,) = name["after"]
    assert winner["value"]["full"] in ("Alice Adams", "Ali Adams")
    assert winner["source"].split(":")[0] in ("shop", "mailer")
    assert len(winner["others"]) == 1
    emails = [one["value"]["value"] for one in field(document, "emails")["after"]]
    assert sorted(emails) == ["ali@example.org", "alice@example.com"]


def test_a_merge_counts_what_it_joins_and_what_each_destination_would_be_sent(store: Store) -> None:
    found = two_alices(store)
    told = merging(store, found, "alice", "ali")
    assert (told.joined.records, told.joined.orders, told.joined.tickets) == (2, 2, 0)
    assert told.sentence.startswith("joins 2 records, 2 orders")
    stays = {(one.segment, one.before, one.after) for one in told.segments if one.contact_id in told.contacts[1]}
    assert ("buyers", True, True) in stays or ("buyers", False, True) in stays
    assert all("opts out" not in part for part in told.sentence.split("; "))


def complaint(store: Store) -> Settings:
    """Bob complained at an address of his own; Alice's is also Charlie's, who is somebody else."""
    estate = Estate()
    estate.customer("alice", name="Alice Adams", email=SHARED, said="yes")
    estate.customer("charlie", name="Charlie Chan", email="charlie@example.com", said="never", other=SHARED,
                    other_said="yes")  # fmt: skip
    estate.reader("bob", name="Bob Brown", email="bob@example.com", said="spam")
    return estate.hear(store)


def test_a_complaint_of_the_same_person_opts_them_out_wherever_else_they_said_yes(store: Store) -> None:
    told = merging(store, complaint(store), "alice", "bob")
    (changed,) = [one for one in told.as_json()["consent"] if one["changed"]]
    assert (changed["channel"], changed["address"]) == ("email", SHARED)
    assert (changed["before"]["may_send"], changed["after"]["may_send"]) == (True, False)
    assert changed["after"]["reason"] == "mixed"
    assert "opts out of e-mail" in told.sentence
    assert "leaves Reachable" in told.sentence


def test_somebody_else_who_shares_the_address_is_told_of_too(store: Store) -> None:
    found = complaint(store)
    home = contacts_of(store)
    assert home["charlie"] != home["alice"]
    told = merging(store, found, "alice", "bob")
    charlie = [(one.segment, one.before, one.after) for one in told.segments if one.contact_id == home["charlie"]]
    assert charlie == [("reachable", True, False)]
    assert home["charlie"] not in {*told.contacts[0], *told.contacts[1]}


def test_those_who_share_an_address_are_looked_at_up_to_a_bound_and_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = complaint(store)
    monkeypatch.setattr(worlds, "MOST_OTHERS", 0)
    told = merging(store, found, "alice", "bob")
    assert told.left_out == 1
    assert told.as_json()["contacts_left_out"] == 1


def test_a_split_parts_the_records_and_gives_back_what_the_other_persons_complaint_took(store: Store) -> None:
    found = complaint(store)
    home = contacts_of(store)
    store.write(lambda db: merge(db, home["alice"], home["bob"], "Olive", "the same name"))
    derive(store, found)
    told = splitting(store, found, "bob")
    assert (told.parted.records, told.parted.orders) == (1, 0)
    assert told.sentence.startswith("parts 1 record; ")
    assert "may be sent e-mail again" in told.sentence
    assert len(told.contacts[1]) == 2


def test_what_is_masked_has_no_personal_value_and_the_sentence_never_has(store: Store) -> None:
    told = merging(store, complaint(store), "alice", "bob")
    masked = orjson.dumps(told.as_json(masked=True)).decode()
    plain = orjson.dumps(told.as_json()).decode()
    for value in (SHARED, "Alice Adams", "Bob Brown", "bob@example.com"):
        assert value in plain
        assert value not in masked
        assert value not in told.sentence


def test_what_changes_nothing_says_so(store: Store) -> None:
    found = two_alices(store)
    home = contacts_of(store)
    with store.read() as db:
        told = preview_apart(db, found, home["alice"], home["ali"])
    assert told.sentence == "changes nothing"
    assert (told.moves, told.operations, told.no_longer) == ([], [], [])


def test_an_objection_that_comes_with_a_merge_reaches_the_other_side(store: Store) -> None:
    found = two_alices(store)
    objects(store, found, "ali")
    told = merging(store, found, "alice", "ali")
    closed = {one.line[1]: one.after.reason for one in told.consents if one.closes}
    assert closed == {"alice@example.com": "objection"}
    assert {one.destination for one in told.operations} >= {"shop"}


def test_an_address_of_which_no_record_tells_consent_is_in_the_preview_too(store: Store) -> None:
    """Bob's yes is a letter at the desk; nothing that the vendors tell of him is consent."""
    estate = Estate()
    estate.customer("alice", name="Alice Adams", email="alice@example.com", said="yes")
    estate.reader("bob", name="Bob Brown", email="bob@example.com", said="")
    found = estate.hear(store)
    assert {row["address"] for row in rows(store, holdings)} == {"alice@example.com"}
    yes = Statement("Olive", at=EPOCH, method="form", evidence="paper")
    store.write(lambda db: grant(db, ("email", "bob@example.com"), yes))
    objects(store, found, "alice")
    told = merging(store, found, "alice", "bob")
    assert {one.line[1]: one.after.reason for one in told.consents if one.closes} == {"bob@example.com": "objection"}
    home = contacts_of(store)
    store.write(lambda db: merge(db, home["alice"], home["bob"], "Olive", ""))
    derive(store, found)
    (state,) = [row for row in rows(store, states) if row["address"] == "bob@example.com"]
    assert state["reason"] == "objection"


def test_a_preview_that_makes_no_sense_is_refused_as_the_decision_would_be(store: Store) -> None:
    found = two_alices(store)
    alice = contacts_of(store)["alice"]
    with store.read() as db:
        with pytest.raises(CannotDecide, match="they are one already"):
            preview_merge(db, found, alice, alice)
        with pytest.raises(CannotDecide, match="all records of the contact"):
            preview_split(db, found, [record_id(store, "alice")])
        with pytest.raises(CannotDecide, match="name two records"):
            preview_confirming(db, found, 1, 1)


def test_a_preview_says_when_more_may_change_because_something_waits(store: Store) -> None:
    found = two_alices(store)
    assert merging(store, found, "alice", "ali").is_settled
    land_and_map(store, [ALICE])
    assert not merging(store, found, "alice", "ali").is_settled
