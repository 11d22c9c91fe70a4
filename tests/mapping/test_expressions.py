"""Expressions: columns, paths, constants, JMESPath; absent told from null; nothing that can burn the machine."""

from __future__ import annotations

from typing import Any

import pytest

from mapping.expressions import ABSENT, MAX_LENGTH, ExpressionError, compile_expression, is_constant
from mapping.normalise import NotNormal


def read(text: str, raw: dict[str, Any]) -> Any:
    return compile_expression(text)(raw)


@pytest.mark.parametrize(
    "title",
    [
        "E-mail",
        "First Name",
        "Name (full)",
        "Phone #",
        "R & D",
        "Tel. (home)",
        "2nd phone",
        "Discount %",
        "a/b",
        "Straße",
    ],
)
def test_a_column_title_is_that_column(title: str) -> None:
    assert read(title, {title: "Alice"}) == "Alice"
    assert read(title, {}) is ABSENT


def test_a_column_comes_before_what_its_title_would_mean() -> None:
    assert read("address.city", {"address.city": "Perth", "address": {"city": "Sydney"}}) == "Perth"
    assert read("'AU'", {"'AU'": "a column of that name"}) == "a column of that name"
    assert compile_expression("upper(name)", frozenset({"upper(name)"}))({"upper(name)": "x"}) == "x"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"a": {"b": "x"}}, "x"),
        ({"a": {"b": None}}, None),
        ({"a": None}, None),
        ({"a": {}}, ABSENT),
        ({}, ABSENT),
        ({"a": "x"}, ABSENT),
    ],
)
@pytest.mark.fault("D15")
def test_a_plain_path_tells_absent_from_null(raw: dict[str, Any], expected: Any) -> None:
    assert read("a.b", raw) is expected


@pytest.mark.fault("D15")
def test_a_computed_value_is_absent_when_the_record_has_nothing_it_reads() -> None:
    assert read("coalesce([a, b])", {"c": 1}) is ABSENT
    assert read("coalesce([a, b])", {"b": None}) is None
    assert read("join(', ', [a.street, a.city][?@])", {"street": "of something else"}) is ABSENT
    assert read("join(', ', [a.street, a.city][?@])", {"a": {}}) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lower(name)", "alice smith"),
        ("upper(name)", "ALICE SMITH"),
        ("title('o hara')", "O Hara"),
        ("trim('  x ')", "x"),
        ("replace(name, 'Smith', 'Jones')", "Alice Jones"),
        ("split(tags, ',')", ["vip", "au"]),
        ("after(name, ' ')", "Smith"),
        ("before(name, ' ')", "Alice"),
        ("after(name, '/')", None),
        ("before(name, '/')", "Alice Smith"),
        ("concat([name, '-', none, number])", "Alice Smith-7"),
        ("concat([none])", None),
        ("coalesce([none, empty, name])", "Alice Smith"),
        ("digits('+61 (4)')", "614"),
        ("lower(none)", None),
        ("emails[?primary].value | [0]", "alice@example.com"),
        ("emails[].value", ["old@example.com", "alice@example.com"]),
    ],
)
def test_named_functions(text: str, expected: Any) -> None:
    alice = {
        "name": "Alice Smith",
        "tags": "vip, au,",
        "none": None,
        "empty": "",
        "number": 7,
        "emails": [{"value": "old@example.com", "primary": False}, {"value": "alice@example.com", "primary": True}],
    }
    assert read(text, alice) == expected


@pytest.mark.fault("M20")
@pytest.mark.fault("A04")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" * (MAX_LENGTH + 1), "expression_too_long"),
        ("(" * 240 + "a" + ")" * 240, "expression_too_deep"),
        ("[" * 240 + "a" + "]" * 240, "expression_too_deep"),
        ("!" * 400 + "a", "expression_too_deep"),
        (" | ".join(["a"] * 40), "expression_too_deep"),
        ("map(&map(&@, @), @)", "function_unknown"),
        ("contains(a, &b)", "expression_refused"),
        ("merge(a, b)", "function_unknown"),
        ("uper(name)", "function_unknown"),
        ("lower()", "function_misused"),
        ("a..b", "expression_invalid"),
        ("a[", "expression_invalid"),
        ("upper(name", "expression_invalid"),
        ("email, phone", "expression_invalid"),
        ("'AU", "expression_invalid"),
        ("", "expression_invalid"),
    ],
)
def test_what_cannot_or_may_not_be_run_is_refused_when_compiled(text: str, code: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        compile_expression(text)
    assert refused.value.code == code


def test_a_typing_error_in_a_function_is_told_with_the_nearest_name() -> None:
    with pytest.raises(ExpressionError, match=r"did you mean upper\(\)"):
        compile_expression("uper(name)")


def test_with_known_columns_a_title_must_be_one_of_them() -> None:
    columns = frozenset({"E-mail"})
    assert compile_expression("E-mail", columns)({"E-mail": "x"}) == "x"
    with pytest.raises(ExpressionError):
        compile_expression("First Name", columns)


@pytest.mark.fault("A04")
@pytest.mark.parametrize(
    "text",
    [
        "|".join(["[@,@,@,@,@,@,@,@][]"] * 12),
        "|".join(["concat([@,@,@,@,@,@,@,@])"] * 10),
        "to_string(a) | " + " | ".join(["replace(@,'x','xxxxxxxx')"] * 9),
        "a < `1`",
        "sum(a)",
        "join(',', a)",
    ],
)
def test_an_expression_that_multiplies_or_fails_gives_up(text: str) -> None:
    with pytest.raises(NotNormal) as given_up:
        read(text, {"a": "xxxxxxxx"}) if "@,@" not in text else compile_expression(text)({"a": "x"})
    assert given_up.value.code in {"expression_failed", "not_text"}


def test_a_constant_is_known_as_one() -> None:
    assert is_constant("'AU'")
    assert not is_constant("country")
    assert not is_constant("First Name")
