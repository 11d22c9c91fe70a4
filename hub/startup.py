"""The look taken before anything else is imported: are the packages in use ours?

Our top-level names are plain words, and another project of the same name may lie over them or before them.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from importlib.machinery import PathFinder
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

PROJECT = "contact-hub"
ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("connectors", "dedupe", "mapping")
EXIT_CONFIG = 78
"""As in `hub.cli.output`, which stands on packages that are not to be imported yet."""


def check_packages() -> None:
    """Return when connectors, dedupe and mapping are the ones that belong to this hub.

    Otherwise raise SystemExit(78), after one line on stderr for each that is not: its file and whose it is.
    Imports none of them, so that a stranger's code never runs.
    """
    problems = [problem for name in PACKAGES if (problem := _problem(name))]
    if problems:
        print("\n".join(problems), file=sys.stderr)
        raise SystemExit(EXIT_CONFIG)


def _problem(name: str) -> str | None:
    found = PathFinder.find_spec(name)
    if found is None or found.origin is None:
        return f"The package {name!r} of {PROJECT} is missing: install {PROJECT} again, in an environment of its own."
    file = Path(found.origin).resolve()
    if file == ROOT / name / "__init__.py" and _as_installed(name, file):
        return None
    owners = ", ".join(sorted(set(packages_distributions().get(name, [])) - {PROJECT})) or "nobody that pip knows"
    return (
        f"The package {name!r} is not the one of {PROJECT}: {file} belongs to {owners}. "
        f"Install {PROJECT} in an environment of its own."
    )


def _as_installed(name: str, file: Path) -> bool:
    """False when the file differs from the one that pip noted; true where it noted none, as in a source tree."""
    try:
        noted = distribution(PROJECT).files or []
    except PackageNotFoundError:
        return True
    for path in noted:
        if path.as_posix() == f"{name}/__init__.py" and path.hash and Path(str(path.locate())).resolve() == file:
            digest = hashlib.new(path.hash.mode, file.read_bytes()).digest()
            return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == path.hash.value
    return True
