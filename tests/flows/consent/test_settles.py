"""Everything comes to rest: after a lively month nothing is left to say, and two hubs at one vendor do not argue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.consent.cast import live_through
from tests.flows.consent.life import LAG, HubHere, Life, alive
from tests.flows.consent.town import FILES, Somebody

HALF = {"connections_newsletter": "", "connections_texts": ""}


@pytest.mark.fault("W04")
def test_after_a_lively_month_three_more_rounds_send_nothing(life_anywhere: Life) -> None:
    life = life_anywhere
    live_through(life)
    life.town.forget()
    for _ in range(3):
        result = life.sync()
        assert result.plan.operations == ()
        assert [end.as_json() for end in result.push.ends] == []
    assert life.town.in_order() == []


@pytest.mark.fault("W04")
def test_reading_everything_again_after_a_lively_month_sends_nothing(life: Life) -> None:
    live_through(life)
    life.town.forget()
    before = life.hub.digest()
    assert life.sync(full=True).plan.operations == ()
    assert life.hub.digest() == before
    assert life.town.in_order() == []


def _config(installation: str) -> dict[str, str]:
    grants = "consent:\n  grant_sources: {email: [shop.form], sms: [shop.form]}\n"
    return {"hub": FILES["hub.yaml"] + f"installation: {installation}\n", "consent": grants, **HALF}


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Life, HubHere]]:
    """Two hubs that both pull and push the same shop and the same help desk, and know nothing of each other."""
    with alive(tmp_path / "one", f"sqlite:///{tmp_path / 'one.db'}", changed=_config("one")) as life, life.stack:
        yield life, life.another_hub(tmp_path / "two", f"sqlite:///{tmp_path / 'two.db'}", _config("two"))


def _go_round(life: Life, *hubs: HubHere) -> list[int]:
    """One round each; how many operations each planned."""
    planned = []
    for hub in hubs:
        life.time.pass_by(LAG)
        planned.append(len(hub.round().plan.operations))
    return planned


@pytest.mark.fault("W04")
def test_two_hubs_on_the_same_vendors_go_quiet_after_a_round_each(two: tuple[Life, HubHere]) -> None:
    life, other = two
    alice, bob, charlie = (
        life.town.welcome(name, number) for number, name in enumerate(("Alice", "Bob", "Charlie"), 156)
    )
    life.town.shop.unsubscribe(bob.customer, "email")
    life.town.help.agent_sets(charlie.user, "email", "withdrawn")
    for customer in (alice.customer, bob.customer):
        life.town.shop.place_order(customer)
        life.town.shop.place_order(customer)
    _go_round(life, life.hub, other)
    life.town.forget()
    assert [_go_round(life, life.hub, other) for _ in range(3)] == [[0, 0]] * 3
    assert life.town.in_order() == []
    for hub in (life.hub, other):
        assert [hub.reason("email", one.email) for one in (alice, bob, charlie)] == [
            "granted",
            "withdrawn",
            "withdrawn",
        ]


@pytest.mark.fault("W04")
@pytest.mark.parametrize("first", [0, 1])
def test_what_people_do_meanwhile_still_passes_to_both_hubs(two: tuple[Life, HubHere], first: int) -> None:
    life, other = two
    hubs = (life.hub, other) if first == 0 else (other, life.hub)
    town = life.town
    alice, bob = town.welcome("Alice", 156), town.welcome("Bob", 157)
    _go_round(life, *hubs)
    life.later(days=1)
    town.shop.unsubscribe(alice.customer, "email")
    _go_round(life, hubs[0])
    town.help.agent_sets(bob.user, "sms", "withdrawn")  # while the other hub is at work
    _go_round(life, hubs[1], hubs[0])
    _see(life, hubs, alice, "email", False)
    _see(life, hubs, bob, "sms", False)
    life.later(days=1)
    town.shop.fill_form(alice.customer, "email")
    _go_round(life, hubs[0], hubs[1])
    _see(life, hubs, alice, "email", True)
    town.forget()
    assert [_go_round(life, *hubs) for _ in range(2)] == [[0, 0]] * 2


def _see(life: Life, hubs: tuple[HubHere, HubHere], who: Somebody, channel: str, wish: bool) -> None:
    address = who.email if channel == "email" else who.phone
    assert [hub.state(channel, address)["may_send"] for hub in hubs] == [wish, wish]
    assert life.town.shop.sendable(address, channel) is wish
    assert life.town.help.sendable(address, channel) is wish
