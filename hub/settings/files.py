"""The files of one load: each read once, with the references it holds and the secrets that came to light."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from connectors.kit.connector import Connector
from hub.settings.document import Document
from hub.settings.problems import Problem
from hub.settings.references import References
from hub.settings.yaml import load_document

SUFFIXES: Final = (".yaml", ".yml")


@dataclass(slots=True)
class Files:
    """`secrets` are resolved values; `hidden` are texts written in files that no message may repeat."""

    root: Path
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    documents: dict[Path, Document] = field(default_factory=dict)
    resolved: dict[Path, References] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)

    def read(self, path: Path) -> Document:
        if path not in self.documents:
            near = path.is_relative_to(self.root)
            self.documents[path] = load_document(path, (path.relative_to(self.root) if near else path).as_posix())
        return self.documents[path]

    def vendor(self, connector: Connector) -> Document | None:
        """The vendor's own mapping.yaml, shown as connectors/KIND/mapping.yaml wherever it is installed."""
        path = connector.mapping
        if path is None:
            return None
        if path not in self.documents:
            self.documents[path] = load_document(path, f"connectors/{connector.kind}/{path.name}")
        return self.documents[path]

    def references(self, document: Document) -> References:
        return self.resolved.setdefault(document.path, References(document, self.root, self.environment))

    def problems(self) -> list[Problem]:
        return [problem for document in self.documents.values() for problem in document.problems]
