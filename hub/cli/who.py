"""Who is at the terminal, and writing down what they did."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hub import audit
from hub.cli.hub import Hub


def me() -> str:
    """The name of the user of this machine; in a container that knows none, the number."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return f"uid {os.getuid()}"


def noted(hub: Hub, action: str, subject: str, details: Mapping[str, Any] | None = None) -> None:
    """Write an act into the audit that has no single transaction of its own. `details` hold no personal value."""
    hub.store.write(lambda db: audit.note(db, datetime.now(UTC), me(), action, subject, details))
