"""Deciding who is who at the command line: every decision can be undone, and then is as if it had never been made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.flows.terminal import Hub
from tests.flows.world import World


@pytest.fixture
def hub(synced: Hub) -> Iterator[Hub]:
    """The shared hub, which the test must leave as it was."""
    before = derived(synced)
    yield synced
    assert derived(synced) == before


def derived(hub: Hub) -> Any:
    return hub.here("digest", "--json").document["derived"]


def contact(hub: Hub, key: str) -> Any:
    return hub.here("contacts", "show", key, "--json").document


def keys(shown: Any) -> list[str]:
    return [f"{one['connection']}:{one['stream']}:{one['external_id']}" for one in shown["records"]]


@pytest.fixture
def alice(town: World, hub: Hub) -> Any:
    """Somebody of several records."""
    shown = (contact(hub, f"loyalty:people:{row['member_no']}") for row in town.estate.loyalty_rows)
    return next(one for one in shown if len(one["records"]) > 2)


@pytest.fixture
def bob(town: World, hub: Hub, alice: Any) -> Any:
    """Somebody else of several records."""
    shown = (contact(hub, f"shop:customers:{node['id']}") for node in reversed(town.estate.shop_customers))
    return next(one for one in shown if len(one["records"]) > 1 and one["id"] != alice["id"])


@pytest.mark.fault("D12")
def test_merge_then_split_then_undo_both_gives_every_id_back(hub: Hub, alice: Any, bob: Any) -> None:
    two = sorted([alice["id"], bob["id"]])
    merged = hub.here("merge", alice["id"], bob["id"], "--by", "Charlie", "--reason", "one desk", "--json").document
    assert (merged["before"], len(merged["after"])) == (two, 1)
    assert set(merged["after"]) < set(two)
    one = contact(hub, bob["id"])
    assert sorted(keys(one)) == sorted(keys(alice) + keys(bob))
    assert set(two) <= {one["id"], *one["retired_ids"]}
    assert contact(hub, alice["id"])["id"] == one["id"]

    split = hub.here("--json", "split", *keys(bob)).document
    assert (split["before"], split["after"]) == (merged["after"], two)
    assert sorted(keys(contact(hub, bob["id"]))) == sorted(keys(bob))

    assert hub.here("undo", str(split["decision"]), "--json").document["after"] == merged["after"]
    undone = hub.here("undo", str(merged["decision"]), "--json").document
    assert (undone["decision"], undone["before"], undone["after"]) == (merged["decision"], merged["after"], two)
    assert (contact(hub, alice["id"])["records"], contact(hub, bob["id"])["records"]) == (
        alice["records"],
        bob["records"],
    )


def test_a_pinned_value_wins_until_the_pin_is_undone(hub: Hub, alice: Any) -> None:
    emails = [one["value"] for one in alice["golden"]["emails"]["value"]] or ["none"]
    told = hub.here("contacts", "pin", alice["id"], "emails", emails[-1].upper(), "--by", "Olive", "--json").document
    assert (told["kind"], told["value"], told["changed"]) == ("emails", emails[-1], 0)
    pinned = contact(hub, alice["id"])["golden"]["emails"]
    assert pinned["value"][0]["value"] == emails[-1]
    assert pinned["values"][0]["rule"] == "pinned"
    refused = hub.here("contacts", "pin", alice["id"], "emails", "nobody@example.com", code=2).stderr
    assert f"they say: {emails[0]}" in refused
    hub.here("undo", str(told["decision"]))


def test_a_decision_is_undone_once(hub: Hub, alice: Any, bob: Any) -> None:
    number = str(hub.here("merge", alice["id"], bob["id"], "--by", "Charlie", "--json").document["decision"])
    hub.here("undo", number, "--by", "Alice")
    assert f"decision {number} was undone before, by Alice" in hub.here("undo", number, code=2).stderr


def test_a_split_stays_through_the_next_sync_and_a_rebuild(hub: Hub, alice: Any) -> None:
    split = hub.here("split", keys(alice)[0], "--json").document
    assert len(split["after"]) == 2
    hub.here("sync", "--full")
    hub.here("resolve", "--rebuild")
    assert contact(hub, keys(alice)[0])["id"] != contact(hub, keys(alice)[1])["id"]
    assert hub.here("undo", str(split["decision"]), "--json").document["after"] == [alice["id"]]


def test_what_makes_no_sense_is_refused(hub: Hub, alice: Any, bob: Any) -> None:
    assert "they are one already" in hub.here("merge", alice["id"], alice["id"], code=2).stderr
    assert "not contacts" in hub.here("split", alice["id"], code=2).stderr
    assert "all records of the contact" in hub.here("split", *keys(alice), code=2).stderr
    assert "must all be in one contact" in hub.here("split", keys(alice)[0], keys(bob)[0], code=2).stderr
    assert "no contact has the key" in hub.here("merge", alice["id"], "nobody@example.org", code=1).stderr


def test_explain_tells_what_two_records_have_in_common(hub: Hub, alice: Any) -> None:
    told = hub.here("explain", *keys(alice)[:2], "--json").document
    assert (told["one_contact"], told["judgement"]) == (True, "automatic")
    assert all(one.keys() >= {"field", "level", "left", "right", "weight"} for one in told["comparisons"])
    assert told["weight"] > 0
    assert told["reason"]
    spoken = hub.here("explain", *keys(alice)[:2]).stdout
    assert "are one contact" in spoken
    assert f"judgement: {told['judgement']} (joined, the evidence is enough)" in spoken
    assert all(f"  {one['weight']:+6.1f}  {one['words']}" in spoken for one in told["comparisons"])


def test_how_tells_each_step_with_its_weight_in_words(hub: Hub, alice: Any) -> None:
    steps = hub.here("contacts", "show", alice["id"], "--how", "--json").document["how"]
    spoken = hub.here("contacts", "show", alice["id"], "--how").stdout
    for step in [one for one in steps if one["step"] == "match"]:
        assert f"  {step['weight']:+6.1f}  {step['left']} and {step['right']}: joined, " in spoken
        assert all(f"  {one['weight']:+6.1f}  {one['words']}" in spoken for one in step["comparisons"])


def test_explain_tells_why_two_people_are_two(hub: Hub, alice: Any, bob: Any) -> None:
    told = hub.here("explain", alice["id"], bob["id"], "--json").document
    assert (told["one_contact"], told["path"]) == (False, [])
    assert "are two contacts" in hub.here("explain", alice["id"], bob["id"]).stdout


def test_explain_and_how_name_a_decision(hub: Hub, alice: Any, bob: Any) -> None:
    merged = hub.here("merge", alice["id"], bob["id"], "--by", "Charlie", "--reason", "one desk", "--json").document
    told = hub.here("explain", alice["id"], bob["id"], "--json").document
    assert told["one_contact"]
    steps = hub.here("contacts", "show", alice["id"], "--how", "--json").document["how"]
    hub.here("undo", str(merged["decision"]))
    said = [step for step in steps if step.get("decision") == merged["decision"]]
    assert [(step["step"], step["author"], step["reason"]) for step in said] == [("merge", "Charlie", "one desk")]


def test_two_said_to_be_two_cannot_become_one_by_themselves(hub: Hub, alice: Any, bob: Any) -> None:
    two = sorted([alice["id"], bob["id"]])
    said = hub.here("apart", *two, "--by", "Charlie", "--reason", "two desks", "--json").document
    assert (said["before"], said["after"], said["changed"]) == (two, two, 0)
    assert "A person decided that they are not one." in hub.here("explain", *two).stdout
    steps = hub.here("contacts", "show", alice["id"], "--how").stdout
    assert f"decision {said['decision']}, " in steps
    assert "apart by Charlie: two desks" in steps
    assert f"decision {said['decision']} is undone: " in hub.here("undo", str(said["decision"])).stdout


def test_a_value_that_is_shared_joins_nobody_until_it_is_undone(hub: Hub, alice: Any) -> None:
    address = alice["golden"]["emails"]["value"][0]["value"]
    said = hub.here("value", "shared", address.upper(), "--by", "Charlie", "--json").document
    assert (said["kind"], said["value"], said["verdict"]) == ("email", address.lower(), "shared")
    assert (said["before"], len(said["after"]) > 1) == ([alice["id"]], True)
    assert said["changed"] == len(said["after"])
    told = hub.here("contacts", "show", alice["id"], "--how").stdout
    assert f"shared email {address} by Charlie" in told
    undone = hub.here("undo", str(said["decision"]), "--json").document
    assert (undone["after"], undone["changed"]) == ([alice["id"]], said["changed"])


def test_a_value_that_nobody_holds_is_refused(hub: Hub) -> None:
    assert (
        "nobody holds the value 'nobody@example.org'" in hub.here("value", "good", "nobody@example.org", code=1).stderr
    )


def test_the_queue_is_answered_with_the_commands_that_it_prints(hub: Hub) -> None:
    listed = hub.here("review", "--json").document
    assert listed["open"] >= len(listed["items"]) > 0
    item = next(one for one in listed["items"] if one["kind"] == "conflict")
    told = hub.here("review", "--limit", "1")
    first = listed["items"][0]
    assert (first["reason"] in told.stdout, f"1 of {listed['open']} questions" in told.stderr) == (True, True)
    assert all(f"  {command}\n" in told.stdout for command in first["commands"])
    apart = next(command for command in item["commands"] if command.startswith("hub apart"))
    said = hub.here(*apart.removeprefix("hub ").split(), "--json").document
    left = hub.here("review", "--limit", "1000", "--json").document
    assert (item["left"], item["right"]) not in {(one.get("left"), one.get("right")) for one in left["items"]}
    assert left["open"] < listed["open"]
    hub.here("undo", str(said["decision"]))
    assert hub.here("review", "--json").document == listed


def test_a_dry_run_tells_what_a_decision_would_do_and_decides_nothing(hub: Hub, alice: Any, bob: Any) -> None:
    told = hub.here("merge", alice["id"], bob["id"], "--dry-run", "--json").document
    assert contact(hub, bob["id"])["id"] == bob["id"]
    assert told["dry_run"] is True
    records = len(alice["records"]) + len(bob["records"])
    assert told["sentence"].startswith(f"joins {records} records")
    assert told["contacts"]["before"] == sorted([alice["id"], bob["id"]])
    text = hub.here("merge", alice["id"], bob["id"], "--dry-run").stdout
    assert text.startswith(told["sentence"])

    merged = hub.here("merge", alice["id"], bob["id"], "--json").document
    assert told["contacts"]["after"] == merged["after"]
    golden = contact(hub, alice["id"])["golden"]
    single = {one["field"]: one["after"] for one in told["fields"] if one["after"] and not one["is_list"]}
    assert {name: values[0]["value"] for name, values in single.items()} == {
        name: golden[name]["value"] for name in single
    }
    parted = hub.here("split", *keys(bob), "--dry-run", "--json").document
    assert parted["contacts"] == {"before": merged["after"], "after": sorted([alice["id"], bob["id"]])}
    assert parted["sentence"].startswith("parts ")
    assert len(contact(hub, bob["id"])["records"]) == records
    hub.here("undo", str(merged["decision"]))

    apart = hub.here("apart", alice["id"], bob["id"], "--dry-run", "--json").document
    assert (apart["sentence"], apart["moves"]) == ("changes nothing", [])
    assert "they are one already" in hub.here("merge", alice["id"], alice["id"], "--dry-run", code=2).stderr
