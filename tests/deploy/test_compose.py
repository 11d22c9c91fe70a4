"""The image and the compose file: nothing secret in them, nobody is root, Redis forgets nothing, all have limits."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from hub.cli.commands import app
from tests.architecture.tree import ROOT

FILE = ROOT / "deploy" / "compose.yaml"
OURS = ("web", "worker", "scheduler")


@pytest.fixture(scope="module")
def compose() -> Any:
    return YAML(typ="safe").load(FILE)


def has_compose() -> bool:
    found = shutil.which("docker")
    return bool(found) and subprocess.run([str(found), "compose", "version"], capture_output=True).returncode == 0


@pytest.mark.skipif(not has_compose(), reason="there is no docker compose on this machine")
def test_docker_compose_takes_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "deploy"
    shutil.copytree(FILE.parent, folder)
    (folder / "secrets").mkdir()
    for name in ("hub_database", "hub_redis", "postgres_password"):
        (folder / "secrets" / name).write_text("secret")
    told = subprocess.run(
        ["docker", "compose", "-f", str(folder / FILE.name), "config"], capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    assert set(YAML(typ="safe").load(told.stdout)["services"]) == {*OURS, "postgres", "redis"}


def test_the_services_run_commands_that_the_hub_has(compose: Any) -> None:
    known = {one.name for one in app.registered_commands}
    assert [compose["services"][name]["command"][0] for name in OURS] == ["web", "worker", "scheduler"]
    assert {compose["services"][name]["command"][0] for name in OURS} <= known


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_can_do_nothing_but_its_work(compose: Any, name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(volume.endswith(":ro") for volume in service["volumes"])
    assert service["restart"] == "unless-stopped"
    assert {one["condition"] for one in service["depends_on"].values()} == {"service_healthy"}
    assert int(service["stop_grace_period"].removesuffix("s")) > 30, "a worker may take 30 s to reach its next page"


def test_every_service_has_limits_and_rotates_its_log(compose: Any) -> None:
    for service in compose["services"].values():
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
        assert "max-size" in service["logging"]["options"]


def test_only_the_page_is_open_and_to_this_machine_alone(compose: Any) -> None:
    opened = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert opened == {"web": ["127.0.0.1:8448:8448"]}


def test_redis_keeps_its_jobs_and_refuses_rather_than_forgets(compose: Any) -> None:
    words = compose["services"]["redis"]["command"]
    settings = dict(zip(words[1::2], words[2::2], strict=True))
    assert settings["--appendonly"] == "yes"
    assert settings["--maxmemory-policy"] == "noeviction"
    assert "redis:/data" in compose["services"]["redis"]["volumes"]


def test_secrets_are_files_and_in_no_text(compose: Any) -> None:
    assert {secret["file"] for secret in compose["secrets"].values()} == {
        f"./secrets/{name}" for name in ("hub_database", "hub_redis", "postgres_password")
    }
    assert compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/postgres_password"
    for file in (FILE, ROOT / "Dockerfile"):
        assert re.findall(r"(?im)(?:password|token|secret|key)\w* *[:=] *[^\s/{\[]{6,}", file.read_text()) == []


def test_the_image_runs_as_nobody_special_and_says_whether_it_is_well() -> None:
    lines = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    words = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    last = dict(words)
    assert last["USER"] == "10001"
    assert words.index(["USER", "10001"]) < words.index(["ENTRYPOINT", '["hub"]'])
    assert "/healthz" in last["HEALTHCHECK"]
    assert all(what.split()[0].endswith("-slim") for word, what in words if word == "FROM")
    assert any("--require-hashes" in what for word, what in words if word == "RUN")


def test_the_builder_is_given_what_the_image_is_made_of_and_no_more() -> None:
    sent = (ROOT / ".dockerignore").read_text().splitlines()
    assert sent[sent.index("*") - 1].startswith("#")
    copied = re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text())
    assert {f"!{name}" for names in copied for name in names.split()} <= set(sent)
    assert all((ROOT / name).exists() for names in copied for name in names.split())
