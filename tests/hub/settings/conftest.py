"""A good configuration to spoil, with stand-ins for the connectors."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.kit import registry
from tests.hub.settings import fakes


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "get", fakes.get)
    monkeypatch.setattr(registry, "kinds", fakes.kinds)
    monkeypatch.setattr(fakes.ShopSource, "findings", [])
    monkeypatch.setenv("SHOP_TOKEN", fakes.TOKEN)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration folder with nothing wrong in it."""
    return fakes.write(tmp_path, fakes.GOOD)
