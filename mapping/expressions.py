"""An expression of a mapping made into a getter over raw records: a column, a plain path, a constant, or JMESPath.

What an expression may cost is bounded twice: its size when it is compiled, its steps when it is run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import accumulate
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import Options, TreeInterpreter

from mapping.functions import ALLOWED, Functions, takes
from mapping.normalise import NotNormal
from mapping.program import ABSENT, Node, Odd, Writer, inside, size_within

__all__ = ["ABSENT", "ExpressionError", "Getter", "Plan", "compile_expression", "getter", "is_constant", "plan_of"]

MAX_LENGTH = 500
MAX_DEPTH = 30
MAX_STEPS = 20_000
"""Steps of one evaluation, a few milliseconds; more means the expression multiplies a large record by itself."""

Getter = Callable[[Mapping[str, Any]], Any]


class ExpressionError(Exception):
    """The expression cannot be used; told when the mapping is compiled."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


# Words with signs between them: "E-mail", "First Name", "Name (full)", "Phone #". Not "a..b", not "upper(a)".
_TITLE = re.compile(r"\w(?:[\w \-/#&%+.()]*[\w#%+)])?\Z")
_NO_TITLE = re.compile(r"\.\.|  |\w\(")


@dataclass(frozen=True, slots=True)
class Plan:
    """How an expression is read: a path (a column is one too), a constant, or a tree that JMESPath works out.

    Unless it `is_column`, a column of the very `text` comes first. `size` is how long a list its program may walk;
    None: only the interpreter may. `reads` are the keys of the record that a tree looks at.
    """

    text: str
    keys: tuple[str, ...] = ()
    tree: Node = None
    size: int | None = None
    reads: frozenset[str] = frozenset()
    is_column: bool = False
    is_constant: bool = False


def compile_expression(text: str, columns: frozenset[str] | None = None) -> Getter:
    """The getter: a value, None, or ABSENT; it raises NotNormal when the expression fails on a record.

    A column of that very name comes first, whatever the text would mean as JMESPath. Raises ExpressionError.
    """
    return getter(plan_of(text, columns))


def plan_of(text: str, columns: frozenset[str] | None = None) -> Plan:
    """Raises ExpressionError, as `compile_expression` does."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError("expression_too_long", f"an expression may have {MAX_LENGTH} characters")
    if columns is not None and text in columns:
        return _column_plan(text)
    try:
        tree = _parsed(text)
        _check(tree)
    except ExpressionError as error:
        if columns is None and error.code in {"expression_invalid", "function_unknown"} and _is_title(text):
            return _column_plan(text)
        raise
    if keys := _path(tree):
        return Plan(text, keys, is_column=keys == (text,))
    if tree["type"] == "literal":
        return Plan(text, tree=tree, is_constant=True)
    return Plan(text, (), tree, size_within(tree, MAX_STEPS), frozenset(_roots(tree)))


def _column_plan(text: str) -> Plan:
    return Plan(text, (text,), is_column=True)


def is_constant(text: str) -> bool:
    """Whether it is a text in single quotes: the same for every record, so it says nothing about any."""
    try:
        return str(_parsed(text)["type"]) == "literal"
    except ExpressionError:
        return False


def _is_title(text: str) -> bool:
    return bool(_TITLE.match(text)) and not _NO_TITLE.search(text) and text.count("(") == text.count(")")


def _parsed(text: str) -> Node:
    if _brackets(text) > MAX_DEPTH:
        raise _too_deep()
    try:
        return jmespath.compile(text).parsed
    except RecursionError:
        raise _too_deep() from None
    except (JMESPathError, ValueError) as error:
        reason = str(error).splitlines()[0][:160]
        raise ExpressionError("expression_invalid", f"neither a column nor valid JMESPath: {reason}") from None


def _brackets(text: str) -> int:
    """How deep brackets are nested; told before parsing, which would need as much stack."""
    return max(accumulate(1 if c in "([{" else -1 if c in ")]}" else 0 for c in text), default=0)


def _too_deep() -> ExpressionError:
    return ExpressionError("expression_too_deep", f"an expression may be nested {MAX_DEPTH} deep")


def _nodes(tree: Node) -> Iterator[tuple[Node, int]]:
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting += [(child, depth + 1) for child in node["children"] if isinstance(child, dict)]


def _check(tree: Node) -> None:
    for node, depth in _nodes(tree):
        if depth > MAX_DEPTH:
            raise _too_deep()
        if node["type"] == "expref":
            raise ExpressionError("expression_refused", "&expressions are not allowed in a mapping")
        if node["type"] == "function_expression":
            _check_call(str(node["value"]), len(node["children"]))


def _check_call(name: str, count: int) -> None:
    if name not in ALLOWED:
        close = get_close_matches(name, ALLOWED, n=1)
        hint = f"; did you mean {close[0]}()?" if close else f"; there are {', '.join(sorted(ALLOWED))}"
        raise ExpressionError("function_unknown", f"unknown function {name}(){hint}")
    if not takes(name, count):
        raise ExpressionError("function_misused", f"{name}() does not take {count} argument(s)")


def getter(plan: Plan) -> Getter:
    if plan.is_column:
        return _column(plan.text)
    text = plan.text
    if plan.is_constant:
        get = _constant(plan.tree["value"])
    else:
        get = _plain_path(plan.keys) if plan.keys else _computed(plan)

    def column_first(raw: Mapping[str, Any]) -> Any:
        return raw[text] if text in raw else get(raw)

    return column_first


def _path(tree: Node) -> tuple[str, ...]:
    """The keys of a plain dotted path, or nothing."""
    nodes = tree["children"] if tree["type"] == "subexpression" else [tree]
    return tuple(n["value"] for n in nodes) if all(n["type"] == "field" for n in nodes) else ()


def _column(name: str) -> Getter:
    def column(raw: Mapping[str, Any]) -> Any:
        return raw.get(name, ABSENT)

    return column


def _constant(value: Any) -> Getter:
    def constant(raw: Mapping[str, Any]) -> Any:  # noqa: ARG001 - a getter like the others
        return value

    return constant


def _plain_path(keys: tuple[str, ...]) -> Getter:
    first, rest = keys[0], keys[1:]

    def plain_path(raw: Mapping[str, Any]) -> Any:
        value = raw.get(first, ABSENT)
        for key in rest:
            value = inside(value, key)
        return value

    return plain_path


def _computed(plan: Plan) -> Getter:
    tree, reads = plan.tree, plan.reads
    program = _program(plan)

    def computed(raw: Mapping[str, Any]) -> Any:
        try:
            value = program(raw)
        except Exception:  # not plain, or a failure, which the interpreter tells
            value = _interpreted(tree, raw)
        empty = value is None or value == "" or value == []
        return ABSENT if empty and reads and reads.isdisjoint(raw) else value

    return computed


def _program(plan: Plan) -> Getter:
    if plan.size is None:
        return _none_surely_small_enough
    writer = Writer()
    writer.line(f"return {writer.value(plan.tree, plan.size)}")
    return writer.function()


def _none_surely_small_enough(raw: Mapping[str, Any]) -> Any:  # noqa: ARG001 - a getter like the others
    raise Odd


def _interpreted(tree: Node, raw: Mapping[str, Any]) -> Any:
    try:
        return _Bounded().visit(tree, raw)
    except NotNormal:
        raise
    except Exception:  # JMESPath raises whatever Python does on a record of another shape
        raise NotNormal("expression_failed", "the expression could not be worked out on this record") from None


_PROJECTIONS = {"projection", "value_projection", "filter_projection"}
_NARROWING = frozenset({"subexpression", "index_expression", "pipe"} | _PROJECTIONS)


def _roots(node: Node) -> Iterator[str]:
    """The keys of the record itself that the expression reads."""
    if node["type"] == "field":
        yield str(node["value"])
    for child in node["children"][:1] if node["type"] in _NARROWING else node["children"]:
        if isinstance(child, dict):
            yield from _roots(child)


class _Bounded(TreeInterpreter):
    """JMESPath's own interpreter, which gives up after MAX_STEPS. One for each evaluation."""

    _OPTIONS = Options(custom_functions=Functions())

    def __init__(self) -> None:
        super().__init__(self._OPTIONS)
        self._left = MAX_STEPS

    def visit(self, node: Node, *args: Any, **kwargs: Any) -> Any:
        self._spend(1)
        return super().visit(node, *args, **kwargs)

    def visit_flatten(self, node: Node, value: Any) -> Any:
        merged = super().visit_flatten(node, value)
        self._spend(len(merged or ()))
        return merged

    def visit_function_expression(self, node: Node, value: Any) -> Any:
        made = super().visit_function_expression(node, value)
        self._spend(len(made) // 10 if isinstance(made, str | list) else 0)
        return made

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise NotNormal("expression_failed", "the expression takes too many steps on this record")
