"""The strict reader: what plain YAML means here, and that nothing a file holds can hurt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.settings.yaml import load_document


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("yaml")


def read(folder: Path, text: str) -> Any:
    path = folder / "file.yaml"
    path.write_text(text)
    return load_document(path)


@pytest.mark.fault("A13")
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("12:30:45", "12:30:45"),
        ("2026-01-31", "2026-01-31"),
        ("1_000", "1_000"),
        ("'0123'", "0123"),
        ("true", True),
        ("~", None),
        ("-7", -7),
        ("1.5", 1.5),
        ("15m", "15m"),
    ],
)
def test_a_plain_value_means_what_yaml_1_2_says(written: str, value: object, folder: Path) -> None:
    document = read(folder, f"key: {written}\n")
    assert (document.data, document.problems) == ({"key": value}, [])


@pytest.mark.fault("A13")
@pytest.mark.parametrize("written", ["0123", "0x1F", "0o17", "1e3", ".inf", ".nan", "9" * 30, "+007"])
def test_a_number_that_readers_understand_differently_is_refused(written: str, folder: Path) -> None:
    assert [problem.code for problem in read(folder, f"key: {written}\n").problems] == ["HUB-C011"]


def test_every_value_has_its_place(folder: Path) -> None:
    document = read(folder, "a:\n  - {b: 1, c: two}\n")
    assert document.data == {"a": [{"b": 1, "c": "two"}]}
    assert (document.mark(("a", 0, "c")).line, document.mark(("a", 0, "c")).column) == (2, 15)
    assert document.mark(("a", 0, "c"), key=True).column == 12


@pytest.mark.fault("A13")
def test_an_alias_bomb_is_never_expanded(folder: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 200)]
    document = read(folder, "\n".join(lines))
    assert [problem.code for problem in document.problems] == ["HUB-C008"]
    assert document.data["a199"] == [None, None]


@given(text=st.text(max_size=200) | st.text(alphabet="{}[]:,-&*!|>'\"#?%@` \n\tab01<~", max_size=80))
def test_no_text_at_all_makes_the_reader_fail(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    document = load_document(path)
    assert not document.unreadable or document.problems
