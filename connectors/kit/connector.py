"""What a vendor's folder offers to the registry: its source, its destination, its webhook, and what it can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from connectors.kit.base import Source
from connectors.kit.desk import Desk
from connectors.kit.destination import Capabilities, Destination
from connectors.kit.webhook import Webhook


def _no_capabilities(_config: Any) -> Capabilities:
    return Capabilities()


@dataclass(frozen=True, slots=True)
class Connector:
    """What a vendor's folder offers to the registry, as `CONNECTOR` in its `__init__.py`.

    `config`: the pydantic model (extra="forbid") of the connection file's `config:` block; secrets are SecretStr.
    `source`, `destination` and `desk` are made from that config.
    `mapping`: the vendor's own mapping.yaml, or None where the operator maps every stream in place.
    `destination` and `webhook` are None where the vendor is only read, or only asked.
    `capabilities`: what a connection with this config can do with consent and tags.
    `desk`: where it takes tasks; None for what is no help desk.
    """

    kind: str
    title: str
    config: type[BaseModel]
    source: type[Source]
    mapping: Path | None = None
    destination: Callable[[Any], Destination] | None = None
    webhook: Webhook | None = None
    capabilities: Callable[[Any], Capabilities] = _no_capabilities
    desk: Callable[[Any], Desk] | None = None

    def open(self, config: BaseModel) -> Source:
        return self.source(config)  # type: ignore[call-arg]  # each vendor's takes its own config

    def open_destination(self, config: BaseModel) -> Destination:
        """Raises TypeError for a connector that is only read."""
        if self.destination is None:
            raise TypeError(f"{self.kind} is no destination")
        return self.destination(config)

    def open_desk(self, config: BaseModel) -> Desk:
        """Raises TypeError for a connector that is no help desk."""
        if self.desk is None:
            raise TypeError(f"{self.kind} takes no tasks")
        return self.desk(config)
