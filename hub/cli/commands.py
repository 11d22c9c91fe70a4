"""All commands, each loaded when it is asked for; `python -m hub.cli.commands` runs them too."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_group

from hub.cli.app import options
from hub.stages.collector import without_collector


class Listed(NamedTuple):
    """Which file of this folder has a command, and what the list of commands says of it: its docstring."""

    file: str
    told: str


COMMANDS = {
    "demo": Listed("demo", "Simulated vendors, invented people, a first sync, and the page to look at them."),
    "init": Listed("setup", "Write a commented configuration; what is there already is left as it is."),
    "check": Listed("setup", "Look whether everything can work: the files, then each vendor."),
    "schema": Listed("setup", "Print the JSON schema of a configuration file, for editors."),
    "sync": Listed(
        "sync", "Pull every stream, find out who is who, make the contacts, and push what may go by itself."
    ),
    "plan": Listed("push", "Show what would be sent now, and send nothing."),
    "push": Listed("push", "Send what may go by itself; or with --plan all of a plan that was shown."),
    "explain": Listed("contacts", "Why two records are, or are not, one person."),
    "review": Listed(
        "review",
        "What a person is asked: who may be one, who can hardly be, which values too many share; with the answers.",
    ),
    "merge": Listed("decisions", "Decide that two contacts are one person."),
    "apart": Listed("decisions", "Decide that two contacts are two people, now and later."),
    "split": Listed("decisions", "Decide that these records of a contact are somebody else."),
    "undo": Listed("decisions", "Revoke a decision: everything is as if it had never been made."),
    "resolve": Listed("derived", "Work off what waits for identity resolution, or rebuild everything derived."),
    "digest": Listed("derived", "One hash per table, facts and derived apart, to compare two databases by content."),
    "export": Listed("derived", "Write assignments or contacts as CSV, JSON lines or Parquet."),
    "evaluate": Listed("evaluate", "Measure precision and recall against records whose person is known."),
    "train": Listed(
        "train", "Estimate the weights of identity anew, from decisions or labels, and show what would change."
    ),
    "up": Listed("up", "Serve the page and run what is due, until Ctrl-C."),
    "web": Listed("up", "Serve the page alone, until Ctrl-C."),
    "worker": Listed("up", "Take queued runs out of Redis and do them, until Ctrl-C; several workers share the work."),
    "scheduler": Listed("up", "Queue what is due, until Ctrl-C; several schedulers queue each slot once."),
    "runs": Listed(
        "runs", "The latest sync runs, or one of them; with --approve or --deny the answer to what it asks."
    ),
    "quarantine": Listed("quarantine", "What was held back, by reason, and how the records' fields have changed."),
    "doctor": Listed(
        "doctor", "Look whether everything that the hub stands on is well; say what to do where it is not."
    ),
    "config": Listed("setup", "The configuration in force."),
    "user": Listed("users", "Who may use the pages, and what for."),
    "token": Listed("tokens", "Keys of programs that use the API."),
    "audit": Listed("audit", "What was done here, and by whom."),
    "contacts": Listed("contacts", "Look at contacts, and pin their fields."),
    "consent": Listed("consent", "Who may be written to, and why."),
    "segments": Listed("segments", "Who is in which segment."),
    "value": Listed("decisions", "Say of a value that many hold whether it tells who they are."),
    "alerts": Listed("alerts", "What is wrong, and who is told."),
    "notices": Listed("notices", "What is told to subscribers and help desks."),
}


class Commands(TyperGroup):
    """Lists what COMMANDS tells, and loads no more than the command that is asked for."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed and loaded(listed.name or ""), rest


def loaded(name: str) -> Any:
    """The command of this name, out of its file."""
    found = typer.Typer(rich_markup_mode=None)
    _file(f"hub.cli.{COMMANDS[name].file}").register(found)
    return get_group(found).commands[name]


def _file(name: str) -> Any:
    """What a first look loads lives as long as the process: the collector is not to search it, now or ever again."""
    if name in sys.modules:
        return sys.modules[name]
    with without_collector():
        file = import_module(name)
        gc.freeze()
    return file


def _listed() -> None:
    """Stands in the list of commands for one that is not loaded."""


app = typer.Typer(
    name="hub",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.callback()(options)
for name, listed in COMMANDS.items():
    app.command(name, help=listed.told)(_listed)


def run() -> None:
    app()


if __name__ == "__main__":
    run()
