"""All commands, put together from the command groups; `python -m hub.cli.commands` runs them too."""

from __future__ import annotations

from hub.cli import (
    consent,
    contacts,
    decisions,
    demo,
    derived,
    evaluate,
    push,
    review,
    segments,
    setup,
    sync,
    train,
    up,
)
from hub.cli.app import app

for group in (demo, setup, sync, push, contacts, consent, segments, review, decisions, derived, evaluate, train, up):
    group.register(app)


def run() -> None:
    app()


if __name__ == "__main__":
    run()
