"""The hub's own read-only commands with their JSON, asked in this process: nothing else of the hub is looked into."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from hub.cli.commands import app
from hub.cli.output import EXIT_TRY_LATER, EXIT_VENDOR_DOWN
from tests.flows.terminal import Hub

NO_ANSWER = frozenset({EXIT_VENDOR_DOWN, EXIT_TRY_LATER})


class CommandFailedError(Exception):
    """A command ended as it never should; the text is what it said."""


@dataclass(frozen=True)
class Asking:
    """Asks one installation. None where its database does not answer just now. Call it from one thread alone."""

    hub: Hub

    def runs(self) -> list[dict[str, Any]] | None:
        """`hub runs`: the latest fifty, newest first."""
        said = self._said("runs", "--json")
        return None if said is None else list(json.loads(said)["runs"])

    def run(self, number: int) -> dict[str, Any] | None:
        """`hub runs NUMBER`."""
        said = self._said("runs", str(number), "--json")
        return None if said is None else dict(json.loads(said)["runs"][0])

    def export(self, what: str) -> list[dict[str, Any]] | None:
        """`hub export WHAT`, row by row."""
        said = self._said("export", what, "--format", "jsonl")
        return None if said is None else [json.loads(line) for line in said.splitlines()]

    def contact(self, contact_id: str) -> dict[str, Any] | None:
        """`hub contacts show`: there is no export of the records as the hub understands them, nor of orders."""
        said = self._said("contacts", "show", contact_id, "--json")
        return None if said is None else dict(json.loads(said))

    def _said(self, *words: str) -> str | None:
        found = CliRunner().invoke(app, ["-c", str(self.hub.config), *words], env=self.hub.environment)
        if found.exit_code in NO_ANSWER or isinstance(found.exception, DBAPIError):
            return None
        if found.exit_code != 0:
            raise CommandFailedError(f"hub {' '.join(words)} ended with {found.exit_code}: {found.output[-500:]}")
        return found.stdout
