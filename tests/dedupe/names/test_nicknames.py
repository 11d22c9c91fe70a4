"""Names that are forms of one another."""

from __future__ import annotations

from dedupe.names.data_files import lines_of
from dedupe.names.nicknames import forms_of


def test_forms_of_one_name_know_each_other() -> None:
    assert "kate" in forms_of("katherine")
    assert "katherine" in forms_of("kate")
    assert "bob" in forms_of("robert")


def test_a_short_form_of_two_names_does_not_make_them_one() -> None:
    assert {"patricia", "patrick"} <= forms_of("pat")
    assert "patrick" not in forms_of("patricia")


def test_a_name_of_no_class_has_no_other_forms() -> None:
    assert forms_of("thistle") == frozenset()


def test_the_file_holds_folded_names_in_classes_of_at_least_two() -> None:
    classes = lines_of("nicknames.txt")
    assert [line for line in classes if len(line) < 2 or not all(n.isascii() and n.isalpha() for n in line)] == []
    assert [line for line in classes if any(name != name.lower() for name in line)] == []
