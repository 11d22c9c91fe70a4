"""The example deployment works with the real connectors, and what init writes does too."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.kit import registry
from hub.settings.load import load, read

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _real_connectors(monkeypatch: pytest.MonkeyPatch, _stand_ins: None) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("SHOP_TOKEN", "shpat_0123456789abcdef")
    monkeypatch.setenv("MAILCHIMP_KEY", "0123456789abcdef-us19")


def test_the_example_deployment_is_valid() -> None:
    settings = load(ROOT / "config")
    assert settings.warnings == ()
    assert {name: c.kind for name, c in settings.connections.items()} == {
        "loyalty": "files",
        "newsletter": "mailchimp",
        "shop": "shopify",
    }
    assert {connection.kind for connection in settings.connections.values()} <= set(registry.kinds())


def test_the_example_maps_a_row_of_the_loyalty_list() -> None:
    (people,) = load(ROOT / "config").connections["loyalty"].streams
    row = {"member_no": "4711", "given": "Bob", "surname": "Nguyen", "email": "bob@example.com", "mobile": "0491570006"}
    mapped = people.mapper(row)
    assert mapped.refusal is None
    assert mapped.value is not None
    assert [phone.value for phone in mapped.value.phones] == ["+61491570006"]  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["shop", "newsletter", "loyalty"])
def test_the_defaults_examples_are_valid_once_their_marks_are_removed(name: str, tmp_path: Path) -> None:
    source = ROOT / "hub" / "defaults" / "connections" / f"{name}.yaml"
    lines = source.read_text().split("\n#\n")[1].splitlines()
    folder = tmp_path / "config"
    (folder / "connections").mkdir(parents=True)
    (folder / "hub.yaml").write_text((ROOT / "hub" / "defaults" / "hub.yaml").read_text())
    (folder / "connections" / f"{name}.yaml").write_text("\n".join(line.removeprefix("# ") for line in lines))
    assert list(load(folder).connections) == [name]


@pytest.mark.fault("A15")
@pytest.mark.parametrize("kind", ["os", "os.system", "kit", "kit.base", "../kit", "connectors.files", "files\\n", ""])
def test_a_kind_never_names_other_code(kind: str, tmp_path: Path) -> None:
    (tmp_path / "config" / "connections").mkdir(parents=True)
    (tmp_path / "config" / "hub.yaml").touch()
    (tmp_path / "config" / "connections" / "shop.yaml").write_text(f'kind: "{kind}"\n')
    assert {problem.code for problem in read(tmp_path / "config").problems} <= {"HUB-C005", "HUB-C019"}
    assert read(tmp_path / "config").settings is None
