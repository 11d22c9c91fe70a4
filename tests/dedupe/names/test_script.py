"""Scripts and accents to plain letters."""

from __future__ import annotations

import pytest

from dedupe.names.script import split_without_blank, to_ascii


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ALICE", "alice"),
        ("Straße", "strasse"),
        ("Ørsted", "orsted"),
        ("Łukasz", "lukasz"),
        ("Æsa", "aesa"),
        ("Nguyễn Đặng", "nguyen dang"),
        ("Yıldız İnce", "yildiz ince"),
        ("Ａｌｉｃｅ", "alice"),
        ("Юлия", "yuliya"),
        ("Γιώργος Παπαδόπουλος", "giorgos papadopoulos"),
        ("Εύα", "eva"),
        ("さとう ゆうき", "sato yuki"),
        ("タカハシ", "takahashi"),
        ("O’Brien", "o'brien"),
        ("Ana🌸", "ana "),
    ],
)
def test_every_script_becomes_lower_case_ascii(text: str, expected: str) -> None:
    assert to_ascii(text) == expected


def test_composed_and_decomposed_accents_are_one() -> None:
    assert to_ascii("Mu\u0308ller") == to_ascii("M\u00fcller") == "muller"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王伟", ("wang", "wei")),
        ("欧阳伟", ("ouyang", "wei")),
        ("田中太郎", ("tianzhong", "tailang")),
        ("박지성", ("park", "jiseong")),
        ("王", None),
        ("欧阳", None),
        ("さくら", None),
        ("Alice", None),
    ],
)
def test_a_name_without_a_blank_is_split_where_its_script_tells(text: str, expected: tuple[str, str] | None) -> None:
    assert split_without_blank(text) == expected
