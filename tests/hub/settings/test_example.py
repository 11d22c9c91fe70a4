"""The example deployment works with the real connectors, and what init writes does too."""

from __future__ import annotations

import shutil
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
    assert settings.consent.trusts("newsletter", "double_opt_in", "email")
    assert settings.connections["newsletter"].narrowed.resubscribe == "pending"
    assert list(settings.segments) == ["vip"]


@pytest.mark.parametrize("name", ["consent", "segments"])
def test_the_defaults_are_valid_beside_the_connections_of_the_example(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    shutil.copy(ROOT / "hub" / "defaults" / f"{name}.yaml", folder)
    assert {warning.code for warning in load(folder).warnings} == ({"HUB-C045"} if name == "consent" else set())


@pytest.mark.parametrize("name", ["texts", "help"])
def test_what_would_need_another_account_is_an_example_and_no_connection(name: str) -> None:
    text = (ROOT / "hub" / "defaults" / "connections" / f"{name}.yaml").read_text()
    assert all(line.startswith("#") for line in text.splitlines())
    assert (ROOT / "config" / "connections" / f"{name}.yaml").read_text() == text


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
