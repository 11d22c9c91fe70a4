"""What went out to whom, counted in the vendors' ledgers: a yes counts for the word that stood when it came in."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from hub.demo.acts import act, perform
from hub.demo.newsletter import LIST_ID, member_id
from hub.demo.planted import claimed_by_import
from hub.demo.vendors import SECRETS
from hub.demo.witness import opted_out_sent
from hub.demo.world import World
from hub.settings.load import load


def url(world: World, connection: str) -> str:
    config: Any = load(world.folder / "config").connections[connection].config
    return str(config.base_url)


def subscribe(world: World, email: str, status: str = "subscribed") -> None:
    """What a hub without a gate would send to the newsletter."""
    path = f"{url(world, 'newsletter')}/3.0/lists/{LIST_ID}/members/{member_id(email)}"
    requests.patch(path, json={"status": status}, auth=("any", SECRETS["newsletter"]), timeout=10)


def tag(world: World, email: str, active: bool = True) -> None:
    path = f"{url(world, 'newsletter')}/3.0/lists/{LIST_ID}/members/{member_id(email)}/tags"
    wish = {"name": "hub-vip", "status": "active" if active else "inactive"}
    said = requests.post(path, json={"tags": [wish]}, auth=("any", SECRETS["newsletter"]), timeout=10)
    assert said.status_code == 204


def withdrawn(world: World) -> str:
    """The address of the trap whose own last word is a no, and who is a subscribed member all the same."""
    member = next(key[2] for key in world.estate.traps[claimed_by_import.__name__] if key[0] == "newsletter")
    return next(str(m["email_address"]) for m in world.estate.members if m["id"] == member)


def test_nothing_was_sent_in_a_new_world(world: World) -> None:
    assert opted_out_sent(world) == 0


def test_a_yes_or_a_tag_for_someone_who_withdrew_is_counted(world: World) -> None:
    subscribe(world, withdrawn(world))
    assert opted_out_sent(world) == 1
    tag(world, withdrawn(world))
    assert opted_out_sent(world) == 2


def test_a_yes_that_the_vendor_refused_is_counted_too(world: World) -> None:
    subscribe(world, act(world, 3).key[1])
    assert world.vendors.newsletter.sendable(act(world, 3).key[1], "email") is False
    assert opted_out_sent(world) == 1


def test_a_no_and_a_tag_taken_off_are_not(world: World) -> None:
    subscribe(world, withdrawn(world), status="unsubscribed")
    tag(world, withdrawn(world), active=False)
    assert opted_out_sent(world) == 0


def test_what_was_sent_before_nora_left_stays_right_and_what_comes_after_is_wrong(world: World) -> None:
    nora = act(world, 1)
    tag(world, nora.key[1])
    perform(world, 1)
    assert opted_out_sent(world) == 0
    tag(world, nora.key[1])
    assert opted_out_sent(world) == 1


def test_what_was_sent_before_gwen_came_back_stays_wrong(world: World) -> None:
    gwen = act(world, 3)
    tag(world, gwen.key[1])
    perform(world, 3)
    tag(world, gwen.key[1])
    assert opted_out_sent(world) == 1


@pytest.mark.parametrize(("number", "counted"), [(1, 0), (2, 1)], ids=["by e-mail", "by text"])
def test_a_no_by_one_channel_is_none_on_the_other(world: World, number: int, counted: int) -> None:
    who = perform(world, number).person
    user = next(user for user in world.estate.help_users if user["email"] == who.email)
    body = {"users": [{"id": user["id"], "user_fields": {"consent_sms": "granted"}}]}
    path = f"{url(world, 'help')}/api/v2/users/update_many.json"
    said = requests.put(path, json=body, headers={"Authorization": f"Bearer {SECRETS['help']}"}, timeout=10)
    assert said.status_code == 200
    assert opted_out_sent(world) == counted
