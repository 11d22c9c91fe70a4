"""Values by reference: ${env:NAME} and ${file:path} in any text, and the rule that a secret is nothing else."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.settings.document import Document, Loc, leaves
from hub.settings.values import suggest

_REFERENCE = re.compile(r"\$\{(env|file):([^{}$]+)\}")
_EXACT = re.compile(r"\$\{(?:env|file):[^{}$]+\}")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MAX_FILE = 64 * 1024
_TOO_OPEN = 0o037
"""The bits beyond 0640, the owner's own aside."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What stood in a text: the references by their names ("env SHOP_TOKEN"), and the text with their values."""

    names: tuple[str, ...]
    value: str


@dataclass(slots=True)
class References:
    """Resolves the references of one document. `found` keeps, by place, each text that held any."""

    document: Document
    root: Path
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    found: dict[Loc, Resolved] = field(default_factory=dict)

    def resolve(self, data: Any, loc: Loc = ()) -> Any:
        """The data with values in place of references; what does not resolve becomes None and a problem."""
        if loc in self.document.broken:
            return None
        if isinstance(data, dict):
            return {key: self.resolve(child, (*loc, key)) for key, child in data.items()}
        if isinstance(data, list):
            return [self.resolve(child, (*loc, index)) for index, child in enumerate(data)]
        if isinstance(data, str) and "${" in data:
            return self._text(data, loc)
        return data

    def _text(self, text: str, loc: Loc) -> str | None:
        if "${" in _REFERENCE.sub("", text):
            self._refuse_form(text, loc)
            return None
        names = []
        values: list[str | None] = []

        def put(match: re.Match[str]) -> str:
            read = self._env if match[1] == "env" else self._file
            names.append(f"{match[1]} {match[2]}")
            values.append(read(match[2], loc))
            return values[-1] or ""

        value = _REFERENCE.sub(put, text)
        if None in values:
            self.document.broken.add(loc)
            return None
        self.found[loc] = Resolved(tuple(names), value)
        return value

    def _refuse_form(self, text: str, loc: Loc) -> None:
        self.document.broken.add(loc)
        kind = re.search(r"\$\{(\w+):", text)
        hint = suggest(kind[1], ("env", "file")) if kind else ""
        fix = "write ${env:NAME} or ${file:path}"
        self.document.add("HUB-C015", "this is no reference the hub knows", loc, hint=hint, fix=fix)

    def _env(self, name: str, loc: Loc) -> str | None:
        if not _ENV_NAME.fullmatch(name):
            self.document.add("HUB-C015", "this is no name of an environment variable", loc, fix="write ${env:NAME}")
            return None
        value = self.environment.get(name)
        if value is None:
            near = suggest(name, self.environment)
            fix = f"export {name}=…"
            self.document.add("HUB-C013", f"the environment variable {name} is not set", loc, hint=near, fix=fix)
        elif not value.strip():
            self.document.add("HUB-C013", f"the environment variable {name} is empty", loc, fix=f"export {name}=…")
            return None
        return value

    def _file(self, name: str, loc: Loc) -> str | None:
        path = (self.root / name).resolve()
        if not any(path.is_relative_to(folder) for folder in allowed_folders(self.root, self.environment)):
            message = f"the file {name} is outside the folders that secrets may lie in"
            self.document.add("HUB-C014", message, loc, fix=f"move it below {_ALLOWED}")
            return None
        try:
            with path.open("rb") as file:
                raw = file.read(_MAX_FILE + 1)
            mode = path.stat().st_mode & 0o777
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            self.document.add("HUB-C014", f"the file {name} cannot be read: {reason}", loc)
            return None
        value = _decoded(raw)
        if not value:
            wrong = "is no short UTF-8 text" if value is None else "is empty"
            self.document.add("HUB-C014", f"the file {name} {wrong}", loc, fix="put the secret in it, alone")
            return None
        if mode & _TOO_OPEN:
            message = f"others can read the file {name} (mode {mode:04o})"
            self.document.add("HUB-C016", message, loc, fix=f"chmod 640 {name}", severity="warning")
        return value


_ALLOWED = "the hub's own folder, /run/secrets or $CREDENTIALS_DIRECTORY"


def allowed_folders(root: Path, environment: Mapping[str, str]) -> list[Path]:
    """Where ${file:} may point to, symlinks followed first: a path out of these is an operator's slip or an attack."""
    folders = [root, Path("/run/secrets"), Path("/var/run/secrets")]
    if credentials := environment.get("CREDENTIALS_DIRECTORY"):
        folders.append(Path(credentials))
    return [folder.resolve() for folder in folders]


def _decoded(raw: bytes) -> str | None:
    if len(raw) > _MAX_FILE:
        return None
    try:
        return raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return None


def is_reference(value: object) -> bool:
    """True for a text that is exactly one reference."""
    return isinstance(value, str) and _EXACT.fullmatch(value) is not None


def refuse_literal_secrets(document: Document, data: Any, loc: Loc, is_secret: Callable[[Loc], bool]) -> None:
    """Every secret written out below `loc` becomes HUB-C012; its value is never said, only its length."""
    for place, value in leaves(data, loc):
        literal = value is not None and not isinstance(value, dict | list) and not is_reference(value)
        if literal and is_secret(place) and not document.is_broken(place):
            document.broken.add(place)
            _tell_literal_secret(document, place, str(value))


def _tell_literal_secret(document: Document, loc: Loc, text: str) -> None:
    key = next(str(part) for part in reversed(loc) if isinstance(part, str))
    name = variable_for(document, key)
    fix = f'export {name}=…  and write  {key}: "${{env:{name}}}"'
    tell_literal(document, loc, text, fix)


def variable_for(document: Document, key: str) -> str:
    """SHOP_TOKEN for the token of shop.yaml."""
    return re.sub(r"[^A-Za-z0-9]+", "_", f"{document.path.stem}_{key}").strip("_").upper()


def tell_literal(document: Document, loc: Loc, text: str, fix: str) -> None:
    part = "part of " if "${" in text else ""
    message = f"{part}a secret is written in the file ({len(text)} characters, not shown)"
    document.add("HUB-C012", message, loc, fix=fix, excerpt=False)
