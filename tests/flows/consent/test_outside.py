"""After a lively month, seen from outside: by what the vendors would send, and by the ledgers of what they heard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.flows.consent.cast import Month, live_through
from tests.flows.consent.life import Life, alive

SETTLED_OTHERWISE = {"vendor_locked", "not_held", "unsupported"}
"""Ends of a delivery after which a destination may say something else than the evidence."""

Lived = tuple[Life, Month]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """The end of the month, once for all who only look."""
    root = tmp_path_factory.mktemp("town")
    with ExitStack() as stack:
        url = f"sqlite:///{root / 'hub.db'}"
        if request.param == "postgres":
            server = request.getfixturevalue("postgres_server")
            url = server.create_database()
            stack.callback(server.drop_database, url)
        life = stack.enter_context(alive(root, url))
        yield life, live_through(life)


def test_these_journeys_are_judged_without_a_word_of_hub_consent() -> None:
    importing = re.compile(r"^\s*(?:from|import) +hub\.consent\b|from +hub +import +.*\bconsent\b", re.MULTILINE)
    files = sorted(Path(__file__).parent.glob("*.py"))
    assert len(files) > 3
    assert [file.name for file in files if importing.search(file.read_text("utf-8"))] == []


@pytest.mark.fault("W06")
def test_whoever_said_no_is_sent_to_by_nobody_who_holds_the_address(lived: Lived) -> None:
    life, month = lived
    assert {line for line in month.noes if life.town.sending_to(*line)} == set()
    assert all(life.town.texts.blocked(number) for channel, number in month.noes if channel == "sms")


def test_every_vendor_but_the_sms_gateway_still_sends_to_those_who_said_yes(lived: Lived) -> None:
    """The guard against a hub that is safe because it blocks everybody."""
    life, month = lived
    withheld = {(one.operation.destination, one.operation.address) for one in life.hub.plan().withheld}
    for channel, address in sorted(month.yeses):
        assert life.town.shop.sendable(address, channel)
        for name, vendor in life.town.simulators.items():
            assert vendor.sendable(address, channel) is not False or (name, address) in withheld
    assert life.town.newsletter.sendable(month["Lena"].email, "email")


def test_nobody_who_was_never_asked_has_not_confirmed_or_bounced_was_written_to(lived: Lived) -> None:
    life, month = lived
    written = {(channel, address) for name in life.town.simulators for channel, address, _ in life.town.consents(name)}
    users = life.town.help.account.users.values()
    neighbours = {("email", one["email"]) for one in users if one["email"].endswith("@example.org")}
    assert len(neighbours) > 10
    assert written & (month.nobody | neighbours) == set()


def test_no_segment_holds_anybody_who_must_not_be_sent_to(lived: Lived) -> None:
    life, month = lived
    told = [(address, wanted) for name in life.town.simulators for address, _, wanted in life.town.tags(name)]
    added = {address for address, wanted in told if wanted == "add"}
    removed = {address for address, wanted in told if wanted == "remove"}
    assert added - removed == {month["Alice"].email}
    assert removed
    assert removed <= {address for _, address in month.noes}


def test_every_difference_that_is_left_is_shown_and_has_a_reason(lived: Lived) -> None:
    life, month = lived
    plan = life.hub.plan()
    shown = {(one.operation.destination, one.operation.field, one.operation.address) for one in plan.withheld}
    shown |= {
        (row["destination"], row["field"], row["address"])
        for row in life.hub.deliveries()
        if row["status"] in SETTLED_OTHERWISE
    }
    assert plan.operations == ()
    assert ("newsletter", "email", month["Pia"].email) in _left(life, month)
    assert _left(life, month) - shown == set()
    assert all(one.reason for one in plan.withheld)


def _left(life: Life, month: Month) -> set[tuple[str, str, str]]:
    """Where a vendor would do something else than the person said last."""
    return {
        (name, channel, address)
        for lines, wish in ((month.yeses, True), (month.noes, False))
        for channel, address in lines
        for name, vendor in life.town.simulators.items()
        if (says := vendor.sendable(address, channel)) is not None and says is not wish
    }
