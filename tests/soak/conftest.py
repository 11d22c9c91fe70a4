"""A small world of the soak and a hub that has synced with it, in this process."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.flows.consent.town import hub_of
from tests.flows.terminal import Hub
from tests.soak.asking import Asking
from tests.soak.exported import Exported, exported_by, looked_into
from tests.soak.world import World, open_world


@dataclass
class Place:
    """A world and its hub."""

    world: World
    hub: Hub

    @property
    def asking(self) -> Asking:
        return Asking(self.hub)

    def exported(self) -> Exported:
        found = exported_by(self.asking)
        assert found is not None
        return looked_into(self.asking, found, found.golden)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_world(tmp_path, 30, random.Random(3)) as world:
        plain = hub_of(tmp_path, f"sqlite:///{tmp_path}/hub.db")
        yield Place(world, Hub(plain.config, plain.database, {**plain.extra, "HUB_REDIS": "redis://127.0.0.1:9/0"}))
