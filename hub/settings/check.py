"""Whether a connection can work: opens its source and turns what it finds into lines with exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from connectors.kit.base import Finding
from connectors.kit.errors import ConnectorError
from connectors.kit.redact import redact
from hub.settings.settings import Connection, Settings

_EXIT_CODES = {"config": 78, "auth": 77, "scopes": 77, "reach": 69, "sample": 65, "clock": 1}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at."""

    subject: str
    ok: bool
    message: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class CheckedConnection:
    name: str
    kind: str
    lines: tuple[Line, ...]

    @property
    def ok(self) -> bool:
        return all(line.ok for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        wrong = [{"subject": line.subject, "message": line.message} for line in self.lines if not line.ok]
        return {"ok": self.ok, "problems": wrong}


def check(settings: Settings, name: str) -> CheckedConnection:
    """Reads only. What the connector says is shown without any secret."""
    connection = settings.connections[name]
    lines = (Line("config", True, "", 0), *_findings(connection, settings.secrets))
    return CheckedConnection(name, connection.kind, lines)


def _findings(connection: Connection, secrets: tuple[str, ...]) -> Iterator[Line]:
    try:
        with closing(connection.connector.open(connection.config)) as source:
            for finding in source.check():
                yield _line(finding, secrets)
    except ConnectorError as error:
        subject = next((name for name, code in _EXIT_CODES.items() if code == error.exit_code), "reach")
        yield Line(subject, False, redact(str(error), secrets), error.exit_code)


def _line(finding: Finding, secrets: tuple[str, ...]) -> Line:
    code = 0 if finding.ok else _EXIT_CODES[finding.subject]
    return Line(finding.subject, finding.ok, redact(finding.message, secrets), code)
