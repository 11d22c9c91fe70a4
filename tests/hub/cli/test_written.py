"""What is done at the command line is written down: every command that changes something leaves a row in the audit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.cli.commands import COMMANDS, loaded
from hub.cli.who import me
from tests.flows.terminal import Hub
from tests.hub.admin import estate as estates

LOOKS = {
    *("alerts list", "alerts test", "audit list", "audit verify", "check", "config show", "consent overdue"),
    *("consent show", "contacts search", "contacts show", "digest", "evaluate", "explain", "notices list", "plan"),
    *("review", "schema", "segments list", "segments preview", "token list", "user list"),
}
"""Changes nothing."""

ROUTINE = {"sync", "push", "resolve", "up", "web", "worker", "scheduler", "demo", "init", "train"}
"""The hub's own work, which has its runs and deliveries, and files that are written for a person."""

ELSEWHERE = {
    "push --plan": "tests/flows/consent/test_commands.py",
    "runs --approve": "tests/flows/test_reconcile.py",
    "runs --deny": "tests/flows/test_reconcile.py",
    "notices replay": "tests/flows/test_notices.py",
    "doctor --approve-restore": "tests/flows/consent/test_restore.py",
}
"""Needs more of a world than these tests have: the file that asserts its row."""

ACTS: dict[str, tuple[str, str]] = {
    "apart alice@example.com charlie@example.org --by Alice": ("Alice", "decision.apart"),
    "undo 1 --by Bob": ("Bob", "decision.undo"),
    "contacts pin alice@example.com emails alice@example.com --by Alice": ("Alice", "decision.pin"),
    "merge alice@example.com charlie@example.org --by Alice": ("Alice", "decision.merge"),
    "split desk:people:D3 --by Alice": ("Alice", "decision.split"),
    "value shared alice@example.com --by Alice": ("Alice", "decision.shared"),
    "value good alice@example.com": ("", "decision.good"),
    "consent record bob@example.com --action withdraw --by Alice": ("Alice", "consent.withdraw"),
    "quarantine --replay": ("", "quarantine.replay"),
    "doctor --after-restore": ("", "push.freeze"),
    "resolve --rebuild": ("", "derived.rebuild"),
    "export contacts": ("", "export.contacts"),
    "export assignments --format jsonl": ("", "export.assignments"),
    "user add alice --role admin": ("", "user.link"),
    "user add bob --role viewer": ("", "user.link"),
    "user role bob operator": ("", "user.role"),
    "user link bob": ("", "user.link"),
    "user sign-out bob": ("", "user.sign-out"),
    "user disable bob": ("", "user.disable"),
    "user enable bob": ("", "user.enable"),
    "token add desk --scope look": ("", "token.make"),
    "token revoke desk": ("", "token.revoke"),
}
"""In this order: the command, and the actor (whoever is at the terminal where none is named) and action of its row."""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub that knows Alice, Bob and Charlie."""
    with estates.estate(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}") as made:
        made.put(estates.DESK, estates.LOYALTY, estates.ORDERS)
        yield Hub(made.settings.folder, made.settings.database_url)


def entries(hub: Hub) -> list[dict[str, Any]]:
    """The newest first."""
    found: list[dict[str, Any]] = hub.here("audit", "list", "--json").document["entries"]
    return found


def commands() -> Iterator[str]:
    """Every command by its words."""
    for name in COMMANDS:
        one = loaded(name)
        yield from (f"{name} {word}" for word in one.commands) if hasattr(one, "commands") else (name,)


@pytest.mark.fault("A18")
def test_every_command_is_listed_here_as_one_that_looks_or_as_one_that_acts() -> None:
    there = set(commands())
    acting = {name for name in there for said in (*ACTS, *ELSEWHERE) if said == name or said.startswith(f"{name} ")}
    assert there == LOOKS | ROUTINE | acting
    assert not acting & LOOKS


@pytest.mark.fault("A18")
@pytest.mark.parametrize("command", ELSEWHERE)
def test_what_is_proven_elsewhere_is_looked_for_there(command: str) -> None:
    action = {"push --plan": "plan.approve", "runs --approve": "gone.approve", "runs --deny": "gone.deny"} | {
        "notices replay": "notices.replay",
        "doctor --approve-restore": "push.thaw",
    }
    assert f'"{action[command]}"' in Path(ELSEWHERE[command]).read_text()


@pytest.mark.fault("A18")
@pytest.mark.fault("A19")
def test_every_act_leaves_one_row_more_with_who_and_what_and_no_personal_value(hub: Hub) -> None:
    before = 0
    for command, (actor, action) in ACTS.items():
        hub.here(*command.split(), code=1 if command.startswith("doctor") else 0)
        rows = entries(hub)
        assert len(rows) > before, command
        assert (rows[0]["actor"], rows[0]["action"]) == (actor or me(), action)
        before = len(rows)
    said = json.dumps(entries(hub))
    for personal in ("example.com", "example.org", "Nguyen", "Ortiz", "0412 345", "412345678"):
        assert personal not in said
    assert hub.here("audit", "verify", "--json").document["ok"]


@pytest.mark.fault("A18")
def test_an_act_that_is_refused_leaves_none(hub: Hub) -> None:
    for words, code in (
        (("undo", "99"), 2),
        (("merge", "alice@example.com", "alice@example.com"), 2),
        (("consent", "record", "bob@example.com", "--action", "grant"), 2),
        (("push", "--plan", "0123456789ab"), 2),
        (("runs", "1", "--deny"), 2),
        (("notices", "replay", "1"), 2),
    ):
        hub.here(*words, code=code)
    assert entries(hub) == []
