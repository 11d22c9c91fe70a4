"""Answers that are lost, people who act between a read and a write, and workers that die in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from connectors.kit.destination import Destination
from connectors.kit.simulator import Fault
from connectors.mailchimp.destination import MailchimpDestination
from connectors.shopify.destination import ShopifyDestination
from connectors.twilio.destination import TwilioDestination
from connectors.zendesk.destination import ZendeskDestination
from hub.jobs.rounds import push_what_may_go
from tests.flows.consent.life import Life
from tests.flows.consent.town import FILES, LIST, Somebody

DESTINATIONS: dict[str, type[Destination]] = {
    "shop": ShopifyDestination,
    "newsletter": MailchimpDestination,
    "texts": TwilioDestination,
    "help": ZendeskDestination,
}
CALLS = {"shop": ("graphql", 1), "newsletter": ("/members/", 2), "texts": ("Consents", 0), "help": ("update_many", 0)}
"""What the path of a vendor's write has in it, and how many reads before it look the same."""

CONFIRMED_LIST = FILES["connections/newsletter.yaml"].replace("config: {", "config: {double_optin: true, ")
NOES: dict[str, tuple[str, Callable[[Life, Somebody], object]]] = {
    "shop": ("email", lambda life, who: life.town.newsletter.click_unsubscribe(LIST, who.email)),
    "newsletter": ("email", lambda life, who: life.town.shop.unsubscribe(who.customer, "email")),
    "texts": ("sms", lambda life, who: life.town.shop.unsubscribe(who.customer, "sms")),
    "help": ("email", lambda life, who: life.town.shop.unsubscribe(who.customer, "email")),
}
"""By the vendor that is to be told of it: the channel of a no, and how Charlie says it elsewhere."""


class Killed(BaseException):
    """What the end of a worker looks like from inside."""


@pytest.fixture
def charlie(life: Life) -> Somebody:
    """Charlie said yes to everything, and all vendors know it."""
    life.configure(connections_newsletter=CONFIRMED_LIST)
    charlie = life.town.welcome("Charlie", 158)
    life.sync()
    life.sync()
    life.town.forget()
    life.later(days=1)
    return charlie


def _lose(life: Life, vendor: str, times: int = 1) -> None:
    """Pull what is new, and let the answers to the next writes be lost: they do their work and say nothing."""
    life.later(minutes=10)
    life.hub.round(push=False)
    match, reads = CALLS[vendor]
    life.town.simulators[vendor].script(Fault(match=match, after=reads, times=times, lose_reply=True))


def _push(life: Life) -> None:
    push_what_may_go(life.hub.store, life.hub.settings)


def _statuses(life: Life, vendor: str, wanted: str) -> list[str]:
    return [row["status"] for row in life.hub.deliveries(vendor) if row["wanted"] == wanted]


def interfere(monkeypatch: pytest.MonkeyPatch, vendor: str, act: Callable[[], Any], after: bool = False) -> None:
    """Let something happen once between the read and the next consent write at a vendor, or before its answer comes."""
    kind = DESTINATIONS[vendor]
    plain = kind.write_consent

    def write(self: Destination, changes: Sequence[Any]) -> Any:
        monkeypatch.setattr(kind, "write_consent", plain)
        if after:
            answer = plain(self, changes)
            act()
            return answer
        act()
        return plain(self, changes)

    monkeypatch.setattr(kind, "write_consent", write)


@pytest.mark.fault("W02")
@pytest.mark.parametrize("vendor", ["shop", "newsletter", "texts", "help"])
def test_an_opt_out_whose_answer_was_lost_is_asked_about_again_and_has_one_effect(
    life: Life, charlie: Somebody, vendor: str
) -> None:
    channel, say_no = NOES[vendor]
    say_no(life, charlie)
    _lose(life, vendor)
    _push(life)
    assert _statuses(life, vendor, "out") == ["unknown"]
    for _ in range(3):
        life.sync()
    address = charlie.email if channel == "email" else charlie.phone
    assert [change[:2] for change in life.town.changed(vendor)] == [(address, "out")]
    assert not life.town.simulators[vendor].sendable(address, channel)
    assert set(_statuses(life, vendor, "out")) <= {"confirmed", "superseded"}


@pytest.mark.fault("W02")
def test_where_nothing_can_be_read_the_lost_opt_out_is_sent_again(life: Life, charlie: Somebody) -> None:
    life.town.shop.unsubscribe(charlie.customer, "sms")
    _lose(life, "texts")
    _push(life)
    life.sync()
    assert life.town.consents("texts") == [("sms", charlie.phone, "out")] * 2
    assert len(life.town.changed("texts")) == 1
    rows = [row for row in life.hub.deliveries("texts") if row["wanted"] == "out"]
    assert [(row["status"], row["attempts"]) for row in rows] == [("confirmed", 2)]


@pytest.mark.fault("W02")
@pytest.mark.parametrize("status", [403, 429])
def test_a_second_attempt_that_is_refused_leaves_the_first_one_known_by_its_echo(
    life: Life, charlie: Somebody, status: int
) -> None:
    life.town.shop.unsubscribe(charlie.customer, "sms")
    _lose(life, "texts")
    _push(life)
    (lost,) = (row for row in life.hub.deliveries("texts") if row["wanted"] == "out")
    life.town.texts.script(Fault(match="Consents", status=status, times=100))
    life.later(minutes=10)
    _push(life)
    (again,) = (row for row in life.hub.deliveries("texts") if row["wanted"] == "out")
    assert len(life.town.consents("texts")) == 1
    assert (lost["status"], again["status"]) == ("unknown", "queued")
    assert (again["sent_at"], again["consent_at"], again["was"]) == (lost["sent_at"], lost["consent_at"], lost["was"])


@pytest.mark.fault("W02")
@pytest.mark.parametrize("vendor", ["shop", "newsletter", "texts", "help"])
def test_an_opt_out_that_never_got_there_is_sent_again(life: Life, charlie: Somebody, vendor: str) -> None:
    channel, say_no = NOES[vendor]
    say_no(life, charlie)
    _lose(life, vendor)
    life.town.clear_faults()
    match, reads = CALLS[vendor]
    life.town.simulators[vendor].script(Fault(match=match, after=reads, drop=True))
    _push(life)
    for _ in range(2):
        life.sync()
    address = charlie.email if channel == "email" else charlie.phone
    assert [change[:2] for change in life.town.changed(vendor)] == [(address, "out")]


@pytest.mark.fault("W02")
@pytest.mark.parametrize("vendor", ["newsletter", "help"])
def test_a_grant_whose_answer_was_lost_is_read_back_and_never_sent_again(
    life: Life, charlie: Somebody, vendor: str
) -> None:
    bob = life.town.welcome("Bob", 157, sms="NONE", days=0)
    _lose(life, vendor)
    _push(life)
    assert "unknown" in _statuses(life, vendor, "in")
    for _ in range(3):
        life.sync()
    told = [told for told in life.town.consents(vendor) if told[1] == bob.email]
    assert told == [("email", bob.email, "in")]
    assert life.town.simulators[vendor].sendable(bob.email, "email")
    assert "unknown" not in _statuses(life, vendor, "in")


@pytest.mark.fault("W02")
def test_a_grant_that_never_got_there_is_planned_anew(life: Life, charlie: Somebody) -> None:
    bob = life.town.welcome("Bob", 157, sms="NONE", days=0)
    life.later(minutes=10)
    life.hub.round(push=False)
    life.town.help.script(Fault(match="update_many", drop=True))
    _push(life)
    assert not life.town.help.sendable(bob.email, "email")
    life.sync()
    life.sync()
    assert life.town.help.sendable(bob.email, "email")
    assert len([told for told in life.town.consents("help") if told[1] == bob.email]) == 1


@pytest.mark.fault("W02")
def test_the_gateway_is_never_told_a_yes_so_that_none_can_be_lost(life: Life, charlie: Somebody) -> None:
    """What Twilio holds cannot be read: a STOP may stand there, and only the phone's own START lifts it."""
    life.town.shop.unsubscribe(charlie.customer, "sms")
    life.sync()
    life.sync()
    assert life.town.texts.blocked(charlie.phone)
    life.later(days=1)
    life.town.shop.fill_form(charlie.customer, "sms")
    for _ in range(3):
        plan = life.sync().plan
        life.later(days=1)
    assert life.town.consents("texts") == [("sms", charlie.phone, "out")]
    assert ("texts", "vendor_locked") in {(one.operation.destination, one.reason) for one in plan.withheld}
    assert life.town.help.sendable(charlie.phone, "sms")


@pytest.mark.fault("W03")
def test_a_no_right_after_the_payload_of_our_yes_wins_at_the_next_round(life: Life) -> None:
    alice = _signs_a_paper(life)
    life.town.shop.flip_after_payload(alice.customer, "email", "UNSUBSCRIBED")
    life.sync()
    assert life.town.changed("shop") == [(alice.email, "in", "NOT_SUBSCRIBED", "SUBSCRIBED")]
    life.sync()
    assert not life.town.shop.sendable(alice.email, "email")
    assert not life.town.newsletter.sendable(alice.email, "email")
    assert life.sync().plan.operations == ()


def _signs_a_paper(life: Life) -> Somebody:
    """Alice's yes comes by way of the hub itself, so that it is new to the shop."""
    alice = life.town.welcome("Alice", 156, consent="NONE", sms="NONE")
    life.sync()
    life.town.forget()
    life.later(days=1)
    life.hub.write_down_a_yes(alice.email)
    return alice


@pytest.mark.fault("W03")
def test_a_no_that_comes_while_a_vendor_asks_for_patience_stops_the_yes_that_waits(life: Life) -> None:
    """Mailchimp asks for a minute; in it Alice says no at the shop. Whether the yes may go is asked anew."""
    alice = life.town.welcome("Alice", 156, sms="NONE")
    wait = {"Retry-After": "60"}
    life.town.newsletter.script(Fault(match="/members/", after=2, status=429, headers=wait))
    life.sync()
    life.town.shop.unsubscribe(alice.customer, "email")
    life.sync()
    life.sync()
    assert [change for change in life.town.changed("newsletter") if change[1] == "in"] == []
    assert not life.town.newsletter.sendable(alice.email, "email")


@pytest.mark.fault("W03")
def test_a_no_between_the_read_and_the_write_of_our_yes_wins_at_the_next_round(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shop keeps the newest time, and the person's no is younger than the yes that we bring."""
    alice = _signs_a_paper(life)

    def clicks() -> None:
        life.later(minutes=1)
        life.town.shop.unsubscribe(alice.customer, "email")

    interfere(monkeypatch, "shop", clicks)
    life.sync()
    assert not life.town.shop.sendable(alice.email, "email")
    life.sync()
    assert not life.town.newsletter.sendable(alice.email, "email")
    assert life.sync().plan.operations == ()


@pytest.mark.fault("W03")
@pytest.mark.parametrize("vendor", ["newsletter", "help"])
def test_a_no_between_the_read_and_the_write_of_our_yes_is_seen_where_it_is_said_again(
    life: Life, monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    """Mailchimp refuses the yes itself; at the shop, whence the yes came, the no of the same minute wins."""
    alice = life.town.welcome("Alice", 156)

    def acts() -> None:
        life.later(minutes=6)
        if vendor == "newsletter":
            life.town.newsletter.click_unsubscribe(LIST, alice.email)
        life.town.shop.unsubscribe(alice.customer, "email")

    interfere(monkeypatch, vendor, acts)
    life.sync()
    life.sync()
    assert not life.town.simulators[vendor].sendable(alice.email, "email")
    assert not life.town.shop.sendable(alice.email, "email")


@pytest.mark.fault("W03")
def test_a_yes_between_the_read_and_the_write_of_our_no_is_not_overwritten(
    life: Life, charlie: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shop keeps the newest time: our older no changes nothing there, and the person's yes is read."""
    life.town.newsletter.click_unsubscribe(LIST, charlie.email)

    def changes_their_mind() -> None:
        life.later(minutes=10)
        life.town.shop.fill_form(charlie.customer, "email")

    interfere(monkeypatch, "shop", changes_their_mind)
    life.sync()
    assert life.town.shop.sendable(charlie.email, "email")
    life.sync()
    assert life.town.shop.sendable(charlie.email, "email")
    assert life.hub.reason("email", charlie.email) == "granted"


@pytest.mark.fault("W02")
@pytest.mark.parametrize("vendor", ["shop", "newsletter", "texts", "help"])
def test_an_opt_out_of_a_worker_that_died_before_the_call_is_sent_once(
    life: Life, charlie: Somebody, monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    channel, say_no = NOES[vendor]
    say_no(life, charlie)
    interfere(monkeypatch, vendor, _die)
    with pytest.raises(Killed):
        life.sync()
    assert life.town.changed(vendor) == []
    for _ in range(2):
        life.sync()
    address = charlie.email if channel == "email" else charlie.phone
    assert [told[1:] for told in life.town.consents(vendor)] == [(address, "out")]


@pytest.mark.fault("W02")
@pytest.mark.parametrize("vendor", ["newsletter", "help"])
def test_a_grant_of_a_worker_that_died_before_the_call_is_sent_once(
    life: Life, monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    alice = life.town.welcome("Alice", 156, sms="NONE")
    interfere(monkeypatch, vendor, _die)
    with pytest.raises(Killed):
        life.sync()
    for _ in range(3):
        life.sync()
    assert life.town.consents(vendor) == [("email", alice.email, "in")]
    assert "sent" not in _statuses(life, vendor, "in")


def _die() -> None:
    raise Killed
