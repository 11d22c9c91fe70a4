"""The three acts: somebody can always play them, and each says one thing of one address."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.demo.acts import NUMBERS, act, perform
from hub.demo.estate import make_estate
from hub.demo.vendors import Vendors
from hub.demo.witness import ask, told, witness
from hub.demo.world import World


def still(people: int, seed: int) -> World:
    """A world that nobody can reach over the network."""
    world = World(Path(), make_estate(people, seed), Vendors())
    world.vendors.load(world.estate)
    return world


@pytest.mark.parametrize("people", [50, 60, 200, 2_000])
@pytest.mark.parametrize("seed", [20, 21])
def test_there_is_always_somebody_for_each_act(people: int, seed: int) -> None:
    world = still(people, seed)
    nora, otto, gwen = (act(world, number) for number in NUMBERS)
    assert ask(world, nora.key) == {"newsletter": "subscribed", "shop": "SUBSCRIBED", "help": "granted"}
    assert ask(world, otto.key) == {"shop": "SUBSCRIBED", "help": "granted", "texts": "open"}
    assert ask(world, gwen.key)["newsletter"] == "unsubscribed by the person"
    assert {*ask(world, gwen.key)} == {"newsletter", "shop", "help"}
    assert [world.last_acts[one.key] for one in (nora, otto, gwen)] == ["in", "in", "out"]


def test_everybody_near_has_an_address_that_could_be_hit(world: World) -> None:
    for number in NUMBERS:
        chosen = act(world, number)
        keys = {bystander.key for bystander in chosen.bystanders}
        assert len(keys) == len(chosen.bystanders) >= 2
        assert chosen.key not in keys
        assert {channel for channel, _ in keys} == {"email", "sms"}
        assert all(ask(world, key)["shop"] == "SUBSCRIBED" for key in keys)


def test_an_act_is_the_addresss_last_word_and_no_request_of_ours(world: World) -> None:
    before = dict(world.last_acts)
    acts = [perform(world, number) for number in NUMBERS]
    assert [one.word for one in acts] == ["out", "out", "in"]
    assert world.last_acts == {**before, **{one.key: one.word for one in acts}}
    assert all(simulator.ledger == [] for _, simulator in world.vendors)


def test_nora_leaves_and_it_is_told_where_it_has_arrived(world: World) -> None:
    before = witness(world, act(world, 1))
    nora = perform(world, 1)
    user = next(user for user in world.estate.help_users if user["email"] == nora.key[1])
    world.vendors.help.agent_sets(user["id"], "email", "withdrawn")
    first, *others = told(before, witness(world, nora))
    assert first == (
        "newsletter: unsubscribed by the person (was subscribed) · shop: SUBSCRIBED · help: withdrawn (was granted)"
    )
    assert others == [
        "Nora's text messages: untouched",
        "Otto's, who lives with Nora, e-mail: untouched",
        "Otto's, who lives with Nora, text messages: untouched",
    ]


def test_a_hit_on_a_bystander_is_told_too(world: World) -> None:
    before = witness(world, act(world, 1))
    nora = perform(world, 1)
    shop = world.vendors.shop
    customer = shop.customer_of(nora.key[1])
    assert customer is not None
    shop.unsubscribe(customer, "sms")
    assert told(before, witness(world, nora))[1] == (
        "Nora's text messages: CHANGED, shop: UNSUBSCRIBED (was SUBSCRIBED)"
    )


def test_otto_is_out_of_the_shops_texts_alone_and_gwen_has_a_new_yes_there(world: World) -> None:
    shop = world.vendors.shop
    otto, gwen = perform(world, 2), perform(world, 3)
    assert (shop.sendable(otto.key[1], "sms"), shop.sendable(otto.person.email, "email")) == (False, True)
    node = shop.store.customer(str(shop.customer_of(gwen.key[1])))
    assert node is not None
    held = node["defaultEmailAddress"]
    assert (held["marketingState"], held["marketingOptInLevel"]) == ("SUBSCRIBED", "SINGLE_OPT_IN")
    assert held["marketingUpdatedAt"] == node["updatedAt"]
    assert world.vendors.newsletter.sendable(gwen.key[1], "email") is False


def test_a_fourth_act_there_is_not(world: World) -> None:
    with pytest.raises(KeyError):
        perform(world, 4)
