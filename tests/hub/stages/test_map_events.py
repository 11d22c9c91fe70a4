"""Tickets and messages hang on their person, show on the timeline and leave identity alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.kit.base import Record
from hub.queries.contact import show
from hub.stages.map import marks, people, refusals, related
from hub.store.engine import Store
from tests.hub.world import (
    ALICE,
    BOB,
    compiled,
    connection,
    contacts_of,
    derive,
    gone,
    land_and_resolve,
    minute,
    page,
    rows,
    settings,
    stream,
    sync,
)

PERSON = {"stream": "customers", "id": "person"}
TICKETS = compiled(
    {
        "record": "ticket",
        "map": {"number": "number", "opened_at": "at", "subject": "subject", "text": "text", "person": PERSON},
    }
)
MESSAGES = compiled(
    {
        "record": "message",
        "map": {"direction": "direction", "at": "at", "address": "number", "text": "text", "person": PERSON},
    }
)


def ticket(number: str, at: int, **data: Any) -> Record:
    return Record(number, {"number": number, "at": minute(at).isoformat(), **data}, minute(at))


def message(sid: str, at: int, **data: Any) -> Record:
    return Record(sid, {"direction": "in", "at": minute(at).isoformat(), "number": "0491 570 156", **data}, minute(at))


def pull(store: Store, records: Mapping[str, list[Record]]) -> None:
    def pages(one: Any, _: Any) -> Any:
        return iter([page(records[one.name])])

    mappers = {"tickets": TICKETS, "messages": MESSAGES}
    sync(store, connection(pages, *(stream(name, mapper=mappers[name]) for name in records)))


def waiting(store: Store) -> set[str]:
    return {row["external_id"] for row in rows(store, marks)}


def test_a_ticket_hangs_on_the_person_who_wrote_it(store: Store) -> None:
    pull(store, {"tickets": [ticket("35", 3, subject="Late", text="Where is it?", person="alice")]})
    (row,) = rows(store, related)
    assert (row["kind"], row["owner_stream"], row["owner_external_id"]) == ("ticket", "customers", "alice")
    assert row["happened_at"] == minute(3)
    assert row["fields"] == {"number": "35", "subject": "Late", "text": "Where is it?"}


def test_a_message_of_an_unknown_number_hangs_on_itself(store: Store) -> None:
    pull(store, {"messages": [message("SM1", 3, text="STOP")]})
    (row,) = rows(store, related)
    assert (row["kind"], row["owner_stream"], row["owner_external_id"]) == ("message", "messages", "SM1")
    assert row["happened_at"] == minute(3)
    assert row["fields"] == {"direction": "in", "address": "+61491570156", "text": "STOP"}


def test_neither_is_a_person_nor_wakes_the_resolver(store: Store) -> None:
    pull(store, {"tickets": [ticket("35", 3, person="alice")], "messages": [message("SM1", 4)]})
    assert len(rows(store, related)) == 2
    assert rows(store, people) == []
    assert waiting(store) == set()


def test_a_message_that_cannot_be_read_is_refused_and_the_others_go_on(store: Store) -> None:
    pull(store, {"messages": [message("SM1", 3, direction="sideways"), message("SM2", 4)]})
    assert [row["code"] for row in rows(store, refusals)] == ["direction_unknown"]
    assert [row["owner_external_id"] for row in rows(store, related)] == ["SM2"]


def test_a_ticket_that_is_taken_away_leaves_nothing(store: Store) -> None:
    first = ticket("35", 3, person="alice")
    pull(store, {"tickets": [first]})
    pull(store, {"tickets": [gone(first)]})
    assert rows(store, related) == []


def test_alices_timeline_tells_of_her_tickets_and_messages_and_not_of_bobs(store: Store) -> None:
    land_and_resolve(store, [ALICE, BOB])
    pull(
        store,
        {
            "tickets": [ticket("35", 3, subject="Late", person="alice"), ticket("36", 5, person="bob")],
            "messages": [message("SM1", 4, text="Thank you", person="alice"), message("SM2", 6)],
        },
    )
    derive(store)
    with store.read() as db:
        timeline = show(db, settings(), contacts_of(store)["alice"])["timeline"]
    assert [(event["kind"], event["at"]) for event in timeline] == [("message", minute(4)), ("ticket", minute(3))]
    assert (timeline[0]["text"], timeline[1]["subject"]) == ("Thank you", "Late")
