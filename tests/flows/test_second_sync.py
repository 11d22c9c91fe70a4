"""Syncing again: nothing is applied twice, a change arrives alone, every number agrees with the ledgers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.demo.newsletter import LIST_ID
from tests.flows.terminal import Hub, Said
from tests.flows.world import World, running

FILES = ("desk.people", "loyalty.people")
COUNTS = ("applied", "unchanged", "superseded", "quarantined", "dropped")


@pytest.fixture(scope="module")
def paged_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """With so many orders and readers that both vendors give them in pages; left unchanged."""
    with running(tmp_path_factory.mktemp("paged") / "world", people=300) as found:
        long_ago = datetime(2024, 1, 1, tzinfo=UTC)
        readers = [
            {"email_address": f"reader{n}@example.com", "last_changed": (long_ago + timedelta(minutes=n)).isoformat()}
            for n in range(2_000)
        ]
        found.newsletter.load(LIST_ID, readers)
        yield found


def counted(said: Said, name: str) -> dict[str, int]:
    """One figure of each stream's run. Each run must be well and add up."""
    found = {}
    for run in said.document["runs"]:
        assert run["status"] == "ok", run
        assert run["fetched"] == sum(run[count] for count in COUNTS), run
        found[f"{run['connection']}.{run['stream']}"] = run[name]
    return found


def not_nothing(figures: dict[str, int]) -> dict[str, int]:
    return {stream: figure for stream, figure in figures.items() if figure}


def from_vendors(figures: dict[str, int]) -> dict[str, int]:
    return {stream: figure for stream, figure in figures.items() if stream not in FILES}


def test_a_second_sync_applies_nothing_and_a_full_one_sees_all_of_it(paged_world: World, database_url: str) -> None:
    hub, world = Hub(paged_world.config, database_url), paged_world
    world.forget()
    first = hub.run("sync", "--json")
    assert counted(first, "applied") == counted(first, "fetched") == world.held()
    assert from_vendors(counted(first, "fetched")) == world.served()
    assert world.edges()["newsletter.members"] > 0

    world.forget()
    second = hub.run("sync", "--json")
    assert not_nothing(counted(second, "applied")) == {}
    assert counted(second, "unchanged") == counted(second, "fetched")
    assert from_vendors(counted(second, "fetched")) == world.served()
    assert [counted(second, "fetched")[stream] for stream in FILES] == [0, 0]
    nothing_new = {"total": first.document["contacts"]["total"], "created": 0, "merged": 0, "split": 0}
    assert second.document["contacts"] == nothing_new

    world.forget()
    full = hub.here("sync", "--full", "--json")
    assert counted(full, "fetched") == counted(full, "unchanged") == world.held()
    assert from_vendors(counted(full, "fetched")) == world.served()

    told = hub.here("runs", "--json").document["runs"]
    assert len(told) == 3 * len(world.held())
    assert all(run["fetched"] == sum(run[count] for count in COUNTS) for run in told)


def test_an_edit_at_the_vendor_arrives_with_the_next_sync_and_only_it(world: World, hub: Hub) -> None:
    hub.here("sync")
    alice = world.estate.shop_customers[0]["id"]
    bob = world.estate.members[0]["id"]
    world.shop.upsert("customers", {"id": alice, "firstName": "Alicia"})
    world.newsletter.edit(LIST_ID, bob, merge_fields={"FNAME": "Robert"})
    assert not_nothing(counted(hub.here("sync", "--json"), "applied")) == {"shop.customers": 1, "newsletter.members": 1}
    assert names(hub, "shop:customers:", alice) == "Alicia"
    assert names(hub, "newsletter:members:", bob) == "Robert"


def names(hub: Hub, stream: str, external_id: str) -> Any:
    """The first name that a record has after mapping."""
    shown = hub.here("contacts", "show", stream + external_id, "--json").document
    records = {record["external_id"]: record["fields"] for record in shown["records"]}
    return records[external_id]["name"]["first"]


def test_an_edited_file_is_read_again_and_an_unchanged_one_is_not(world: World, hub: Hub) -> None:
    rows = world.estate.loyalty_rows
    hub.here("sync")
    world.drop_loyalty([*rows[:-1], {**rows[-1], "surname": "Whitlock-Perera"}])
    os.utime(world.root / "drop" / "loyalty.csv")
    os.utime(world.root / "drop" / "desk.jsonl")  # touched, with not a byte changed
    again = hub.here("sync", "--json")
    assert {stream: counted(again, "fetched")[stream] for stream in FILES} == {
        "desk.people": 0,
        "loyalty.people": len(rows),
    }
    assert not_nothing(counted(again, "applied")) == {"loyalty.people": 1}


def test_a_row_added_to_a_file_becomes_a_contact(world: World, hub: Hub) -> None:
    before = hub.here("sync", "--json").document["contacts"]["total"]
    new = dict.fromkeys(world.estate.loyalty_rows[0], "") | {"member_no": "L999999", "given": "Zenobia"}
    world.drop_loyalty([*world.estate.loyalty_rows, new])
    after = hub.here("sync", "--json").document["contacts"]
    assert (after["total"], after["created"]) == (before + 1, 1)


def test_a_tag_removed_at_the_vendor_goes_from_the_contact(world: World, hub: Hub) -> None:
    hub.here("sync")
    segment = next(segment for segment in world.estate.segments if segment["members"])
    key = f"newsletter:members:{segment['members'][0]}"
    assert segment["name"] in tags(hub, key)
    world.newsletter.untag(LIST_ID, segment["members"][0], segment["name"])
    assert not_nothing(counted(hub.here("sync", "--json"), "gone")) == {"newsletter.tags": 1}
    assert segment["name"] not in tags(hub, key)


def tags(hub: Hub, key: str) -> list[str]:
    golden = hub.here("contacts", "show", key, "--json").document["golden"]
    found: list[str] = golden.get("tags", {"value": []})["value"]
    return found


def test_a_row_that_is_gone_from_a_file_takes_nobody_away(world: World, hub: Hub) -> None:
    """A file exported anew without a row keeps the person: a drop is no statement that others are gone."""
    hub.here("sync")
    world.drop_loyalty(world.estate.loyalty_rows[1:])
    again = hub.here("sync", "--json")
    assert not_nothing(counted(again, "applied")) == not_nothing(counted(again, "gone")) == {}
    hub.here("contacts", "show", f"loyalty:people:{world.estate.loyalty_rows[0]['member_no']}")
