"""The command line's contract: what each command's --json holds, where talk goes, how a command ends."""

from __future__ import annotations

import os
import pty
import re
import socket
from pathlib import Path
from typing import Any

import pytest

from hub.store.engine import open_store
from hub.store.leases import give_back, take
from tests.flows.terminal import Hub, attended, start
from tests.flows.world import World

STREAMS = [
    "desk.people",
    "help.users",
    "help.tickets",
    "loyalty.people",
    "newsletter.members",
    "newsletter.tags",
    "shop.customers",
    "shop.orders",
    "texts.numbers",
    "texts.messages",
]
ROWS = {"fetched", "applied", "unchanged", "superseded", "quarantined", "dropped"}
CONTACT = {"id", "retired_ids", "golden", "records", "consent", "segments", "traits", "timeline"}

CONTRACT: dict[str, set[str]] = {
    "check": {"connections"},
    "check shop": {"connections"},
    "config show": {"settings"},
    "sync": {"runs", "contacts", "review"},
    "sync desk --full": {"runs", "contacts", "review"},
    "runs": {"runs"},
    "runs 1": {"runs"},
    "quarantine": {"groups", "total", "drift"},
    "contacts show KEY": CONTACT,
    "contacts show KEY --how": CONTACT | {"how"},
    "contacts search a": {"contacts"},
    "explain KEY KEY": {"judgement", "weight", "comparisons", "reason"},
    "review": {"open", "items"},
    "review --limit 1": {"open", "items"},
    "resolve": {"records", "contacts", "review"},
    "resolve --rebuild": {"records", "contacts", "review"},
    "digest": {"facts", "derived"},
}
"""The commands that change nothing here, with what their documents hold at least."""


@pytest.fixture(scope="module")
def key(town: World) -> str:
    """A record of somebody with orders."""
    customer = next(node for node in town.estate.shop_customers if node["numberOfOrders"] > "1")
    return f"shop:customers:{customer['id']}"


@pytest.mark.parametrize("command", CONTRACT)
@pytest.mark.parametrize("form", ["--json {}", "{} --json"])
def test_a_command_gives_its_document_and_nothing_else_on_stdout(
    command: str, form: str, synced: Hub, key: str
) -> None:
    said = synced.here(*form.format(command).replace("KEY", key).split())
    assert said.document.keys() >= CONTRACT[command]
    assert said.stdout.endswith("}\n")


def test_check_says_of_each_connection_whether_it_is_well(synced: Hub) -> None:
    well = {"ok": True, "problems": []}
    connections = synced.here("check", "--json").document["connections"]
    assert connections == dict.fromkeys(("desk", "help", "loyalty", "newsletter", "shop", "texts"), well)


def test_a_sync_gives_one_run_a_stream(synced: Hub) -> None:
    said = synced.here("sync", "--json")
    runs = said.document["runs"]
    assert [f"{run['connection']}.{run['stream']}" for run in runs] == STREAMS
    assert all(run.keys() >= ROWS | {"status"} for run in runs)
    assert said.document["contacts"].keys() == {"total", "created", "merged", "split"}
    assert said.document["review"].keys() == {"open"}
    assert [event["event"] for event in said.events if event["event"] in ("started", "ended")] == [
        "started",
        "ended",
    ] * len(STREAMS)


def test_a_contact_is_shown_with_sources_records_and_orders(synced: Hub, key: str) -> None:
    contact = synced.here("contacts", "show", key, "--how", "--json").document
    assert contact["golden"].keys() >= {"name", "emails"}
    assert all(field.keys() >= {"value", "source", "rule", "others"} for field in contact["golden"].values())
    assert key in {
        ":".join(one[part] for part in ("connection", "stream", "external_id")) for one in contact["records"]
    }
    orders = [event for event in contact["timeline"] if event["kind"] == "order"]
    assert len(orders) > 1
    assert sorted(orders, key=lambda order: order["at"], reverse=True) == orders


def test_a_contact_is_found_by_every_kind_of_key(synced: Hub, key: str) -> None:
    contact = synced.here("contacts", "show", key, "--json").document
    email = contact["golden"]["emails"]["value"][0]["value"]
    found = [
        synced.here("contacts", "show", one, "--json").document["id"]
        for one in (contact["id"], email, email.upper(), *contact["retired_ids"])
    ]
    assert set(found) == {contact["id"]}
    assert contact["id"] in [
        one["id"] for one in synced.here("contacts", "search", email, "--json").document["contacts"]
    ]


def test_a_phone_of_a_family_leads_to_all_of_them(synced: Hub, town: World) -> None:
    connection, stream, external_id = town.estate.traps["shared_family_phone"][0]
    mother = synced.here("contacts", "show", f"{connection}:{stream}:{external_id}", "--json").document
    phone = mother["golden"]["phones"]["value"][0]["value"]
    several = synced.here("contacts", "show", phone, "--json", code=1)
    assert mother["id"] in several.document["matches"]
    assert len(several.document["matches"]) > 1
    assert synced.here("contacts", "show", phone, code=1).stdout == ""


def test_nobody_has_an_unknown_key(synced: Hub) -> None:
    assert synced.here("contacts", "show", "nobody@example.org", "--json", code=1).document == {"matches": []}
    assert "no contact has the key" in synced.here("explain", "nobody@example.org", "x", code=1).stderr
    assert synced.here("contacts", "search", "zzzzzz", code=1).stderr == "no match\n"
    assert synced.here("contacts", "search", "zzzzzz", "--json", code=1).document == {"contacts": []}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("snyc", "Did you mean 'sync'?"),
        ("sync --ful", "--full"),
        ("sync shp", "there is no connection 'shp'"),
        ("check shp", "did you mean 'shop'?"),
        ("sync --since yesterday", "--since takes an ISO time"),
        ("sync --limit 0", "--limit"),
        ("runs 99999", "there is no run 99999"),
        ("undo 99999", "there is no decision 99999"),
        ("schema people", "There is no file 'people'"),
        ("export people", "people"),
        ("export contacts --format xml", "xml"),
    ],
)
def test_a_slip_of_the_hand_is_told(words: str, told: str, synced: Hub) -> None:
    said = synced.here(*words.split(), code=2)
    assert told in said.stderr
    assert said.stdout == ""


def test_an_address_that_is_taken_is_told(synced: Hub) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = synced.here("up", "--port", str(taken.getsockname()[1]), code=2)
    assert "cannot listen on 127.0.0.1, port" in said.stderr


def test_without_a_configuration_it_says_how_to_get_one(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "config", "")
    for words in ("check", "sync", "runs", "digest", "config show", "export contacts"):
        assert "hub init" in hub.here(*words.split(), code=78).stderr


def test_init_writes_what_check_then_accepts(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "config", "")
    written = hub.here("init", "--json").document
    assert written["kept"] == []
    assert hub.here("--json", "init").document == {"written": [], "kept": written["written"]}
    assert hub.here("check", "--json").document["connections"] == {}
    assert hub.here("sync", "--json").document["runs"] == []


@pytest.mark.parametrize("file", ["hub", "connection", "survivorship"])
def test_schema_prints_one_json_schema(file: str, synced: Hub) -> None:
    assert "$schema" in synced.here("schema", file).document


def test_a_dry_run_counts_and_keeps_nothing(town: World, tmp_path: Path) -> None:
    hub = Hub(town.config, f"sqlite:///{tmp_path / 'dry.db'}")
    empty = hub.here("digest").stdout
    told = hub.here("sync", "--dry-run", "--json").document
    assert all(run["fetched"] == run["applied"] > 0 for run in told["runs"])
    assert (told["contacts"]["total"], hub.here("digest").stdout) == (0, empty)


def test_a_limit_stops_early_and_the_next_sync_goes_on(town: World, synced: Hub, tmp_path: Path) -> None:
    hub = Hub(town.config, f"sqlite:///{tmp_path / 'limited.db'}")
    hub.here("sync", "--limit", "1")
    hub.here("sync")
    assert hub.here("digest", "--json").document == synced.here("digest", "--json").document


def test_one_refused_connection_stops_no_other(world: World, tmp_path: Path) -> None:
    hub = Hub(world.config, f"sqlite:///{tmp_path / 'hub.db'}")
    (world.root / "secrets" / "newsletter").write_text("a-wrong-key-us19")
    said = hub.here("sync", "--json", code=77)
    assert [run["status"] for run in said.document["runs"]] == [
        "failed" if stream.startswith("newsletter.") else "ok" for stream in STREAMS
    ]
    assert [run["exit_code"] for run in said.document["runs"]] == [
        77 if stream.startswith("newsletter.") else 0 for stream in STREAMS
    ]
    assert "a-wrong-key" not in said.stdout + said.stderr
    assert "a-wrong-key" not in hub.here("check", code=77).stderr


@pytest.mark.fault("P06")
def test_a_stream_that_is_running_already_is_left_alone(synced: Hub) -> None:
    store = open_store(synced.database)
    try:
        held = store.write(lambda db: take(db, "desk.people"))
        told = synced.here("sync", "desk", "--json", code=73).document["runs"]
        assert [(run["status"], run["fetched"]) for run in told] == [("running", 0)]
        assert "already running: desk.people" in told[0]["message"]
    finally:
        store.write(lambda db: give_back(db, held))
        store.close()


COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9]")


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_no_color_is_heeded_on_a_terminal(no_color: str, coloured: bool, synced: Hub) -> None:
    ours, its = pty.openpty()
    environment = synced.environment | {"NO_COLOR": no_color, "TERM": "xterm-256color"}
    process = start("-c", str(synced.config), "sync", environment=environment, stderr=its)
    os.close(its)
    with attended(process), open(ours, "rb", buffering=0) as terminal:
        shown = b"".join(iter(lambda: _read(terminal), b"")).decode()
    assert process.returncode == 0
    assert "desk.people" in shown
    assert (COLOUR.search(shown) is not None) is coloured


def _read(terminal: Any) -> bytes:
    try:
        found: bytes = terminal.read(4096)
    except OSError:  # this is how Linux says that the other side of a terminal is closed
        return b""
    return found
