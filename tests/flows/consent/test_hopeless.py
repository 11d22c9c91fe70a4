"""An opt-out that can never arrive at a vendor: everybody else's yes still goes there, but never that person's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.kit.simulator import Fault
from connectors.mailchimp import rules
from connectors.mailchimp.audience import subscriber_hash
from connectors.mailchimp.wire import Problem
from tests.flows.consent.life import Life
from tests.flows.consent.town import LIST, Somebody

Trouble = Callable[[Life, Somebody, pytest.MonkeyPatch], None]
ROUNDS = 10
"""Of half a day each: more than the attempts after which a change is given up."""


class Stubborn(dict[int, tuple[str, str]]):
    """Rows that fail not once but every time."""

    def pop(self, key: int, *_: Any) -> Any:
        return self[key]


def gone_at_the_newsletter(life: Life, who: Somebody, _patch: pytest.MonkeyPatch) -> None:
    """404, though the stream still lists the member."""
    body = b'{"title": "Resource Not Found", "status": 404}'
    life.town.newsletter.script(Fault(match=subscriber_hash(who.email), status=404, times=10_000, body=body))


def invalid_at_the_newsletter(life: Life, who: Somebody, _patch: pytest.MonkeyPatch) -> None:
    """Whatever is asked about the member, reads too."""
    body = b'{"title": "Invalid Resource", "status": 400}'
    life.town.newsletter.script(Fault(match=subscriber_hash(who.email), status=400, times=10_000, body=body))


def refused_at_the_newsletter(life: Life, who: Somebody, patch: pytest.MonkeyPatch) -> None:
    _refuse_writes(who, patch, Problem(400, "Invalid Resource", "no"))


def forgotten_at_the_newsletter(life: Life, who: Somebody, patch: pytest.MonkeyPatch) -> None:
    _refuse_writes(who, patch, Problem(400, "Forgotten Email Not Subscribed", "deleted for good"))


def in_compliance_state_at_the_newsletter(life: Life, who: Somebody, patch: pytest.MonkeyPatch) -> None:
    _refuse_writes(who, patch, Problem(400, "Member In Compliance State", "under review"))


def _refuse_writes(who: Somebody, patch: pytest.MonkeyPatch, problem: Problem) -> None:
    """Reads of the member pass."""
    plain = rules._change

    def change(audience: Any, member_id: str, body: Any, status: str | None) -> str:
        if member_id == subscriber_hash(who.email) and status is not None:
            raise problem
        return plain(audience, member_id, body, status)

    patch.setattr(rules, "_change", change)


def gone_at_the_help_desk(life: Life, who: Somebody, _patch: pytest.MonkeyPatch) -> None:
    life.town.help.jobs.failing = Stubborn({who.user: ("RecordNotFound", "")})


def invalid_at_the_help_desk(life: Life, who: Somebody, _patch: pytest.MonkeyPatch) -> None:
    life.town.help.jobs.failing = Stubborn({who.user: ("UserUpdateError", "Email: is invalid")})


def failing_at_the_help_desk(life: Life, who: Somebody, _patch: pytest.MonkeyPatch) -> None:
    """A word that nobody knows, every time."""
    life.town.help.jobs.failing = Stubborn({who.user: ("SomethingElse", "")})


def forgotten_at_the_help_desk(life: Life, who: Somebody, _patch: pytest.MonkeyPatch) -> None:
    """Deleted, and then for good: nothing there holds the address any more."""
    nothing = {"email": None, "phone": None, "user_fields": {}}
    life.town.help.edit(who.user, active=False)
    life.town.help.edit(who.user, name="Permanently Deleted User", **nothing)


NEWSLETTER = (
    gone_at_the_newsletter,
    invalid_at_the_newsletter,
    refused_at_the_newsletter,
    forgotten_at_the_newsletter,
    in_compliance_state_at_the_newsletter,
)
HELP = (gone_at_the_help_desk, invalid_at_the_help_desk, failing_at_the_help_desk, forgotten_at_the_help_desk)
TROUBLES = [("newsletter", one) for one in NEWSLETTER] + [("help", one) for one in HELP]


@pytest.mark.fault("W09")
@pytest.mark.fault("W10")
@pytest.mark.parametrize(("place", "trouble"), TROUBLES, ids=[one.__name__ for _, one in TROUBLES])
def test_an_opt_out_that_never_arrives_keeps_nobody_elses_yes_waiting(
    life_anywhere: Life, place: str, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = life_anywhere
    charlie = life.town.welcome("Charlie", 158)
    alice = life.town.welcome("Alice", 156, consent="NONE", sms="NONE")
    life.sync()
    life.sync()
    life.town.forget()
    life.later(days=1)
    trouble(life, charlie, monkeypatch)
    life.town.shop.unsubscribe(charlie.customer, "email")
    for round_ in range(ROUNDS):
        life.sync()
        life.later(hours=12)
        if round_ == 0:
            life.town.shop.fill_form(alice.customer, "email")
    assert life.town.simulators[place].sendable(alice.email, "email")
    assert ("email", charlie.email, "in") not in life.town.consents(place)
    assert not [one for one in life.town.changed(place) if one[0] == charlie.email]
    assert life.hub.state("email", charlie.email)["may_send"] is False
    others = set(life.town.simulators) - {place, "texts"}
    assert {name for name in others if life.town.simulators[name].sendable(charlie.email, "email")} == set()


@pytest.mark.fault("W09")
def test_a_yes_of_the_very_person_waits_for_their_own_refused_no(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused by the vendor is not taken back by the person: only a yes of theirs that is newer goes out."""
    charlie = life.town.welcome("Charlie", 158)
    life.sync()
    life.sync()
    life.town.forget()
    invalid_at_the_help_desk(life, charlie, monkeypatch)
    life.later(days=1)
    life.town.shop.unsubscribe(charlie.customer, "email")
    for _ in range(ROUNDS):
        life.sync()
        life.later(hours=12)
    life.town.newsletter.import_list(LIST, [charlie.email])
    life.sync()
    life.sync()
    assert [wanted for _, address, wanted in life.town.consents("help") if address == charlie.email].count("in") == 0
    statuses = {
        row["status"] for row in life.hub.deliveries("help") if row["address"] == charlie.email and row["lane"] == 0
    }
    assert statuses == {"rejected"}
