"""identity.model: a shipped model by its name, or the file of one in the configuration folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dedupe.engine.model_text import text_of
from dedupe.engine.weights import load as shipped_model
from hub.settings.load import SettingsError, load, read
from tests.hub.settings.fakes import GOOD, TOKEN, write

OWN = replace(shipped_model(), version="standard-3+2026-11-22-c0ffee", prior=-2500)


def _hub(model: str) -> str:
    return f"{GOOD['hub.yaml']}identity: {{model: {model}}}\n"


def test_without_a_word_the_shipped_model_is_in_force(config: Path) -> None:
    assert load(config).model == shipped_model()


@pytest.mark.parametrize("name", ["identity.yaml", "models/ours.yml"])
def test_a_file_in_the_folder_is_in_force_once_it_is_named(name: str, tmp_path: Path) -> None:
    beside = write(tmp_path, GOOD | {name: text_of(OWN, ["made of 40 decisions"])})
    assert load(beside).model == shipped_model()
    named = write(tmp_path, {"hub.yaml": _hub(name)})
    assert load(named).model == OWN


def test_a_model_that_is_not_in_force_may_hold_anything(tmp_path: Path) -> None:
    assert load(write(tmp_path, GOOD | {"identity.yaml": "half a file: ["})).warnings == ()


@pytest.mark.parametrize("name", ["/etc/passwd.yaml", "../identity.yaml", "models/../../identity.yaml", "connections"])
def test_nothing_outside_the_folder_is_read(name: str, tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD | {"hub.yaml": _hub(name), "../identity.yaml": text_of(OWN, [])})
    assert [problem.code for problem in read(folder).problems] == ["HUB-C046"]


def test_a_model_larger_than_a_megabyte_is_not_read(tmp_path: Path) -> None:
    long = text_of(OWN, ["x" * 1_000_001])
    found = read(write(tmp_path, GOOD | {"hub.yaml": _hub("identity.yaml"), "identity.yaml": long})).problems
    assert [problem.code for problem in found] == ["HUB-C003"]


def test_a_secret_named_as_a_model_stays_unseen(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD | {"hub.yaml": _hub('"${env:SHOP_TOKEN}"')})
    with pytest.raises(SettingsError) as caught:
        load(folder)
    assert TOKEN not in str(caught.value)
    assert [problem.code for problem in caught.value.problems] == ["HUB-C046"]
