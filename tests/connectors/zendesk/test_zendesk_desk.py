"""Zendesk as a place for tasks: a ticket that agents alone hear of, and that is found again by its key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from connectors.kit.desk import Task
from connectors.kit.errors import AuthError, VendorDown
from connectors.kit.simulator import Fault
from connectors.kit.testing import FakeClock
from connectors.zendesk.config import ZendeskConfig
from connectors.zendesk.desk import ZendeskDesk
from connectors.zendesk.simulator import ZendeskSimulator

TASK = Task("evt_0123", "Call the customer", "The contact has entered the segment vip.", "high")


def config(base_url: str, token: str = "zendesk-simulated-token") -> ZendeskConfig:
    return ZendeskConfig.model_validate({"subdomain": "acme", "token": token, "base_url": base_url})


@pytest.fixture
def desk(base_url: str, clock: FakeClock) -> Iterator[ZendeskDesk]:
    with closing(ZendeskDesk(config(base_url), clock=clock)) as desk:
        yield desk


def test_a_task_is_a_ticket_that_no_customer_hears_of(desk: ZendeskDesk, simulator: ZendeskSimulator) -> None:
    assert desk.open(TASK).status == "confirmed"
    (ticket,) = simulator.account.tickets.values()
    assert (ticket["subject"], ticket["description"], ticket["priority"], ticket["type"]) == (
        TASK.title,
        TASK.text,
        "high",
        "task",
    )
    assert (ticket["external_id"], ticket["requester_id"], ticket["is_public"]) == (TASK.key, None, False)


def test_a_task_is_found_by_its_key_and_only_by_that(desk: ZendeskDesk) -> None:
    assert desk.find(TASK.key) == ""
    desk.open(TASK)
    assert desk.find(TASK.key) == "35"
    assert desk.find("evt_01") == ""


@pytest.mark.fault("W02")
def test_a_lost_answer_is_not_known_and_the_ticket_is_found(desk: ZendeskDesk, simulator: ZendeskSimulator) -> None:
    simulator.script(Fault(match="/tickets", lose_reply=True))
    with pytest.raises(VendorDown):
        desk.open(TASK)
    assert desk.find(TASK.key) == "35"
    assert len(simulator.account.tickets) == 1


@pytest.mark.parametrize(
    ("body", "status"), [(b'{"ok": true}', "unknown"), (b"[]", "unknown"), (b'{"ticket": 7}', "unknown")]
)
def test_an_answer_without_a_ticket_is_no_answer(
    desk: ZendeskDesk, simulator: ZendeskSimulator, body: bytes, status: str
) -> None:
    simulator.script(Fault(match="/tickets", status=201, headers={"Content-Type": "application/json"}, body=body))
    assert desk.open(TASK).status == status


def test_what_zendesk_refuses_is_refused_for_good(desk: ZendeskDesk) -> None:
    outcome = desk.open(Task("evt_1", "x", ""))
    assert (outcome.status, "422" in outcome.message) == ("rejected", True)


def test_a_token_that_may_not_is_told(base_url: str, clock: FakeClock) -> None:
    with closing(ZendeskDesk(config(base_url, "wrong-token"), clock=clock)) as desk, pytest.raises(AuthError):
        desk.open(TASK)
