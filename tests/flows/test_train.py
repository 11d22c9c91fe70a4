"""`hub train`: a new model is written beside the configuration and shown; it is in force once hub.yaml names it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from dedupe.engine.weights import load, model_of
from hub.decide import merge, split
from hub.store.engine import open_store
from tests.flows.terminal import Hub
from tests.flows.world import World
from tests.hub.world import record_id

HEADER = ("connection", "stream", "external_id", "person")
CONTRACT = {
    "version",
    "learned_from",
    "labels",
    "candidates",
    "weights",
    "contacts",
    "review",
    "examples",
    "file",
    "adopt",
}
COUPLES = 21


@pytest.fixture
def true(town: World, tmp_path: Path) -> Path:
    """The town's own truth."""
    file = tmp_path / "truth.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([HEADER, *((*key, f"p{number}") for key, number in town.estate.truth.items())])
    return file


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "ours.yaml"


def test_labels_make_a_model_that_is_shown_and_changes_nothing(synced: Hub, true: Path, out: Path) -> None:
    before = synced.here("digest", "--json").document
    found = synced.here("train", "--labels", str(true), "--out", str(out), "--json").document
    assert found.keys() == CONTRACT
    model = model_of(out.read_text())
    assert found["version"] == {"before": load().version, "after": model.version}
    assert found["learned_from"] == "labels"
    assert min(found["labels"]["same"], found["labels"]["different"]) >= 20
    assert all(abs(one["after"] - one["before"]) > 0.1 for one in found["weights"])
    assert found["contacts"]["after"] - found["contacts"]["before"] <= found["contacts"]["split"] * 10
    assert len(found["examples"]["merged"]) <= 10
    assert found["adopt"] == 'identity: {model: "ours.yaml", merge_from: automatic}'
    assert synced.here("digest", "--json").document == before


def test_the_file_says_what_it_was_made_of_and_takes_thresholds_over(synced: Hub, true: Path, out: Path) -> None:
    found = synced.here("train", "--labels", str(true), "--out", str(out), "--json").document
    comment = " ".join(line for line in out.read_text().splitlines() if line.startswith("#"))
    assert f"truth.csv: {found['labels']['same']} pairs of one person and {found['labels']['different']}" in comment
    model = model_of(out.read_text())
    assert (model.automatic, model.likely, model.excluding) == (load().automatic, load().likely, load().excluding)


def test_without_labels_it_learns_from_all_candidates(synced: Hub, out: Path) -> None:
    said = synced.here("train", "--em", "--out", str(out))
    assert f"from {_candidates(synced, out)} candidate pairs without labels." in said.stdout
    assert "If it is adopted: " in said.stdout
    assert f"Written: {out}" in said.stdout
    assert "copy it into config/" in said.stdout
    assert said.stderr == ""


def _candidates(hub: Hub, out: Path) -> int:
    found: int = hub.here("train", "--em", "--force", "--out", str(out), "--json").document["candidates"]
    return found


def test_too_few_decisions_are_refused_and_another_way_is_named(synced: Hub, out: Path) -> None:
    said = synced.here("train", "--out", str(out), code=65)
    assert "too few labels: from 0 decisions" in said.stderr
    assert "--labels TRUTH.csv" in said.stderr
    assert "--em" in said.stderr
    assert (said.stdout, out.exists()) == ("", False)


def test_a_file_that_is_there_is_kept(synced: Hub, out: Path) -> None:
    out.write_text("mine")
    assert "is there already" in synced.here("train", "--em", "--out", str(out), code=2).stderr
    assert out.read_text() == "mine"
    synced.here("train", "--em", "--out", str(out), "--force")
    assert model_of(out.read_text())


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--em", "--labels", "truth.csv"), 2, "choose one"),
        (("--labels", "nowhere.csv"), 2, "cannot read nowhere.csv"),
        (("--em", "--out", "model.txt"), 2, "must end in .yaml"),
        (("--em", "--out", "no/such/folder/model.yaml"), 2, "cannot write no/such/folder/model.yaml"),
    ],
)
def test_slips_are_told(words: tuple[str, ...], code: int, told: str, synced: Hub) -> None:
    assert told in synced.here("train", *words, code=code).stderr


def test_a_hub_without_people_has_nothing_to_teach(hub: Hub) -> None:
    assert "has `hub sync` run?" in hub.here("train", "--em", code=65).stderr


def test_a_model_that_is_adopted_is_in_force_and_is_never_overwritten(hub: Hub, world: World) -> None:
    hub.here("sync", "loyalty", "desk")
    found = hub.here("train", "--em", "--json").document
    own = world.config / "identity.yaml"
    assert found["file"] == str(own)
    before = own.read_bytes()
    hub_file = world.config / "hub.yaml"
    hub_file.write_text(f"{hub_file.read_text()}{found['adopt']}\n")
    assert "is the model in force" in hub.here("train", "--em", "--force", code=2).stderr
    assert own.read_bytes() == before
    resolved = hub.here("resolve", "--json").document
    assert resolved["contacts"]["total"] == found["contacts"]["after"]
    assert resolved["review"]["open"] == found["review"]["after"]
    again = hub.here("train", "--em", "--out", str(own.with_name("next.yaml")), "--json").document
    assert again["version"]["before"] == found["version"]["after"]
    assert again["adopt"] == 'identity: {model: "next.yaml", merge_from: automatic}'


def test_decisions_are_labels(hub: Hub, world: World) -> None:
    """Many Alices who share an address with somebody, some of them one person and some two."""
    world.drop_loyalty([row for number in range(COUPLES) for row in _couple(number)])
    hub.here("sync", "loyalty")
    store = open_store(hub.database)
    try:
        for number in range(COUPLES):
            contacts = [
                hub.here("contacts", "show", f"loyalty:people:{one}{number}", "--json").document["id"] for one in "AB"
            ]
            store.write(lambda db, two=contacts: merge(db, *two, "steward", ""))
            store.write(lambda db, one=f"D{number}": split(db, [record_id(store, one)], "steward", ""))
    finally:
        store.close()
    found = hub.here("train", "--json").document
    assert found["learned_from"] == "decisions"
    assert found["labels"] == {"same": COUPLES, "different": COUPLES, "unused": 0}
    comment = (world.config / "identity.yaml").read_text()
    assert f"{2 * COUPLES} decisions: {COUPLES} pairs of one person and {COUPLES} of two people" in comment


def _couple(number: int) -> list[dict[str, str]]:
    """A and B may be one person, C and D seem to be one."""
    empty = dict.fromkeys(("given", "surname", "E-mail", "mobile", "street", "suburb", "state", "postcode", "dob"), "")
    family = f"Reid{'abcdefghijklmnopqrstuvwxyz'[number]}son"
    at = {"street": f"{number + 1} King Street", "suburb": "Newtown", "state": "NSW", "postcode": "2042"}
    maybe = empty | at | {"surname": family}
    seeming = empty | {"surname": f"{family}er", "given": "Carol", "E-mail": f"carol{number}@example.com"}
    return [
        maybe | {"member_no": f"A{number}", "given": "Alice"},
        maybe | {"member_no": f"B{number}", "given": "Alicia"},
        seeming | {"member_no": f"C{number}"},
        seeming | {"member_no": f"D{number}", "mobile": f"04805550{number + 10}"},
    ]
