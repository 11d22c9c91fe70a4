"""Tasks out: each occasion makes one task, at a real help desk or as an event, with its reason, however it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from connectors.kit.base import Record
from connectors.kit.simulator import Fault, serve
from connectors.zendesk import CONNECTOR
from connectors.zendesk.simulator import TOKEN, ZendeskSimulator
from hub.jobs.inline import Runner
from hub.settings.models import PushSettings
from hub.settings.settings import Connection
from hub.stages.order import derive, rebuild
from hub.stages.pull import Wish
from hub.store.engine import Store
from tests.hub.jobs.outside import Outside, bodies, outside, said_at, subscriber
from tests.hub.stages.consent_world import contact_of, customer, shop
from tests.hub.world import Silent, always, compiled, page, stream
from tests.hub.world import connection as connected

ALICE = "alice@example.com"
ALICE_SAYS_YES = customer("alice", name="Alice", email=ALICE, said="yes", said_at=said_at(1))
ALICE_SAYS_NO = customer("alice", name="Alice", email=ALICE, said="no", said_at=said_at(2))
ALICE_SAYS_YES_AGAIN = customer("alice", name="Alice", email=ALICE, said="yes", said_at=said_at(9))

CALL = {"when": {"segment": "sendable"}, "desk": "help", "title": "Call the customer", "priority": "high"}
TICKETS = {
    "record": "ticket",
    "map": {
        "number": "id",
        "opened_at": "opened",
        "status": "status",
        "person": {"stream": "customers", "id": "customer"},
    },
}


class Desk(Outside):
    """With a simulated Zendesk at the other end."""

    vendor: ZendeskSimulator

    def tickets(self) -> list[dict[str, Any]]:
        return list(self.vendor.account.tickets.values())


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    vendor = ZendeskSimulator()
    with outside(store) as there, serve(vendor) as server:
        config = CONNECTOR.config.model_validate({"subdomain": "acme", "token": TOKEN, "base_url": server.base_url})
        found = Desk(
            store, there.crm, connections=(Connection("help", "zendesk", CONNECTOR, config, (), PushSettings()),)
        )
        found.vendor = vendor
        found.hub = {"tasks": {"call": CALL}}
        yield found


def test_who_enters_a_segment_is_a_task_for_a_person_with_its_reason(desk: Desk) -> None:
    desk.hear(ALICE_SAYS_YES)
    desk.tell()
    (ticket,) = desk.tickets()
    assert (ticket["subject"], ticket["priority"]) == ("Call the customer", "high")
    said = ticket["description"].splitlines()
    assert said[0] == "The contact has entered the segment sendable (May be written to)."
    assert said[1] == f"Contact: {contact_of(desk.store, ALICE)}"
    assert said[2] == "May be sent marketing: email"
    assert ALICE not in ticket["description"]


def test_an_occasion_makes_one_task_however_often_everything_is_derived(desk: Desk) -> None:
    desk.hear(ALICE_SAYS_YES)
    desk.hear(ALICE_SAYS_YES)
    desk.tell()
    rebuild(desk.store, desk.settings)
    desk.tell()
    assert len(desk.tickets()) == 1
    desk.hear(ALICE_SAYS_NO)
    desk.hear(ALICE_SAYS_YES_AGAIN)
    desk.tell()
    assert len(desk.tickets()) == 2  # she left and entered again


@pytest.mark.fault("W02")
def test_a_lost_answer_makes_no_second_ticket(desk: Desk) -> None:
    desk.vendor.script(Fault(match="/tickets", lose_reply=True))
    desk.hear(ALICE_SAYS_YES)
    desk.tell()
    (row,) = desk.notices()
    assert (row["status"], len(desk.tickets())) == ("waiting", 1)
    desk.wait_for_the_next_try()
    desk.tell()
    (row,) = desk.notices()
    assert (row["status"], len(desk.tickets())) == ("delivered", 1)
    posts = [one for one in desk.vendor.ledger if (one.method, one.path) == ("POST", "/api/v2/tickets")]
    assert len(posts) == 1


@pytest.mark.fault("W02")
def test_a_request_that_never_arrived_is_sent_again(desk: Desk) -> None:
    desk.vendor.script(Fault(match="/tickets", drop=True))
    desk.hear(ALICE_SAYS_YES)
    desk.tell()
    assert desk.tickets() == []
    desk.wait_for_the_next_try()
    desk.tell()
    assert len(desk.tickets()) == 1


@pytest.mark.fault("W02")
def test_killed_after_the_call_there_is_still_one_ticket(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    desk.hear(ALICE_SAYS_YES)
    with monkeypatch.context() as patched:
        patched.setattr("hub.stages.notices.answer", killed)
        with pytest.raises(Killed):
            desk.herald().tell_all("desk:help")
    desk.wait_for_the_next_try()
    desk.tell()
    assert len(desk.tickets()) == 1
    assert [one["outcome"] for one in desk.attempts()] == ["", "delivered"]


@pytest.mark.fault("W07")
def test_a_rule_that_fits_everybody_floods_nobody(desk: Desk) -> None:
    desk.hub = {"tasks": {"call": {**CALL, "per_day": 2}}}
    desk.hear(
        *(customer(f"c{n}", name=f"C {n}", email=f"c{n}@example.com", said="yes", said_at=said_at(1)) for n in range(5))
    )
    desk.tell()
    desk.wait_for_the_next_try()
    desk.tell()
    assert len(desk.tickets()) == 2
    waiting = [row for row in desk.notices() if row["status"] == "waiting"]
    assert len(waiting) == 3
    assert all("per_day" in row["message"] and row["attempts"] == 0 for row in waiting)


def test_a_task_can_be_an_event_of_a_subscriber(desk: Desk) -> None:
    rule = {"when": {"segment": "sendable"}, "subscriber": "crm", "title": "Greet"}
    desk.hub = {"subscribers": {"crm": subscriber(desk.crm, events=["segment.left"])}, "tasks": {"greet": rule}}
    desk.hear(ALICE_SAYS_YES)
    desk.tell()
    (told,) = bodies(desk.crm)
    assert (told["type"], told["data"]["rule"], told["data"]["title"]) == ("task", "greet", "Greet")
    assert told["data"]["reason"].startswith("The contact has entered")


def ticket(number: str, status: str, changed: datetime) -> Record:
    return Record(number, {"id": number, "status": status, "opened": said_at(1), "customer": "alice"}, changed)


def hear_tickets(desk: Desk, *tickets: Record) -> None:
    """The shop has a desk of its own, with its customers' tickets."""
    one = connected(always(page([ALICE_SAYS_YES])), stream("customers", shop([]).streams[0].mapper))
    two = connected(always(page(tickets)), stream("tickets", compiled(TICKETS)))
    found = replace(desk.settings, connections={**desk.settings.connections, "shop": one})
    for each in (one, two):
        Runner(desk.store, found, Silent()).run_all([each], Wish())
    derive(desk.store, found)


THANKS = {"when": {"ticket_closed": "shop"}, "desk": "help", "title": "Ask how it went"}


def test_a_ticket_that_is_closed_makes_one_task(desk: Desk) -> None:
    desk.hub = {"tasks": {"thanks": THANKS}}
    now = datetime.now(UTC)
    before = now - timedelta(days=1)
    hear_tickets(desk, ticket("7", "open", before), ticket("6", "closed", before))
    desk.tell()
    assert desk.tickets() == []  # 6 was closed before there was a rule
    after = now + timedelta(minutes=1)
    for status in ("solved", "closed"):
        hear_tickets(desk, ticket("7", status, after))
        after += timedelta(minutes=1)
    desk.tell()
    (made,) = desk.tickets()
    assert made["description"].startswith("Ticket 7 of shop was closed.")


def test_a_date_makes_a_task_when_it_comes_and_not_before(desk: Desk) -> None:
    rule = {"when": {"date": "last_ticket_at", "after": "60d"}, "desk": "help", "title": "Ask again"}
    desk.hub = {"tasks": {"again": rule}}
    opened = datetime(2026, 1, 1, tzinfo=UTC)
    with time_machine.travel(datetime(2026, 2, 1, tzinfo=UTC)):
        hear_tickets(desk, ticket("7", "open", opened))
        assert desk.notices() == []
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC)):  # the 59th day
        hear_tickets(desk)
        assert desk.notices() == []
    with time_machine.travel(datetime(2026, 3, 2, 12, tzinfo=UTC)):
        hear_tickets(desk)
        hear_tickets(desk)
        (row,) = desk.notices()
        assert row["reason"] == "60 days have passed since last_ticket_at, 2026-01-01."
        desk.tell()
    assert len(desk.tickets()) == 1


def test_a_date_that_was_over_before_there_was_a_rule_is_no_occasion(desk: Desk) -> None:
    rule = {"when": {"date": "last_ticket_at", "after": "1d"}, "desk": "help", "title": "Ask again"}
    desk.hub = {"tasks": {"again": rule}}
    hear_tickets(desk, ticket("7", "open", datetime(2026, 1, 1, tzinfo=UTC)))
    assert desk.notices() == []
