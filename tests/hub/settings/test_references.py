"""Values by reference: from the environment and from files, within bounds."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from hub.settings.load import load, read
from tests.hub.settings.fakes import GOOD, write


def shop(token: str, store: str = "acme") -> dict[str, str]:
    return {"connections/shop.yaml": f'kind: shopify\nconfig: {{store: "{store}", token: "{token}"}}\n'}


def token(folder: Path) -> SecretStr:
    found: SecretStr = load(folder).connections["shop"].config.token  # type: ignore[attr-defined]
    return found


def test_a_secret_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD | shop("${file:secrets/token}") | {"../secrets/token": "shpat_file\n"})
    assert token(folder).get_secret_value() == "shpat_file"
    assert load(folder).warnings == ()


def test_a_secret_is_read_anew_at_every_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path, GOOD)
    monkeypatch.setenv("SHOP_TOKEN", "shpat_rotated")
    assert token(folder).get_secret_value() == "shpat_rotated"


def test_a_file_that_others_can_read_is_a_warning_and_not_an_error(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD | shop("${file:secrets/open}") | {"../secrets/open": "shpat_file"})
    (warning,) = load(folder).warnings
    assert (warning.code, warning.severity, warning.line) == ("HUB-C016", "warning", 2)
    assert warning.message == "others can read the file secrets/open (mode 0644)"
    assert warning.fix == "chmod 640 secrets/open"


@pytest.mark.fault("A14")
@pytest.mark.parametrize("path", ["/etc/passwd", "../../etc/passwd", "secrets/link", "secrets/../../x"])
def test_a_reference_leads_out_of_the_allowed_folders_by_no_way(path: str, tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD | shop(f"${{file:{path}}}") | {"../secrets/token": "x"})
    (tmp_path / "secrets" / "link").symlink_to("/etc/passwd")
    (problem,) = read(folder).problems
    assert (problem.code, "outside" in problem.message) == ("HUB-C014", True)


def test_a_service_managers_credentials_are_allowed(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = tmp_path_factory.mktemp("credentials")
    (credentials / "token").write_text("shpat_service")
    (credentials / "token").chmod(0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    folder = write(tmp_path, GOOD | shop(f"${{file:{credentials}/token}}"))
    assert token(folder).get_secret_value() == "shpat_service"


def test_a_plain_value_may_hold_a_reference_in_its_midst(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "test")
    folder = write(tmp_path, GOOD | shop("${env:SHOP_TOKEN}", store="acme-${env:STAGE}"))
    assert load(folder).connections["shop"].config.model_dump()["store"] == "acme-test"
