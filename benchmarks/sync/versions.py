"""Which versions of whom ran."""

from __future__ import annotations

import json
import platform
import sqlite3
import subprocess
from importlib.metadata import version

from benchmarks.sync.contenders import JSONL, MOVERS

OURS = ("contact-hub", "SQLAlchemy", "psycopg", "orjson", "requests")
MOVED = ("dlt", "pyarrow", "singer-sdk", "meltanolabs-target-postgres")
ASK = "import importlib.metadata as m, json, sys; print(json.dumps({one: m.version(one) for one in sys.argv[1:]}))"


def versions(*, rivals: bool) -> dict[str, str]:
    """By name of the package; those of the rivals out of their own environments."""
    found = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    found |= {name: version(name) for name in OURS if _is_there(name)}
    if rivals:
        found |= _in(MOVERS, *MOVED) | _in(JSONL, "target-jsonl")
    return found


def _is_there(name: str) -> bool:
    try:
        version(name)
    except ModuleNotFoundError:
        return False
    return True


def _in(python: str, *names: str) -> dict[str, str]:
    if not python:
        return {}
    found: dict[str, str] = json.loads(
        subprocess.run([python, "-c", ASK, *names], check=True, capture_output=True).stdout
    )
    return found
