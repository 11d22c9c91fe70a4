"""Connectors are found by name, and nothing but what offers a Connector is imported."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import connectors
from connectors.kit import registry
from connectors.kit.connector import Connector
from connectors.kit.errors import ConfigError

FOLDER = """
from pydantic import BaseModel
from connectors.kit.base import Source
from connectors.kit.connector import Connector
CONNECTOR = Connector(kind="{kind}", title="A vendor of the test", config=BaseModel, source=Source)
"""


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that counts as a part of the connectors package; what is imported from it is forgotten again."""
    monkeypatch.setattr(connectors, "__path__", [*connectors.__path__, str(tmp_path)])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def add(folder: Path, name: str, text: str) -> None:
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(text)


def offer(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    point = EntryPoint(name, value, registry.GROUP)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [point] if group == registry.GROUP else [])


def test_every_folder_with_a_connector_is_a_kind_and_the_kit_is_none(beside: Path) -> None:
    add(beside, "acme", FOLDER.format(kind="acme"))
    add(beside, "notyet", '"""A folder somebody is still writing."""')
    assert "acme" in registry.kinds()
    assert not {"kit", "notyet"} & set(registry.kinds())


def test_listing_imports_no_connector() -> None:
    script = (
        "import sys; from connectors.kit import registry; registry.kinds();"
        "print([m for m in sys.modules if m.startswith('connectors.') and not m.startswith('connectors.kit')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_connector_is_got_by_its_kind(beside: Path) -> None:
    add(beside, "acme", FOLDER.format(kind="acme"))
    assert isinstance(registry.get("acme"), Connector)
    assert registry.get("acme").kind == "acme"


def test_every_connector_of_ours_can_be_got() -> None:
    assert [registry.get(kind).kind for kind in registry.kinds()] == list(registry.kinds())


@pytest.mark.fault("C01")
def test_a_mistyped_kind_is_answered_with_the_likely_one(beside: Path) -> None:
    add(beside, "acme", FOLDER.format(kind="acme"))
    with pytest.raises(registry.UnknownConnector, match="did you mean acme") as caught:
        registry.get("amce")
    assert (caught.value.kind, caught.value.suggestions) == ("amce", ("acme",))


@pytest.mark.fault("A15")
@pytest.mark.parametrize("kind", ["os", "kit", "kit.base", "../acme", "os:system", "", "acme.source"])
def test_nothing_else_can_be_imported_by_name(beside: Path, kind: str) -> None:
    add(beside, "acme", FOLDER.format(kind="acme"))
    with pytest.raises(registry.UnknownConnector):
        registry.get(kind)


def test_a_folder_that_offers_another_kind_is_refused(beside: Path) -> None:
    add(beside, "wrongname", FOLDER.format(kind="acme"))
    with pytest.raises(ConfigError, match="'wrongname' does not offer"):
        registry.get("wrongname")


def test_another_package_may_offer_a_connector(beside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "thirdparty_crm.py").write_text(FOLDER.format(kind="crm"))
    monkeypatch.syspath_prepend(tmp_path)
    offer(monkeypatch, "crm", "thirdparty_crm:CONNECTOR")
    assert "crm" in registry.kinds()
    assert registry.get("crm").title == "A vendor of the test"


def test_a_package_that_cannot_be_imported_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "crm", "no_such_package:CONNECTOR")
    with pytest.raises(ConfigError, match=r"'crm' \(no_such_package:CONNECTOR\) cannot be imported"):
        registry.get("crm")
