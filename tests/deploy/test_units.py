"""The systemd units: systemd takes them, they start what the hub has, and they may do little else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from hub.cli.commands import app
from tests.architecture.tree import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
HUB = "/opt/hub/bin/hub"


def read(unit: Path) -> dict[str, list[str]]:
    """The settings of all sections by name; each may stand there more than once."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in unit.read_text().splitlines():
        name, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            found[name].append(value)
    return found


def test_there_is_a_unit_for_each_way_to_run() -> None:
    assert [unit.name for unit in UNITS] == [
        "hub-scheduler.service",
        "hub-web.service",
        "hub-worker@.service",
        "hub.service",
    ]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze on this machine")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_it(unit: Path, tmp_path: Path) -> None:
    copy = tmp_path / unit.name  # the hub is not installed here, and systemd wants to see the program
    copy.write_text(unit.read_text().replace(HUB, sys.executable))
    told = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_it_starts_a_command_that_the_hub_has_and_starts_it_again(unit: Path) -> None:
    found = read(unit)
    program, option, folder, command = found["ExecStart"][0].split()
    assert (program, option, folder) == (HUB, "-c", "/srv/hub/config")
    assert command in {one.name for one in app.registered_commands}
    assert (found["Restart"], found["RestartPreventExitStatus"]) == (["always"], ["78"])
    assert (found["KillMode"], found["KillSignal"]) == (["mixed"], ["SIGTERM"])
    assert int(found["TimeoutStopSec"][0]) > 30, "a worker may take 30 s to reach its next page"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_it_may_do_little_else(unit: Path) -> None:
    found = read(unit)
    assert found["User"] == found["Group"] == ["hub"]
    assert found["ProtectSystem"] == ["strict"]
    assert found["CapabilityBoundingSet"] == [""]
    assert found["ReadWritePaths"] == ["/srv/hub"]
    assert found["UMask"] == ["0027"]
    for name in (
        "NoNewPrivileges",
        "ProtectHome",
        "PrivateTmp",
        "PrivateDevices",
        "RestrictSUIDSGID",
        "LockPersonality",
    ):
        assert found[name] == ["yes"], name
    assert "Environment" not in found, "a secret belongs into a file that only root reads"
