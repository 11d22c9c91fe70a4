"""What a command loads before it works, which is most of what a small one takes: no package that it has no use for."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib import import_module

import pytest
import typer
from typer.main import get_group

from hub.cli.commands import COMMANDS, app, loaded
from tests.flows.terminal import ROOT, Hub, finished, start

TELLING = {"PYTHONPROFILEIMPORTTIME": "1"}
"""Makes Python tell each module on stderr when it is loaded."""

SERVING = {"fastapi", "starlette", "uvicorn", "jinja2", "graphql", "multipart"}
QUEUEING = {"redis", "rq"}
WORKING = {"dedupe", "mapping", "nameparser", "numpy", "phonenumbers", "pydantic", "sqlalchemy", "sqlmodel"}


def packages(stderr: str) -> set[str]:
    """The packages of which anything was loaded."""
    told = [line.rpartition("|")[2].strip() for line in stderr.splitlines() if line.startswith("import time:")]
    assert told, "Python told nothing of what it loads"
    return {name.partition(".")[0] for name in told}


def test_the_list_of_commands_is_there_without_loading_any() -> None:
    said = finished(start("--help", environment=TELLING))
    assert all(name in said.stdout for name in COMMANDS)
    assert packages(said.stderr) & ({"alembic", "requests", "rich", "scipy"} | SERVING | QUEUEING | WORKING) == set()


def test_a_sync_loads_neither_what_serves_nor_what_queues_nor_what_migrates(synced: Hub) -> None:
    said = replace(synced, extra=TELLING).run("sync", "--json")
    assert packages(said.stderr) >= WORKING
    assert packages(said.stderr) & ({"alembic", "scipy"} | SERVING | QUEUEING) == set()


def test_what_a_command_has_loaded_is_never_searched_for_garbage() -> None:
    asked = (
        "import gc; from hub.cli.commands import loaded; loaded('sync'); print(gc.isenabled(), gc.get_freeze_count())"
    )
    said = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    is_on, frozen = said.stdout.split()
    assert is_on == "True"
    assert int(frozen) > 10_000


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_each_command_what_the_command_says_of_itself(name: str) -> None:
    everything = 1_000
    assert loaded(name).get_short_help_str(everything) == COMMANDS[name].told
    assert get_group(app).commands[name].get_short_help_str(everything) == COMMANDS[name].told


def test_every_command_of_a_file_is_in_the_list() -> None:
    for file in {listed.file for listed in COMMANDS.values()}:
        found = typer.Typer()
        import_module(f"hub.cli.{file}").register(found)
        assert {name for name, listed in COMMANDS.items() if listed.file == file} == set(get_group(found).commands)
