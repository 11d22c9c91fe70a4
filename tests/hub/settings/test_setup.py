"""The commands init, check, schema and config show, as an operator and a script see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import typer
from ruamel.yaml import YAML
from typer.testing import CliRunner, Result

from connectors.kit.base import Finding
from connectors.kit.errors import AuthError, ConfigError
from hub.cli import app as application
from hub.cli import setup
from hub.settings.load import load
from tests.hub.settings.fakes import GOOD, TOKEN, ShopSource, write

DEFAULTS = Path(setup.__file__).parents[1] / "defaults"


def run(folder: Path, *arguments: str) -> Result:
    app = typer.Typer()
    app.callback()(application.options)
    setup.register(app)
    return CliRunner().invoke(app, ["-c", str(folder), *arguments])


def document(result: Result) -> Any:
    return json.loads(result.stdout)


class TestInit:
    def test_what_it_writes_is_valid_and_needs_no_terminal(self, tmp_path: Path) -> None:
        assert run(tmp_path / "config", "init").exit_code == 0
        assert load(tmp_path / "config").connections == {}
        assert (tmp_path / ".env.example").exists()

    def test_what_it_writes_is_valid_beside_any_connections(self, tmp_path: Path) -> None:
        folder = write(tmp_path, {"connections/shop.yml": GOOD["connections/shop.yaml"]})
        assert run(folder, "init").exit_code == 0
        assert list(load(folder).connections) == ["shop"]

    def test_it_never_overwrites(self, config: Path) -> None:
        before = {path: path.read_text() for path in config.rglob("*.yaml")}
        first = document(run(config, "init", "--json"))
        assert {path: path.read_text() for path in before} == before
        assert f"{config.as_posix()}/hub.yaml" in first["kept"]
        assert document(run(config, "init", "--json"))["written"] == []

    def test_an_example_is_a_connection_once_its_marks_are_removed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "config"
        run(folder, "init")
        for name in ("shop", "loyalty"):
            path = folder / "connections" / f"{name}.yaml"
            lines = path.read_text().split("\n#\n")[1].splitlines()
            path.write_text("\n".join(line.removeprefix("# ") for line in lines))
        assert list(load(folder).connections) == ["loyalty", "shop"]

    def test_a_person_at_a_terminal_is_asked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        answers = {"Country of phone numbers": "NZ", "Time zone": "Pacific/Auckland"}
        monkeypatch.setattr(setup, "at_a_terminal", lambda: True)
        monkeypatch.setattr(typer, "prompt", lambda text, **options: options["value_proc"](answers[text]))
        assert run(tmp_path / "config", "init").exit_code == 0
        hub = load(tmp_path / "config").hub
        assert (hub.region, hub.timezone) == ("NZ", "Pacific/Auckland")


class TestCheck:
    def test_all_is_well(self, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ShopSource, "findings", [Finding("reach", True), Finding("auth", True)])
        result = run(config, "check")
        assert result.exit_code == 0
        assert "shop (shopify)\n  ✔ config\n  ✔ reach\n  ✔ auth\n" in result.stderr
        assert document(run(config, "check", "--json", "shop"))["connections"] == {"shop": {"ok": True, "problems": []}}

    @pytest.mark.parametrize(
        ("subject", "code"), [("reach", 69), ("auth", 77), ("scopes", 77), ("sample", 65), ("clock", 1)]
    )
    def test_what_is_wrong_at_the_vendor_decides_the_exit_code(
        self, subject: Any, code: int, config: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ShopSource, "findings", [Finding(subject, False, f"no use with {TOKEN}")])
        result = run(config, "check", "shop", "--json")
        assert result.exit_code == code
        wrong = {"ok": False, "problems": [{"subject": subject, "message": "no use with ••••"}]}
        assert document(result)["connections"]["shop"] == wrong

    @pytest.mark.parametrize(("error", "code"), [(AuthError("refused"), 77), (ConfigError("no such list"), 78)])
    def test_a_source_that_does_not_open_is_told(
        self, error: Exception, code: int, config: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ShopSource, "error", error)
        assert run(config, "check").exit_code == code

    @pytest.mark.fault("C01")
    def test_a_broken_configuration_ends_with_78_before_any_vendor_is_asked(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ShopSource, "error", AssertionError("opened"))
        result = run(write(tmp_path, GOOD | {"connections/shop.yaml": "kind: shopfy\n"}), "check", "--json")
        assert result.exit_code == 78
        assert result.stderr.endswith("1 error, 0 warnings. Nothing was started.\n")
        told = document(result)
        assert told["connections"]["loyalty"] == {"ok": True, "problems": []}
        assert told["connections"]["shop"]["problems"][0]["code"] == "HUB-C019"

    def test_a_missing_folder_ends_with_78(self, tmp_path: Path) -> None:
        result = run(tmp_path / "config", "check")
        assert (result.exit_code, "run `hub init`" in result.stderr) == (78, True)

    def test_an_unknown_connection_is_a_slip_of_the_hand(self, config: Path) -> None:
        result = run(config, "check", "shp")
        assert (result.exit_code, result.stderr) == (2, "There is no connection 'shp'. did you mean 'shop'?\n")


class TestShow:
    def test_every_value_has_its_origin_and_a_secret_only_its_length(self, config: Path) -> None:
        values = document(run(config, "config", "show", "--json"))["settings"]
        shop = "connections.shop."
        assert values[shop + "config.token"] == {
            "value": f"•••• (env SHOP_TOKEN, {len(TOKEN)} chars)",
            "origin": "config/connections/shop.yaml:2",
        }
        assert values["hub.region"] == {"value": "AU", "origin": "config/hub.yaml:2"}
        assert values["hub.hold.share"] == {"value": "1%", "origin": "default"}
        assert values[shop + "streams.customers.lookback"]["value"] == "10m"
        assert values[shop + "streams.customers.map.emails.0"]["origin"] == "connectors/shopify/vendor.yaml:6"
        assert values["survivorship.fields.name"]["value"] == "trusted_source (shop), most_recent"
        assert values["consent.grant_sources.sms"] == {"value": "shop.form", "origin": "config/consent.yaml:3"}
        assert values["consent.due.AU"] == {"value": "5bd", "origin": "config/consent.yaml:4"}
        assert values["consent.due.default"]["value"] == "36h"
        assert values["consent.max_age"] == {"value": "1d", "origin": "default"}
        assert values["destinations.shop.resubscribe"] == {"value": "never", "origin": "config/consent.yaml:6"}
        assert values["destinations.shop.push_grants"] == {"value": "auto", "origin": "default"}
        assert values["segments.vip.all.0.field"] == {"value": "orders", "origin": "config/segments.yaml:4"}
        assert values["segments.vip.channel"] == {"value": "email", "origin": "default"}

    def test_all_of_a_consent_file_is_shown(self, tmp_path: Path) -> None:
        consent = (
            "consent:\n"
            "  inferred: {allowed: [email], sources: [shop], expires: 365d}\n"
            "  lists: {shop: {a1: {brand: garden}}}\n"
            "  foreign_writers: [shop, loyalty]\n"
        )
        folder = write(tmp_path, GOOD | {"consent.yaml": consent})
        values = document(run(folder, "config", "show", "--json"))["settings"]
        shown = {key: entry["value"] for key, entry in values.items() if entry["origin"].startswith("config/consent")}
        assert shown == {
            "consent.inferred.allowed": "email",
            "consent.inferred.sources": "shop",
            "consent.inferred.expires": "365d",
            "consent.lists.shop.a1": "marketing, garden",
            "consent.foreign_writers": "loyalty, shop",
        }

    @pytest.mark.fault("A11")
    def test_no_secret_is_printed(self, tmp_path: Path) -> None:
        hub = 'database: "postgresql://hub:${env:SHOP_TOKEN}@db/hub"\n'
        text = GOOD["connections/shop.yaml"].replace("store: acme", 'store: "${env:SHOP_TOKEN}"')
        folder = write(tmp_path, GOOD | {"hub.yaml": hub, "connections/shop.yaml": text})
        for arguments in (["config", "show"], ["config", "show", "--json"]):
            result = run(folder, *arguments)
            assert result.exit_code == 0
            assert TOKEN not in result.output


class TestSchema:
    @pytest.mark.parametrize("name", ["hub", "connection", "survivorship", "consent", "segments"])
    def test_it_accepts_the_good_files_and_refuses_a_slip(self, name: str, config: Path) -> None:
        schema = document(run(config, "schema", name))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for path in config.rglob({"connection": "connections/*.yaml"}.get(name, f"{name}.yaml")):
            data = YAML(typ="safe", pure=True).load(path)
            assert list(validator.iter_errors(data)) == []
            assert list(validator.iter_errors(data | {"slip": 1})) != []

    def test_a_literal_secret_is_marked_in_the_editor(self, config: Path) -> None:
        validator = jsonschema.Draft202012Validator(document(run(config, "schema", "connection")))
        literal = {"kind": "shopify", "config": {"store": "acme", "token": TOKEN}}
        assert [list(error.path) for error in validator.iter_errors(literal)] == [["config", "token"]]

    def test_the_default_files_fit_their_schemas(self, tmp_path: Path) -> None:
        for name in ("hub", "survivorship", "consent", "segments"):
            schema = document(run(tmp_path / "config", "schema", name))
            data = YAML(typ="safe", pure=True).load(DEFAULTS / f"{name}.yaml")
            assert list(jsonschema.Draft202012Validator(schema).iter_errors(data)) == []

    def test_it_is_written_where_the_modelines_look(self, config: Path) -> None:
        assert run(config, "schema", "--write").exit_code == 0
        for name in set(setup.TEMPLATES) - {setup.ENVIRONMENT}:
            modeline = (DEFAULTS / name).read_text().splitlines()[0]
            schema = modeline.removeprefix("# yaml-language-server: $schema=")
            assert ((config / name).parent / schema).resolve().exists()
