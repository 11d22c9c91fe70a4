"""An expression of a mapping made into a getter over raw records: a column, a plain path, a constant, or JMESPath.

What an expression may cost is bounded twice: its size when it is compiled, its steps when it is run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from itertools import accumulate
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import Options, TreeInterpreter

from mapping.functions import ALLOWED, Functions, takes
from mapping.normalise import NotNormal

MAX_LENGTH = 500
MAX_DEPTH = 30
MAX_STEPS = 20_000
"""Steps of one evaluation, a few milliseconds; more means the expression multiplies a large record by itself."""

Node = Any
"""A node of JMESPath's tree: {"type", "value", "children"}."""
Getter = Callable[[Mapping[str, Any]], Any]


class Absent:
    """The type of ABSENT: the record does not have this key, which is not the same as null."""


ABSENT: Final = Absent()


class ExpressionError(Exception):
    """The expression cannot be used; told when the mapping is compiled."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


# Words with signs between them: "E-mail", "First Name", "Name (full)", "Phone #". Not "a..b", not "upper(a)".
_TITLE = re.compile(r"\w(?:[\w \-/#&%+.()]*[\w#%+)])?\Z")
_NO_TITLE = re.compile(r"\.\.|  |\w\(")


def compile_expression(text: str, columns: frozenset[str] | None = None) -> Getter:
    """The getter: a value, None, or ABSENT; it raises NotNormal when the expression fails on a record.

    A column of that very name comes first, whatever the text would mean as JMESPath. Raises ExpressionError.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError("expression_too_long", f"an expression may have {MAX_LENGTH} characters")
    if columns is not None and text in columns:
        return _column(text)
    try:
        tree = _parsed(text)
        _check(tree)
    except ExpressionError as error:
        if columns is None and error.code in {"expression_invalid", "function_unknown"} and _is_title(text):
            return _column(text)
        raise
    return _getter(text, tree)


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


def _getter(text: str, tree: Node) -> Getter:
    keys = _path(tree)
    if keys == (text,):
        return _column(text)
    getter = _constant(tree["value"]) if tree["type"] == "literal" else _plain_path(keys) if keys else _computed(tree)

    def column_first(raw: Mapping[str, Any]) -> Any:
        return raw[text] if text in raw else getter(raw)

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
            if isinstance(value, dict):
                value = value.get(key, ABSENT)
            else:
                # A null on the way is the source's word that there is none.
                return None if value is None else ABSENT
        return value

    return plain_path


def _computed(tree: Node) -> Getter:
    reads = frozenset(_roots(tree))

    def computed(raw: Mapping[str, Any]) -> Any:
        try:
            value = _Bounded().visit(tree, raw)
        except NotNormal:
            raise
        except Exception:  # JMESPath raises whatever Python does on a record of another shape
            raise NotNormal("expression_failed", "the expression could not be worked out on this record") from None
        empty = value is None or value == "" or value == []
        return ABSENT if empty and reads and reads.isdisjoint(raw) else value

    return computed


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
