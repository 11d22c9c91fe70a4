"""Programs made of expressions give what JMESPath's own interpreter gives, on whatever record and with its failures."""

from __future__ import annotations

import random
from typing import Any

import jmespath
import pytest
from jmespath.visitor import Options

from mapping.expressions import ABSENT, ExpressionError, Plan, compile_expression, plan_of
from mapping.functions import Functions
from mapping.normalise import NotNormal
from mapping.program import Writer, size_within

FAILED = "failed"
KEYS = ("a", "b", "c", "tags")
WORDS = ("", "vip", "alice@example.com", "12", "-3.5", " x ", "é", "N/A")
CALLS = {
    1: "abs avg ceil floor keys length max min reverse sort sum to_array to_number to_string type values lower upper "
    "title trim digits concat coalesce",
    2: "contains ends_with join starts_with split after before",
    3: "replace not_null",
}


class Maker:
    """Random expressions and records, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.pick = self.chance.choice

    def record(self) -> dict[str, Any]:
        return {key: self.value(3) for key in KEYS if self.chance.random() < 0.8}

    def value(self, depth: int) -> Any:
        kind = self.chance.randrange(9 if depth else 6)
        if kind == 8:
            return [self.record_within(depth) for _ in range(self.chance.randrange(4))]
        if kind == 7:
            return [self.value(depth - 1) for _ in range(self.chance.randrange(4))]
        if kind == 6:
            return self.record_within(depth)
        return (None, self.pick(WORDS), self.pick(WORDS), self.pick((0, 1, -7, 2.5)), self.pick((True, False)), "b")[
            kind
        ]

    def record_within(self, depth: int) -> dict[str, Any]:
        return {key: self.value(depth - 1) for key in KEYS if self.chance.random() < 0.6}

    def expression(self, depth: int = 3) -> str:
        kind = self.chance.randrange(17) if depth else 0
        inner = depth - 1
        one = self.expression
        if kind < 3:
            return self.pick((*KEYS, *KEYS, "@", f"'{self.pick(WORDS)}'", "`1`", "`null`", "`[1, 2]`", '`{"a": 1}`'))
        if kind < 6:
            return f"{self.pick(KEYS)}.{self.pick(KEYS)}" + self.pick(("", ".a", "[0]", "[]", ".*", "[?a].b", "[*].b"))
        if kind < 9:
            count = self.pick((1, 1, 2, 2, 3))
            return f"{self.pick(CALLS[count].split())}({', '.join(one(inner) for _ in range(count))})"
        made = (
            f"{one(inner)} || {one(inner)}",
            f"({one(inner)}) && {one(inner)}",
            f"!({one(inner)})",
            f"({one(inner)}) {self.pick(('==', '!=', '<', '<=', '>', '>='))} ({one(inner)})",
            f"({one(inner)}){self.pick(('[0]', '[-1]', '[1:]', '[::-1]', '[]', '[*]', '.*'))}",
            f"({one(inner)})[?{one(inner)}]{self.pick(('', '.a', '[]', '[0]'))}",
            f"[{one(inner)}, {one(inner)}]{self.pick(('', '[?@]', '[]', ' | [0]'))}",
            f"{{a: {one(inner)}, b: {one(inner)}}}{self.pick(('', '.a', '.*'))}",
        )
        return f"{made[kind - 9]}" if kind < 16 else f"{one(inner)} | {one(inner)}"


def by_the_library(text: str, raw: dict[str, Any]) -> str:
    try:
        return repr(jmespath.compile(text).search(raw, Options(custom_functions=Functions())))
    except Exception:
        return FAILED


def ours(text: str, raw: dict[str, Any]) -> str:
    try:
        found = compile_expression(text)(raw)
    except NotNormal:
        return FAILED
    return repr(None if found is ABSENT else found)


def by_its_program(plan: Plan, raw: dict[str, Any]) -> str:
    """Alone, without the interpreter behind it."""
    assert plan.size is not None
    writer = Writer()
    writer.line(f"return {writer.value(plan.tree, plan.size)}")
    program = writer.function()
    try:
        return repr(program(raw))
    except Exception:
        return FAILED


def compare(seed: int, count: int) -> tuple[int, int]:
    """How many expressions there were that JMESPath worked out, and how many of those a program did alone."""
    maker = Maker(seed)
    worked, alone = 0, 0
    for _ in range(count):
        text, raw = maker.expression(), maker.record()
        try:
            plan = plan_of(text)
        except ExpressionError:
            continue
        expected = by_the_library(text, raw)
        found = ours(text, raw)
        # A computed value is ABSENT where the record has none of the keys it reads.
        assert found == expected or (found == "None" and expected in {"''", "[]"}), (text, raw)
        if plan.tree is not None and plan.size is not None and expected != FAILED:
            made = by_its_program(plan, raw)
            worked += 1
            alone += made == expected
            assert made in {expected, FAILED}, (text, raw)
    return worked, alone


def test_random_expressions_on_random_records_give_what_jmespath_gives() -> None:
    worked, alone = compare(1, 3_000)
    assert alone > 0.95 * worked > 500


@pytest.mark.slow
def test_a_hundred_thousand_random_expressions_give_what_jmespath_gives() -> None:
    worked, alone = compare(2, 100_000)
    assert alone > 0.95 * worked


@pytest.mark.fault("A04")
@pytest.mark.parametrize("text", ["tags[?@ != 'x']", "tags[]", "tags[*].a", "join('', tags)", "to_string(tags)"])
def test_a_long_list_is_left_to_the_interpreter_which_counts_its_steps(text: str) -> None:
    few, many = ({"tags": ["tag"] * count} for count in (10, 30_000))
    assert by_its_program(plan_of(text), few) == by_the_library(text, few)
    assert by_its_program(plan_of(text), many) == FAILED


def test_nothing_of_a_mapping_stands_in_the_source() -> None:
    writer = Writer()
    text = '"k\'\\"\\n" || \'\\\'); raise SystemExit(1) #\' || `"\\u0022)"`'
    writer.line(f"return {writer.value(plan_of(text).tree, 10)}")
    assert not any(sign in line for line in writer._lines for sign in ("SystemExit", "\\", "k'"))
    assert writer.function()({}) == "'); raise SystemExit(1) #"


def test_an_unknown_kind_of_node_is_left_to_the_interpreter() -> None:
    assert size_within({"type": "something_new", "children": []}, 10) is None


def test_what_may_take_too_many_steps_has_no_program() -> None:
    assert size_within(plan_of("tags[*]").tree, 20_000) == 1_000
    assert size_within(plan_of("tags[*].a[*]").tree, 20_000) == 100
    assert plan_of("tags[*].a[*].b[*].c[*]").size is None
    many = {"tags": [{"a": [{"b": [{"c": [1]}]}]}]}
    assert compile_expression("tags[*].a[*].b[*].c[*]")(many) == [[[[1]]]]
