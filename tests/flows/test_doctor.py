"""`hub doctor` and `hub alerts` as they are typed: plain answers, the contract's exit codes, no secret shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.demo.vendors import SECRETS
from tests.flows.terminal import Hub
from tests.flows.world import World
from tests.hub.watch.receivers import mail_server, web_server

CANARY = "canary-secret-0123456789"
SIGNING = "whsec_Y2FuYXJ5LXNlY3JldC1vZi10aGUtd2ViaG9v"

ALERTS = """
metrics: {token: "${env:CANARY}"}
network: {allow: [127.0.0.1]}
alerts:
  email: {host: 127.0.0.1, port: @port@, tls: none, sender: hub@example.com, to: [olive@example.com]}
  webhook: {url: "@url@/alerts", secret: "${env:SIGNING}"}
  slack: {url: "${env:SLACK}"}
"""


@pytest.fixture
def own(world: World, tmp_path: Path) -> Hub:
    """A hub on SQLite, not synced yet."""
    return Hub(world.config, f"sqlite:///{tmp_path / 'hub.db'}", {"CANARY": CANARY, "SIGNING": SIGNING})


def add(world: World, text: str) -> None:
    file = world.config / "hub.yaml"
    file.write_text(file.read_text() + text)


def test_a_hub_before_its_first_sync_has_no_database_and_the_doctor_makes_none(own: Hub, tmp_path: Path) -> None:
    found = own.here("doctor", "--json", code=78).document
    assert found["ok"] is False
    (bad,) = [one for one in found["checks"] if not one["ok"]]
    assert "hub sync" in bad["fix"]
    assert not (tmp_path / "hub.db").exists()


def test_a_hub_that_is_well_says_so_line_by_line(own: Hub) -> None:
    own.here("sync")
    found = own.here("doctor", "--json").document
    assert (found["ok"], "restore" in found) == (True, False)
    said = own.here("doctor")
    assert [line[0] for line in said.stdout.splitlines()] == ["✔"] * len(found["checks"])


@pytest.mark.fault("A11")
def test_what_is_wrong_has_its_exit_code_its_fix_and_no_secret(own: Hub, world: World, tmp_path: Path) -> None:
    own.here("sync")
    (tmp_path / "hub.db").chmod(0o644)
    said = own.here("doctor", code=1)
    assert "do: chmod 600" in said.stdout
    add(world, '\nredis: "redis://:${env:CANARY}@127.0.0.1:1/0"\n')
    said = own.here("doctor", code=69)
    assert "does not answer" in said.stdout
    add(world, "\nalerts: {rules: {optout: soon}}\n")
    broken = own.here("doctor", "--json", code=78)
    assert [one["subject"] for one in broken.document["checks"]] == ["configuration"]
    for canary in (CANARY, *SECRETS.values()):
        assert canary not in said.stdout + said.stderr + broken.stdout + broken.stderr


def test_a_server_that_is_away_is_told_and_not_waited_for(world: World) -> None:
    hub = Hub(world.config, "postgresql://hub:canary-password@127.0.0.1:1/hub?connect_timeout=2")
    said = hub.here("doctor", code=69)
    assert "does not answer" in said.stdout
    assert "canary" not in said.stdout + said.stderr


def test_a_test_message_goes_over_every_channel_and_each_says_whether_it_took_it(own: Hub, world: World) -> None:
    assert "no channel" in own.here("alerts", "test", code=78).stderr
    with mail_server() as mailbox, web_server() as receiver:
        add(world, ALERTS.replace("@port@", str(mailbox.port)).replace("@url@", receiver.url))
        own.extra["SLACK"] = f"{receiver.url}/services/{CANARY}"
        told = own.here("alerts", "test", "--json").document["channels"]
        assert [(one["channel"], one["ok"]) for one in told] == [("email", True), ("webhook", True), ("slack", True)]
        assert [mail["Subject"] for mail in mailbox.mails] == ["hub test: test contact-hub"]
        assert [path for path, _, _ in receiver.posts] == ["/alerts", f"/services/{CANARY}"]
        receiver.statuses = [404]
        said = own.here("alerts", "test", "slack", code=69)
        assert "✖ slack" in said.stdout
        assert not [one for one in (CANARY, SIGNING) if one in said.stdout + said.stderr]
        own.here("alerts", "test", "pigeon", code=2)


def test_what_stands_is_listed(own: Hub) -> None:
    assert own.here("alerts", "list", "--json").document == {"alerts": []}
    assert "Nothing is wrong." in own.here("alerts", "list").stderr


@pytest.mark.fault("A11")
def test_the_log_of_a_whole_sync_has_no_person_and_no_secret_in_it(own: Hub, world: World) -> None:
    said = own.run("--log-format", "json", "sync", "--json")
    people = [row["E-mail"] for row in world.estate.loyalty_rows if row["E-mail"]]
    assert len(people) > 10
    for canary in (*SECRETS.values(), *people):
        assert canary not in said.stderr
    assert len(said.events) > 20
