"""All commands, put together from the command groups; `python -m hub.cli.commands` runs them too."""

from __future__ import annotations

from hub.cli import contacts, decisions, demo, derived, setup, sync, up
from hub.cli.app import app

for group in (demo, setup, sync, contacts, decisions, derived, up):
    group.register(app)


def run() -> None:
    app()


if __name__ == "__main__":
    run()
