"""How a run ended, and who hears of it while it goes: shared by all that run something."""

from __future__ import annotations

import traceback
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.exc import DBAPIError

from connectors.kit.errors import ConnectorError, RateLimited
from connectors.kit.redact import redact
from hub.stages.runs import Buckets
from hub.store.leases import LeaseLost
from hub.store.trouble import will_pass

EXIT_HELD = 1
EXIT_BUG = 65
EXIT_ALREADY_RUNNING = 73
EXIT_TRY_LATER = 75

NEEDS_ATTENTION = frozenset({77, 78})
"""Ends after which knocking again helps nobody: credentials or settings are wrong. A `hub sync` that works ends it."""

DATABASE_REST = timedelta(seconds=30)

GOES_ON = "goes on from here"
"""What a run says that was put back after its turn."""


class Reporter(Protocol):
    """Hears what a run does; a progress bar, JSON lines, or nothing."""

    def started(self, connection: str, stream: str) -> None: ...

    def moved(self, connection: str, stream: str, buckets: Buckets, total: int | None) -> None: ...

    def ended(self, end: RunEnd) -> None: ...


class Quiet:
    """A reporter that tells nobody."""

    def started(self, connection: str, stream: str) -> None: ...

    def moved(self, connection: str, stream: str, buckets: Buckets, total: int | None) -> None: ...

    def ended(self, end: RunEnd) -> None: ...


@dataclass(slots=True)
class RunEnd:
    """How a run, or a slice of one, ended. `drift`: what a reconciliation found; None of any other run."""

    connection: str
    stream: str
    status: str
    exit_code: int = 0
    message: str = ""
    run_id: int | None = None
    retry_at: datetime | None = None
    gone: int = 0
    drift: dict[str, int] | None = None
    buckets: Buckets = field(default_factory=Buckets)

    def as_json(self) -> dict[str, Any]:
        """The contract's document of a run."""
        return {
            "run": self.run_id,
            "connection": self.connection,
            "stream": self.stream,
            "status": self.status,
            **asdict(self.buckets),
            "gone": self.gone,
            "drift_found": self.drift,
            "exit_code": self.exit_code,
            "message": self.message,
            "retry_at": self.retry_at.isoformat() if self.retry_at else None,
        }

    def blame(self, error: Exception, secrets: tuple[str, ...]) -> None:
        """Make it the end that this error stands for. The text of a bug is not kept: it may hold a person's data."""
        self.message = redact(str(error), secrets)
        match error:
            case LeaseLost():
                self.status, self.exit_code = "lost", EXIT_ALREADY_RUNNING
            case RateLimited():
                self.status, self.exit_code, self.retry_at = "paused", error.exit_code, error.retry_at
            case ConnectorError():
                self.status, self.exit_code = "failed", error.exit_code
            case DBAPIError() if will_pass(error):
                self.status, self.exit_code = "paused", EXIT_TRY_LATER
                self.retry_at = datetime.now(UTC) + DATABASE_REST
                self.message = f"the database failed ({type(error.orig).__name__}); the run goes on when it is back"
            case _:
                self.status, self.exit_code = "failed", EXIT_BUG
                self.message = _whereabouts(error)


def _whereabouts(error: Exception) -> str:
    """A bug's kind and place."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"{type(error).__name__} in {last.name} ({last.filename.rpartition('/')[2]}:{last.lineno}): please report this"
    )
