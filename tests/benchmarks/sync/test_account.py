"""The vendor's users: as a hub can use them, in the order of their last change, and changed on demand."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from benchmarks.sync.account import Desk
from connectors.kit.base import Cursor
from connectors.kit.simulator import serve
from connectors.zendesk.config import ZendeskConfig
from connectors.zendesk.simulator import TOKEN
from connectors.zendesk.source import USERS, ZendeskSource


def pulled(desk: Desk, cursor: Cursor | None = None) -> tuple[list[dict[str, Any]], Cursor]:
    with serve(desk.simulator) as server:
        source = ZendeskSource(ZendeskConfig(subdomain="acme", token=TOKEN, base_url=server.base_url))
        pages = list(source.pull(USERS, cursor))
        source.close()
    return [record.data for page in pages for record in page.records], pages[-1].cursor


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(300)


def test_everybody_is_read_once_and_the_last_change_comes_last(desk: Desk) -> None:
    users, _ = pulled(desk)

    assert len({user["id"] for user in users}) == len(users) == 300
    assert all(one["updated_at"] < next_one["updated_at"] for one, next_one in pairwise(users))
    assert datetime.fromisoformat(users[-1]["updated_at"]) == desk.newest


def test_addresses_are_such_as_a_mapping_takes(desk: Desk) -> None:
    users, _ = pulled(desk)
    emails = [user["email"] for user in users if user["email"]]

    assert len(emails) > 150
    assert not [email for email in emails if email.endswith(".test")]
    assert {user["phone"][:2] for user in users if user["phone"]} == {"+6", "04"}


def test_the_same_number_of_records_is_the_same_people() -> None:
    assert pulled(Desk(50))[0] == pulled(Desk(50))[0]


def test_after_a_change_a_pull_that_goes_on_reads_those_who_changed() -> None:
    desk = Desk(300)
    before, cursor = pulled(desk)
    desk.change(30)
    changed, cursor = pulled(desk, cursor)
    desk.change(30)
    again, _ = pulled(desk, cursor)

    numbers = {user["id"]: user["phone"] for user in before}
    assert len(changed) == len(again) == 30
    assert all(user["phone"] != numbers[user["id"]] for user in changed)
    assert {user["phone"] for user in changed}.isdisjoint(user["phone"] for user in again)
