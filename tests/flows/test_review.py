"""What a person is asked in the terminal, and how the answer is told where hundreds of contacts are concerned."""

from __future__ import annotations

from tests.flows.terminal import Hub
from tests.flows.world import World

NAMES = """
Ada Abbott, Boris Bianchi, Clara Castro, Dmitri Dubois, Edith Eriksen, Farid Fischer, Greta Gruber, Hugo Horvat,
Ines Ivanov, Jorge Jansen, Kirsten Kowalski, Luca Lindgren
"""
PHONE = "0491 570 156"
CROWD = [
    {"member_no": f"S{at}", "given": name.split()[0], "surname": name.split()[1], "mobile": PHONE}
    for at, name in enumerate(NAMES.split(","))
]
"""Twelve members of staff who gave the number of their office."""


def test_a_number_that_many_share_is_asked_about_until_somebody_knows(hub: Hub, world: World) -> None:
    world.drop_loyalty(CROWD)
    hub.here("sync", "loyalty", "--no-push")
    asked = hub.here("review", "--json", "--limit", "1000").document
    (item,) = [one for one in asked["items"] if one["kind"] == "popular_value"]
    assert (item["value"], item["people"], asked["open"]) == ("+61491570156", 12, len(asked["items"]))
    told = hub.here("review", "--limit", "1000").stdout
    assert "popular value: phone +61491570156\n  12 different people have it" in told
    assert "  hub value shared +61491570156\n  hub value good +61491570156\n" in told
    assert "phone number shared by 12 people: not used" in hub.here("explain", *_two()).stdout

    said = hub.here("value", "good", PHONE)
    assert said.stdout.startswith("decision 1 of phone +61491570156, good: 12 contacts -> 12 contacts, no contact")
    assert said.stdout.endswith("(hub undo 1)\n")
    left = hub.here("review", "--json", "--limit", "1000").document
    assert "popular_value" not in {one["kind"] for one in left["items"]}
    assert hub.here("undo", "1").stdout.startswith("decision 1 is undone: 12 contacts -> 12 contacts")
    assert hub.here("review", "--json", "--limit", "1000").document == asked


def _two() -> list[str]:
    return [f"loyalty:people:{row['member_no']}" for row in CROWD[:2]]


def test_where_nothing_is_open_it_says_so(hub: Hub) -> None:
    said = hub.here("review")
    assert (said.stdout, said.stderr) == ("", "Nothing to review.\n")
