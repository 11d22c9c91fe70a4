"""The order in which things leave: every no before anything else, and a yes only where nothing speaks against it."""

from __future__ import annotations

import pytest

from connectors.kit.simulator import Fault
from hub.stages.pull import Wish
from tests.flows.consent.cast import live_through
from tests.flows.consent.life import Life, sketch, told
from tests.flows.consent.town import FILES, LIST, PUSH, Somebody

FOR_EVER = 1_000_000
MODES = {
    "approve": PUSH.replace("first: auto", "first: approve"),
    "off": "mode: off",
    "plan": "mode: plan, first: auto",
}


def _with(connection: str, push: str) -> dict[str, str]:
    """The configuration file of a connection with another way to push."""
    return {f"connections_{connection}": FILES[f"connections/{connection}.yaml"].replace(PUSH, push)}


@pytest.fixture
def charlie(life: Life) -> Somebody:
    """Charlie takes part in everything, says no by e-mail at Mailchimp; Alice says yes anew. Nobody knows it yet."""
    charlie, bob = life.town.welcome("Charlie", 158), life.town.welcome("Bob", 157)
    alice = life.town.welcome("Alice", 156, consent="NONE", sms="NONE")
    life.sync()
    life.sync()
    life.town.forget()
    life.later(days=1)
    for customer in (alice.customer, bob.customer):
        life.town.shop.place_order(customer)
        life.town.shop.place_order(customer)
    life.town.shop.fill_form(alice.customer, "email")
    life.town.shop.fill_form(alice.customer, "sms")
    life.town.newsletter.click_unsubscribe(LIST, charlie.email)
    life.town.texts.text(charlie.phone, "STOP")
    return charlie


def _wanted(life: Life) -> list[tuple[str, str]]:
    """(connection, wanted) of every write, in order."""
    return [(name, effect["wanted"]) for name, _, effect in life.town.in_order()]


@pytest.mark.fault("W11")
def test_every_opt_out_is_everywhere_before_any_grant_or_tag_goes_anywhere(life: Life, charlie: Somebody) -> None:
    life.sync()
    wanted = _wanted(life)
    lanes = ["in" if want == "in" else want for _, want in wanted]
    assert lanes == sorted(lanes, key=["out", "remove", "add", "in"].index)
    assert {name for name, want in wanted if want == "out"} == {"shop", "help"}
    assert {name for name, want in wanted if want == "add"} == {"shop", "help", "newsletter"}
    assert {name for name, want in wanted if want == "in"} == {"help", "newsletter"}
    assert not life.town.shop.sendable(charlie.phone, "sms")


@pytest.mark.fault("W11")
def test_each_round_of_a_lively_month_keeps_the_order(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    plain = life.hub.round

    def watched(**how: object) -> object:
        life.town.forget()
        result = plain(**how)
        seen.append([want for _, want in _wanted(life)])
        return result

    monkeypatch.setattr(life.hub, "round", watched)
    live_through(life)
    assert {want for lanes in seen for want in lanes} == {"out", "remove", "add", "in"}
    assert [lanes for lanes in seen if lanes != sorted(lanes, key=["out", "remove", "add", "in"].index)] == []


@pytest.mark.fault("W11")
@pytest.mark.parametrize(
    "fault",
    [
        Fault(match="update_many", times=FOR_EVER, status=429, headers={"Retry-After": "3600"}),
        Fault(match="update_many", times=FOR_EVER, status=503),
        Fault(match="update_many", times=FOR_EVER, drop=True),
    ],
    ids=["turned away", "down", "cut"],
)
def test_where_an_opt_out_cannot_arrive_no_grant_goes_and_the_others_get_theirs(
    life: Life, charlie: Somebody, fault: Fault
) -> None:
    life.town.help.script(fault)
    for _ in range(3):
        life.sync()
        life.later(hours=1)
    assert "in" not in {want for name, want in _wanted(life) if name == "help"}
    assert not life.town.shop.sendable(charlie.email, "email")
    assert life.town.newsletter.sendable("alice@example.com", "email")
    life.town.clear_faults()
    for _ in range(3):
        life.sync()
        life.later(hours=1)
    assert not life.town.help.sendable(charlie.email, "email")
    assert life.town.help.sendable("alice@example.com", "email")
    changed = [change for change in life.town.changed("help") if change[0] == charlie.email]
    assert changed == [(charlie.email, "out", "granted", "withdrawn")]


@pytest.mark.fault("W11")
def test_while_nobody_knows_whether_an_opt_out_arrived_no_grant_goes_there(life: Life, charlie: Somebody) -> None:
    life.town.help.script(Fault(match="update_many", times=FOR_EVER, lose_reply=True))
    result = life.sync()
    assert {want for name, want in _wanted(life) if name == "help"} == {"out", "add"}
    assert set(result.push.held_grants) == {"help"}
    assert life.town.newsletter.sendable("alice@example.com", "email")
    life.town.clear_faults()
    life.sync()
    assert life.town.help.sendable("alice@example.com", "email")
    assert not life.town.help.sendable(charlie.email, "email")


@pytest.mark.fault("W11")
def test_while_the_gateway_was_not_heard_no_sms_grant_goes_and_every_no_does(life: Life, charlie: Somebody) -> None:
    """Alice's yes is younger than the last time that anybody asked Twilio: she may have texted STOP since."""
    life.town.texts.script(Fault(match="Messages", times=FOR_EVER, status=503))
    life.later(days=1)
    life.hub.round()
    life.later(hours=1)
    result = life.hub.round()
    assert {end.status for end in result.ends if end.connection == "texts"} != {"ok"}
    assert "texts" in result.push.held_grants["help"]
    assert ("sms", "+61491570156", "in") not in life.town.consents("help")
    assert ("email", charlie.email, "out") in life.town.consents("help")
    life.town.clear_faults()
    life.sync()
    assert ("sms", "+61491570156", "in") in life.town.consents("help")


def test_a_source_that_was_heard_a_while_ago_is_fresh_enough(life: Life, charlie: Somebody) -> None:
    """And a no that is known already counts whatever is fresh."""
    life.configure(consent=FILES["consent.yaml"] + "  max_age: 48h\n")
    life.town.texts.script(Fault(match="Messages", times=FOR_EVER, status=503))
    life.later(minutes=10)
    assert life.hub.round().push.held_grants == {}
    assert ("sms", "+61491570156", "in") in life.town.consents("help")


@pytest.mark.fault("W06")
def test_the_first_grants_wait_for_a_person_and_the_first_opt_outs_do_not(life: Life) -> None:
    life.configure(**_with("help", MODES["approve"]), **_with("newsletter", MODES["approve"]))
    alice, charlie = life.town.welcome("Alice", 156), life.town.welcome("Charlie", 158, consent="UNSUBSCRIBED")
    for _ in range(2):
        result = life.sync()
        waiting = {one.destination: (one.operations, one.reason) for one in result.push.waiting}
        assert waiting == {"help": (3, "first"), "newsletter": (1, "first")}
        assert life.town.consents("help") == [("email", charlie.email, "out")]
        assert life.town.consents("newsletter") == [("email", charlie.email, "out")]
    assert not life.town.newsletter.sendable(alice.email, "email")


@pytest.mark.fault("W07")
@pytest.mark.parametrize("guard", ["changes: 1%, rows: 5000", "changes: 100%, rows: 1"], ids=["share", "rows"])
def test_more_changes_than_the_guard_allows_wait_and_the_opt_outs_among_them_do_not(life: Life, guard: str) -> None:
    push = PUSH.replace("changes: 100%, rows: 5000", guard)
    life.configure(**_with("help", push))
    for number, name in enumerate(("Alice", "Bob"), 156):
        life.town.welcome(name, number)
    charlie = life.town.welcome("Charlie", 158, consent="UNSUBSCRIBED", sms="UNSUBSCRIBED")
    result = life.sync()
    assert [(one.destination, one.operations, one.reason) for one in result.push.waiting] == [("help", 4, "guard")]
    assert sorted(life.town.consents("help")) == [("email", charlie.email, "out"), ("sms", charlie.phone, "out")]


@pytest.mark.fault("W07")
def test_many_opt_outs_at_once_pass_every_guard(life: Life) -> None:
    life.configure(**_with("help", PUSH.replace("changes: 100%, rows: 5000", "changes: 1%, rows: 1")))
    people = [life.town.welcome(f"Person{number}", number, consent="UNSUBSCRIBED") for number in range(20, 40)]
    life.sync()
    assert {address for _, address, wanted in life.town.consents("help") if wanted == "out"} == {
        one.email for one in people
    }


def test_a_destination_that_is_only_planned_gets_nothing_and_shows_everything(life: Life, charlie: Somebody) -> None:
    life.configure(**_with("help", MODES["plan"]))
    result = life.sync()
    assert life.town.consents("help") == life.town.tags("help") == []
    assert ("help", charlie.email, "email", "out") in sketch(result.plan.operations)
    assert [(one.destination, one.reason) for one in result.push.waiting] == [("help", "mode")]
    assert not life.town.shop.sendable(charlie.email, "email")


def test_a_destination_that_is_off_is_not_even_planned(life: Life, charlie: Somebody) -> None:
    life.configure(**_with("help", MODES["off"]))
    result = life.sync()
    assert {told(one)[0] for one in result.plan.operations} == {"shop", "newsletter"}
    assert life.town.consents("help") == []
    assert not life.town.shop.sendable(charlie.email, "email")


@pytest.mark.fault("W13")
def test_a_dry_run_asks_and_writes_nothing(life: Life, charlie: Somebody) -> None:
    for simulator in life.town.simulators.values():
        simulator.ledger.clear()
    life.hub.round(wish=Wish(dry_run=True))
    life.hub.plan()
    assert life.town.in_order() == []
    assert life.town.newsletter.ledger
    assert not life.town.newsletter.sendable(charlie.email, "email")
    assert life.town.shop.sendable(charlie.email, "email")
