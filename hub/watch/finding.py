"""What the doctor says of one thing: how it is, and what to do when it is not well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ATTENTION = 1
BAD_DATA = 65
UNREACHABLE = 69
CREDENTIALS = 77
CONFIGURATION = 78


@dataclass(frozen=True, slots=True)
class Finding:
    """`exit_code` is 0 where all is well, else the one that the command ends with at least."""

    subject: str
    message: str
    exit_code: int = 0
    fix: str = ""

    @property
    def ok(self) -> bool:
        return self.exit_code == 0

    def as_json(self) -> dict[str, Any]:
        return {"subject": self.subject, "ok": self.ok, "message": self.message, "fix": self.fix}
