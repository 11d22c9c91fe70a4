"""The configuration folder made into Settings, or into a list of everything that is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from hub.consent.policy import Policy as ConsentPolicy
from hub.settings import validation
from hub.settings.automations import check_automations
from hub.settings.connections import read_connection
from hub.settings.consent import pushes_consent, read_consent
from hub.settings.document import Document, Loc
from hub.settings.excerpts import with_excerpts
from hub.settings.files import SUFFIXES, Files
from hub.settings.identity import read_model
from hub.settings.models import HubFile
from hub.settings.problems import Problem, SettingsError, in_order
from hub.settings.references import is_reference, refuse_literal_secrets, tell_literal
from hub.settings.segments import read_segments
from hub.settings.settings import Connection, ConnectionStream, Narrowing, Settings
from hub.settings.survivorship import read_survivorship

__all__ = [
    "Connection",
    "ConnectionStream",
    "Reading",
    "Settings",
    "SettingsError",
    "load",
    "read",
]


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading the folder gave. `settings` is None when any problem is an error; `names` are all connections."""

    settings: Settings | None
    problems: tuple[Problem, ...]
    names: tuple[str, ...]
    files: Files


def load(folder: Path) -> Settings:
    """Raises SettingsError with every problem of every file."""
    reading = read(folder)
    if reading.settings is None:
        raise SettingsError(reading.problems)
    return reading.settings


def read(folder: Path) -> Reading:
    """Look through the whole folder. Raises nothing for what it holds."""
    folder = Path(os.path.abspath(folder))  # not resolve(): a linked folder belongs where the link is
    files = Files(folder.parent)
    if not folder.is_dir():
        missing = Problem(folder.name, 1, 1, "HUB-C001", "there is no such configuration folder", fix="run `hub init`")
        return Reading(None, (missing,), (), files)
    hub_document = _only(files, folder, "hub")
    absent = [] if hub_document else [_no_hub_file(folder)]
    hub = _hub_file(files, hub_document) if hub_document else None
    model = read_model(files, folder, hub_document, hub.identity.model) if hub_document and hub else None
    documents = _connection_documents(files, folder)
    segments = read_segments(*_optional(files, folder, "segments"), (hub or HubFile()).timezone)
    read_ones = {d.path.stem: read_connection(files, d, hub or HubFile(), segments.names) for d in documents}
    if hub and hub_document:
        desks = {name: None if c is None else c.connector.desk is not None for name, c in read_ones.items()}
        check_automations(hub_document, hub.subscribers, hub.tasks, segments.names, desks)
    survivorship = read_survivorship(*_optional(files, folder, "survivorship"), list(read_ones))
    consent, narrowed = _consent(files, folder, read_ones, absent)
    problems = tuple(in_order(with_excerpts(absent + files.problems(), files.documents.values(), _unseen(files))))
    settings = None
    if hub is not None and model is not None and not any(problem.severity == "error" for problem in problems):
        settings = Settings(
            folder=folder,
            root=folder.parent,
            hub=hub,
            database_url=_absolute_database(hub.database, folder.parent),
            connections={
                name: replace(c, narrowed=narrowed[name]) for name, c in sorted(read_ones.items()) if c is not None
            },
            survivorship=survivorship,
            secrets=tuple(dict.fromkeys(files.secrets)),
            warnings=problems,
            consent=consent,
            segments=segments.compiled,
            model=model,
        )
    return Reading(settings, problems, tuple(sorted(read_ones)), files)


def _unseen(files: Files) -> list[str]:
    return [*files.secrets, *files.hidden]


def _no_hub_file(folder: Path) -> Problem:
    file = f"{folder.name}/hub.yaml"
    return Problem(file, 1, 1, "HUB-C001", "there is no such file", fix="run `hub init`, it adds what is missing")


def _candidates(folder: Path) -> list[Path]:
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(p for p in found if p.suffix in SUFFIXES and not p.name.startswith(".") and p.is_file())


def _only(files: Files, folder: Path, stem: str) -> Document | None:
    """The file of this name; NAME.yaml beside NAME.yml is an error, for one of them would silently not count."""
    documents = [files.read(path) for path in _candidates(folder) if path.stem == stem]
    _refuse_twins(documents)
    return documents[0] if documents else None


def _connection_documents(files: Files, folder: Path) -> list[Document]:
    """The connection files that say anything; one that is all comments is an example, not a connection."""
    documents = [files.read(path) for path in _candidates(folder / "connections")]
    documents = [d for d in documents if d.data is not None or d.unreadable or d.problems]
    _refuse_twins(documents)
    return documents


def _refuse_twins(documents: list[Document]) -> None:
    first: dict[str, Document] = {}
    for document in documents:
        twin = first.setdefault(document.path.stem.casefold(), document)
        if twin is not document:
            message = f"this has the same name as {twin.path.name} beside it"
            document.add("HUB-C018", message, excerpt=False, fix="rename or remove one of the two")


def _mapping_of(document: Document) -> dict[str, Any] | None:
    if document.unreadable:
        return None
    if document.data is None:
        return {}
    if not isinstance(document.data, dict):
        document.add("HUB-C010", "the file must be a mapping (key: value) at its top")
        return None
    return document.data


def _hub_file(files: Files, document: Document) -> HubFile | None:
    raw = _mapping_of(document)
    if raw is None:
        return None
    for name in ("database", "redis"):
        _guard_address(files, document, name, raw.get(name))
    _guard_secrets(files, document, raw)
    references = files.references(document)
    data = references.resolve(raw)
    files.secrets += [one.value for loc, one in references.found.items() if _is_secret(loc) or loc[0] == "subscribers"]
    hub = validation.read(document, HubFile, data)
    if hub is not None:
        _check_database(document, hub.database)
        files.secrets += _passwords(hub.database)
        if hub.redis is not None:
            _check_redis(document, hub.redis.get_secret_value())
            files.secrets += _passwords(hub.redis.get_secret_value())
    return None if document.has_errors() else hub


def _guard_address(files: Files, document: Document, name: str, written: Any) -> None:
    """A password in an address is a secret like any other."""
    if not isinstance(written, str):
        return
    for password in _passwords(written)[:1]:
        if not (password.startswith("${") and password.endswith("}")):
            fix = "export HUB_PASSWORD=…  and write  ${env:HUB_PASSWORD}  in its place"
            tell_literal(document, (name,), password, fix)
            files.hidden += _passwords(written)
            document.hidden += [mark for loc, mark, _ in document.scalars if loc == (name,)]


def _is_secret(loc: Loc) -> bool:
    return validation.secret_at(HubFile, loc)


def _guard_secrets(files: Files, document: Document, raw: Mapping[str, Any]) -> None:
    """What these keys hold is shown nowhere, and their secrets may only be referred to."""
    for name in ("alerts", "metrics", "subscribers"):
        hidden = validation.hide(document, (name,), lambda loc: validation.harmless_at(HubFile, loc), is_reference)
        files.hidden += [text for text in hidden if len(text) >= 8]
        if name in raw:
            refuse_literal_secrets(document, raw[name], (name,), _is_secret)


def _passwords(address: str) -> list[str]:
    """The password as written and as meant; nothing when there is none."""
    try:
        found = urlsplit(address).password
    except ValueError:
        return []
    return list(dict.fromkeys([found, unquote(found)])) if found else []


def _check_database(document: Document, address: str) -> None:
    scheme = address.partition("://")[0].partition("+")[0]
    if scheme in ("sqlite", "postgresql") and "://" in address:
        return
    hint = "did you mean 'postgresql://…'?" if scheme == "postgres" else ""
    fix = "" if hint else "sqlite:///hub.db, or postgresql://USER:${env:PASSWORD}@HOST/NAME"
    document.add("HUB-C034", "the database must be SQLite or PostgreSQL", ("database",), hint=hint, fix=fix)


def _check_redis(document: Document, address: str) -> None:
    if not address.startswith(("redis://", "rediss://", "unix://")):
        fix = 'redis: "${env:HUB_REDIS}"  with  redis://HOST:6379/0  in that variable'
        document.add("HUB-C049", "this is not the address of a Redis", ("redis",), fix=fix)


def _absolute_database(address: str, root: Path) -> str:
    """sqlite:///hub.db becomes the file below the root; everything else stays."""
    scheme, mark, path = address.partition(":///")
    if not scheme.startswith("sqlite") or not mark or not path or path.startswith((":memory:", "file:")):
        return address
    return f"{scheme}:///{root / path}"


def _optional(files: Files, folder: Path, stem: str) -> tuple[Document | None, Any]:
    """The file beside hub.yaml and what it says, references resolved; the document is None where there is none."""
    document = _only(files, folder, stem)
    if document is None:
        return None, None
    references = files.references(document)
    data = references.resolve(_mapping_of(document))
    files.secrets += [found.value for found in references.found.values()]
    return document, data


def _consent(
    files: Files, folder: Path, connections: Mapping[str, Connection | None], problems: list[Problem]
) -> tuple[ConsentPolicy, dict[str, Narrowing]]:
    document, data = _optional(files, folder, "consent")
    policy, narrowed = read_consent(document, data, connections)
    pushing = [name for name, connection in connections.items() if pushes_consent(connection)]
    nobody = not any(policy.grant_sources.values()) and not (document and document.has_errors())
    if pushing and nobody:
        message = f"no connection may grant (grant_sources is empty), though {pushing[0]} pushes consent"
        fix = "consent: {grant_sources: {email: [NAME]}}; until then nobody is sendable"
        if document is None:
            file = f"{folder.name}/consent.yaml"
            problems.append(Problem(file, 1, 1, "HUB-C045", message, fix=fix, severity="warning"))
        else:
            place = ("consent", "grant_sources")
            document.add("HUB-C045", message, place, key=True, fix=fix, severity="warning")
    return policy, narrowed
