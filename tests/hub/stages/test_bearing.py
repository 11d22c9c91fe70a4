"""What reaches an address does so also where every record of it is silent about consent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from connectors.kit.base import Record
from connectors.kit.webhook import News, No
from hub.decide import merge, split, undo
from hub.queries.consent import consent_of
from hub.queries.digest import digest
from hub.queries.find import find
from hub.record import NoSuchStop, Statement, grant, lift, object_, suppress, withdraw
from hub.stages.addresses import sendable_addresses
from hub.stages.bearing import Bearer, bearers_of
from hub.stages.consent import consent_all
from hub.stages.heard import take_news
from hub.stages.ledger import Line
from hub.stages.order import derive, rebuild
from hub.stages.relatives import contacts_bearing, relatives_of
from hub.stages.words_said import said_in_ticket
from hub.store.engine import Store
from mapping.models import Ref, Ticket
from tests.hub.stages.consent_world import configured, contact_of, customer, hear, reason_of, shop
from tests.hub.world import contacts_of, gone, record_id

ALICE, ALSO_ALICE, BOB = "alice@example.com", "alice.adams@example.org", "bob@example.com"
PHONE = "+61491570156"
SILENT: dict[str, Any] = {
    "record": "person",
    "map": {"name": "name", "emails": ["email", "other"], "phones": ["phone"]},
}
SETTINGS = configured(shop([]))
NOW = datetime.now(UTC)
YES = Statement("Olive", at=NOW - timedelta(days=30), method="form", evidence="paper")
NO = Statement("Olive", reason="a letter")


def tell(store: Store, *records: Record) -> None:
    """The shop tells of people, and nothing of their consent."""
    hear(store, *records, spec=SILENT)


def alice(number: int = 1, **more: Any) -> Record:
    return customer("A", NOW + timedelta(hours=number), name="Alice Adams", email=ALICE, **more)


def bob(number: int = 1, **more: Any) -> Record:
    return customer("B", NOW + timedelta(hours=number), name="Bob Brown", **{"email": BOB, **more})


def says_yes(store: Store, *addresses: str, channel: str = "email") -> None:
    for address in addresses:
        store.write(partial(grant, line=(channel, address), said=YES))
    consent_all(store, SETTINGS)


def objects(store: Store, address: str) -> str:
    """The person with this address wants nothing at all any more; the event's id."""
    (number,) = store.write(lambda db: object_(db, contact_of(store, address), NO))
    consent_all(store, SETTINGS)
    return number


def decide(store: Store, decision: Any) -> int:
    number: int = store.write(decision)
    derive(store, SETTINGS)
    return number


def same_anew(store: Store) -> bool:
    """Whether everything that is derived comes out the same again."""
    before = derived(store)
    anew_silent(store)
    return derived(store) == before


def anew_silent(store: Store) -> None:
    rebuild(store, configured(shop([], spec=SILENT)))


def derived(store: Store) -> dict[str, str]:
    with store.read() as db:
        return digest(db)["derived"]


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    found: list[str] = []

    def note(_db: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    event.listen(store.reader, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(store.reader, "before_cursor_execute", note)


VALUES = [
    ({"email": "Alice@Example.com"}, ("email", "alice@example.com")),
    ({"email": "info@example.com"}, ("email", "info@example.com")),
    ({"email": "al.ice+news@gmail.example.com"}, ("email", "al.ice+news@gmail.example.com")),
    ({"email": "a.l.ice+shop@gmail.com"}, ("email", "a.l.ice+shop@gmail.com")),
    ({"email": "alice@bücher.example"}, ("email", "alice@xn--bcher-kva.example")),
    ({"other": f"{'a' * 60}@long.example.com"}, ("email", f"{'a' * 60}@long.example.com")),
    ({"phone": "+61 491 570 156"}, ("sms", PHONE)),
    ({"phone": PHONE}, ("voice", PHONE)),
    ({"phone": PHONE}, ("whatsapp", PHONE)),
    ({"phone": "+61411234567"}, ("sms", "+61411234567")),
    ({"phone": "+61400000000"}, ("sms", "+61400000000")),
]
"""What a record says, and the address in it: mailboxes of roles, numbers that identity takes for nobody's, forms."""


@pytest.mark.parametrize(
    ("said", "line"), VALUES, ids=[f"{channel} {address[:30]}" for _, (channel, address) in VALUES]
)
def test_every_address_in_a_record_leads_to_it(store: Store, said: dict[str, Any], line: Line) -> None:
    tell(store, customer("A", name="Alice Adams", **said), customer("B", name="Bob Brown", email=BOB))
    with store.read() as db:
        found = bearers_of(db, [line, ("push", line[1])])
        assert found == {line: {Bearer(record_id(store, "A"), ("shop", "customers:A"))}}
        assert contacts_bearing(db, [line]) == {contacts_of(store)["A"]}


@pytest.mark.parametrize(
    ("said", "line"), VALUES, ids=[f"{channel} {address[:30]}" for _, (channel, address) in VALUES]
)
def test_an_objection_reaches_every_address_in_the_records(
    sqlite_store: Store, said: dict[str, Any], line: Line
) -> None:
    store = sqlite_store
    tell(store, customer("A", name="Alice Adams", **said), customer("B", name="Bob Brown", email=BOB))
    says_yes(store, line[1], channel=line[0])
    assert reason_of(store, line[1], line[0]) == "granted"
    store.write(lambda db: object_(db, contacts_of(store)["A"], NO))
    consent_all(store, SETTINGS)
    assert reason_of(store, line[1], line[0]) == "objection"


def test_a_key_that_only_looks_like_an_address_bears_none(store: Store) -> None:
    """Files may name their rows by an address that the person has given up."""
    tell(store, customer(ALSO_ALICE, name="Alice Adams", email=ALICE))
    with store.read() as db:
        assert find(db, ALSO_ALICE, None).contact_id == contacts_of(store)[ALSO_ALICE]
        assert bearers_of(db, [("email", ALSO_ALICE)]) == {}


def test_an_objection_reaches_a_silent_address_at_once_and_its_lift_lets_it_go(store: Store) -> None:
    tell(store, alice(phone=PHONE), bob())
    says_yes(store, ALICE, BOB)
    says_yes(store, PHONE, channel="sms")
    number = objects(store, ALICE)
    assert [reason_of(store, ALICE), reason_of(store, PHONE, "sms")] == ["objection", "objection"]
    assert reason_of(store, BOB) == "granted"
    with store.read() as db:
        assert sendable_addresses(db, SETTINGS, contact_of(store, ALICE), datetime.now(UTC)) == {}
        assert sendable_addresses(db, SETTINGS, contact_of(store, BOB), datetime.now(UTC)) == {"email": [BOB]}
        (entry,) = consent_of(db, SETTINGS, ALICE)["entries"]
    assert (entry["may_send"], entry["events"][0]["action"]) == (False, "object")
    assert same_anew(store)
    with pytest.raises(NoSuchStop):
        store.write(lambda db: lift(db, [("email", BOB)], number, NO, named=True))
    store.write(lambda db: lift(db, [("sms", PHONE)], number, NO, named=True))
    consent_all(store, SETTINGS)
    assert [reason_of(store, ALICE), reason_of(store, PHONE, "sms")] == ["granted", "granted"]
    assert same_anew(store)


def test_a_yes_that_comes_after_the_objection_is_reached(store: Store) -> None:
    tell(store, alice())
    objects(store, ALICE)
    says_yes(store, ALICE)
    assert reason_of(store, ALICE) == "objection"


def test_a_merge_brings_a_silent_address_in_and_a_split_takes_it_out(store: Store) -> None:
    tell(store, alice(), bob())
    says_yes(store, ALICE, BOB)
    objects(store, ALICE)
    decide(store, lambda db: merge(db, contact_of(store, ALICE), contact_of(store, BOB), "Olive", ""))
    assert reason_of(store, BOB) == "objection"
    assert same_anew(store)
    decide(store, lambda db: split(db, [record_id(store, "B")], "Olive", ""))
    assert [reason_of(store, ALICE), reason_of(store, BOB)] == ["objection", "granted"]
    assert same_anew(store)


def test_undoing_a_merge_takes_it_out_too(sqlite_store: Store) -> None:
    store = sqlite_store
    tell(store, alice(), bob())
    says_yes(store, BOB)
    objects(store, ALICE)
    number = decide(store, lambda db: merge(db, contact_of(store, ALICE), contact_of(store, BOB), "Olive", ""))
    assert reason_of(store, BOB) == "objection"
    decide(store, lambda db: undo(db, number, "Olive"))
    assert reason_of(store, BOB) == "granted"


def test_an_address_that_moves_to_the_person_is_reached_and_one_that_leaves_is_not(store: Store) -> None:
    tell(store, alice(), bob(other=ALSO_ALICE))
    says_yes(store, ALICE, BOB, ALSO_ALICE)
    objects(store, ALICE)
    assert reason_of(store, ALSO_ALICE) == "granted"
    tell(store, alice(2, other=ALSO_ALICE), bob(2))
    assert [reason_of(store, one) for one in (ALICE, ALSO_ALICE, BOB)] == ["objection", "objection", "granted"]
    assert same_anew(store)
    tell(store, alice(3))
    assert [reason_of(store, one) for one in (ALICE, ALSO_ALICE, BOB)] == ["objection", "granted", "granted"]
    assert same_anew(store)


def test_an_address_whose_record_is_gone_is_nobodys(sqlite_store: Store) -> None:
    store = sqlite_store
    tell(store, alice(), bob())
    says_yes(store, ALICE, BOB)
    decide(store, lambda db: merge(db, contact_of(store, ALICE), contact_of(store, BOB), "Olive", ""))
    objects(store, ALICE)
    tell(store, gone(customer("B"), NOW + timedelta(days=1)))
    assert [reason_of(store, ALICE), reason_of(store, BOB)] == ["objection", "granted"]
    assert same_anew(store)


@pytest.mark.parametrize("how", ["suppress", "withdraw"])
def test_a_complaint_recorded_here_reaches_the_persons_other_address(store: Store, how: str) -> None:
    tell(store, alice(other=ALSO_ALICE), bob())
    says_yes(store, ALICE, ALSO_ALICE, BOB)
    if how == "suppress":
        said = Statement("Olive", reason="complaint", method="complaint")
        store.write(lambda db: suppress(db, [("email", ALICE)], said))
    else:
        store.write(lambda db: withdraw(db, [("email", ALICE)], Statement("Olive", method="complaint")))
    consent_all(store, SETTINGS)
    assert [reason_of(store, one) for one in (ALSO_ALICE, BOB)] == ["mixed", "granted"]
    assert same_anew(store)


def test_a_complaint_that_a_vendor_tells_reaches_an_address_that_another_record_bears(store: Store) -> None:
    tell(store, customer("B", name="Alice Adams", email=ALSO_ALICE))
    says_yes(store, ALSO_ALICE)
    hear(store, customer("A", NOW, name="Alice Adams", email=ALICE, said="spam", said_at=NOW - timedelta(days=1)))
    assert reason_of(store, ALSO_ALICE) == "granted"
    decide(store, lambda db: merge(db, contact_of(store, ALICE), contact_of(store, ALSO_ALICE), "Olive", ""))
    assert reason_of(store, ALSO_ALICE) == "mixed"


def test_a_ticket_that_may_be_a_no_holds_the_silent_addresses_of_its_writer(sqlite_store: Store) -> None:
    store = sqlite_store
    tell(store, alice(), bob())
    says_yes(store, ALICE, BOB)
    ticket = Ticket(subject="Stop", text="please unsubscribe me", person=Ref(stream="customers", id="A"))
    store.write(lambda db: said_in_ticket(db, "shop", [("t1", ticket, NOW)]))
    consent_all(store, SETTINGS)
    assert [reason_of(store, ALICE), reason_of(store, BOB)] == ["hold", "granted"]


def hears(store: Store, no: No) -> None:
    """A verified delivery of the shop tells of a no; nothing but the consent stage comes after it."""
    (connection,) = SETTINGS.connections.values()
    store.write(lambda db: take_news(db, SETTINGS, connection, "delivery-1", News(noes=(no,)), datetime.now(UTC)))
    consent_all(store, SETTINGS)


def test_a_complaint_by_webhook_reaches_the_other_address_at_once(store: Store) -> None:
    tell(store, alice(other=ALSO_ALICE), bob())
    says_yes(store, ALICE, ALSO_ALICE, BOB)
    hears(store, No("customers", "A", "email", ALICE, method="complaint"))
    assert [reason_of(store, one) for one in (ALICE, ALSO_ALICE, BOB)] == ["withdrawn", "mixed", "granted"]
    assert same_anew(store)


def test_a_no_by_webhook_that_names_no_address_counts_for_all_in_the_silent_record(store: Store) -> None:
    tell(store, alice(other=ALSO_ALICE, phone=PHONE), bob())
    says_yes(store, ALICE, ALSO_ALICE, BOB)
    says_yes(store, PHONE, channel="sms")
    hears(store, No("customers", "A", "email", "", method="link"))
    assert [reason_of(store, one) for one in (ALICE, ALSO_ALICE, BOB)] == ["withdrawn", "withdrawn", "granted"]
    assert reason_of(store, PHONE, "sms") == "granted"


def test_what_nobody_was_ever_told_of_waits_for_nothing(sqlite_store: Store) -> None:
    """A silent address has no state, with or without an objection: it costs the consent stage nothing."""
    store = sqlite_store
    tell(store, alice(phone=PHONE), bob())
    objects(store, ALICE)
    tell(store, alice(2, phone=PHONE, other=ALSO_ALICE), bob(2))
    assert [reason_of(store, one) for one in (ALICE, ALSO_ALICE)] == ["", ""]
    assert same_anew(store)


def test_two_hundred_addresses_take_no_more_statements_than_two_and_without_an_objection_one(store: Store) -> None:
    people = [customer(f"P{at}", name=f"Person {at}", email=f"p{at}@example.com") for at in range(200)]
    tell(store, alice(), *people)
    lines = [("email", f"p{at}@example.com") for at in range(200)]
    with store.read() as db, counted(store) as heard:
        assert relatives_of(db, lines) == {}
    assert len(heard) == 1
    objects(store, ALICE)
    store.write(lambda db: withdraw(db, [("email", BOB)], Statement("Olive", method="complaint")))
    with store.read() as db, counted(store) as many:
        assert relatives_of(db, lines) == {}
    with store.read() as db, counted(store) as few:
        assert set(relatives_of(db, [("email", ALICE), lines[0]])) == {("email", ALICE)}
    assert len(many) <= len(few) + 1 <= 14
