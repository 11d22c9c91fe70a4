"""JMESPath trees written out as Python source; what is not surely plain raises, and the interpreter is asked instead.

Only names made here and numbers go into the source: keys, literals and all else from a mapping are constants beside
it. What a program returns is what JMESPath's own interpreter would; it may raise where that would not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from numbers import Number
from typing import Any, Final

from jmespath.visitor import TreeInterpreter

from mapping.functions import Functions

Node = Any
"""A node of JMESPath's tree: {"type", "value", "children"}."""

SIZES = (1_000, 300, 100, 30)
"""How long a list may be that a program walks; the largest of which the steps surely stay within the limit."""


class Absent:
    """The type of ABSENT: the record does not have this key, which is not the same as null."""


ABSENT: Final = Absent()


class Odd(Exception):
    """Not plain: to be read by the interpreter."""


def size_within(tree: Node, most_steps: int) -> int | None:
    """How long lists a program of this tree may walk within so many of the interpreter's steps; None: none may."""
    try:
        return next((size for size in SIZES if _steps(tree, size) <= most_steps), None)
    except Odd:
        return None


def _steps(node: Node, size: int) -> int:
    """No more than so many steps does the interpreter take while every list is within `size`."""
    if not hasattr(Writer, f"_{node['type']}"):
        raise Odd
    inner = [_steps(child, size) for child in node["children"] if isinstance(child, dict)]
    match node["type"]:
        case "projection" | "value_projection" | "filter_projection":
            return 1 + inner[0] + size * sum(inner[1:])
        case "flatten" | "function_expression":
            return 1 + sum(inner) + size
    return 1 + sum(inner)


class Writer:
    """Source of one function of `raw`, line by line. What was worked out in a block is known in the blocks inside.

    Methods that are called as the kinds of JMESPath's nodes write their source and give the name of its value.
    """

    def __init__(self, **constants: Any) -> None:
        self.constants: dict[str, Any] = {**_HELP, **constants}
        self._lines: list[str] = []
        self._depth = 1
        self._known: list[dict[tuple[str, str], str]] = [{}]
        self._count = 0
        self._size = 0

    # ------------------------------------------------------------------------------------------------- lines

    def line(self, text: str) -> None:
        self._lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.line(head)
        self._depth += 1
        self._known.append({})
        yield
        self._known.pop()
        self._depth -= 1

    def name(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def let(self, expression: str) -> str:
        name = self.name()
        self.line(f"{name} = {expression}")
        return name

    def constant(self, value: Any) -> str:
        name = f"K{len(self.constants)}"
        self.constants[name] = value
        return name

    def function(self, parameters: str = "raw") -> Callable[..., Any]:
        source = "\n".join([f"def made({parameters}):", *self._lines])
        space = dict(self.constants)
        exec(compile(source, "<mapping>", "exec"), space)  # noqa: S102 - nothing of a mapping is in the source
        made: Callable[..., Any] = space["made"]
        return made

    # ------------------------------------------------------------------------------------------------- paths

    def path(self, keys: tuple[str, ...]) -> str:
        """The value at a plain path of the record, None or ABSENT."""
        at = "raw"
        for n, key in enumerate(keys):
            at = self._once(("path", repr(keys[: n + 1])), self._one_down(at, key))
        return at

    def _one_down(self, at: str, key: str) -> str:
        k = self._key(key)
        if at == "raw":
            return f"raw.get({k}, ABSENT)"
        return f"{at}.get({k}, ABSENT) if type({at}) is dict else None if {at} is None else inside({at}, {k})"

    def _key(self, key: str) -> str:
        known = self._known[0].get(("key", key))
        if known is None:
            known = self._known[0][("key", key)] = self.constant(key)
        return known

    def _once(self, key: tuple[str, str], expression: str) -> str:
        found = next((scope[key] for scope in reversed(self._known) if key in scope), None)
        if found is None:
            found = self._known[-1][key] = self.let(expression)
        return found

    # ------------------------------------------------------------------------------------------- expressions

    def value(self, tree: Node, size: int) -> str:
        """The name of what JMESPath makes of the tree on `raw`."""
        self._size = size
        return self._of(tree, "raw")

    def _of(self, node: Node, at: str) -> str:
        named: str = getattr(self, f"_{node['type']}")(node, at)
        return named

    def _field(self, node: Node, at: str) -> str:
        k = self._key(node["value"])
        if at == "raw":
            return self._once(("field", f"raw {k}"), f"raw.get({k})")
        return self._once(("field", f"{at} {k}"), f"{at}.get({k}) if type({at}) is dict else field({at}, {k})")

    def _chain(self, node: Node, at: str) -> str:
        for child in node["children"]:
            at = self._of(child, at)
        return at

    _subexpression = _pipe = _index_expression = _chain

    def _identity(self, node: Node, at: str) -> str:  # noqa: ARG002 - as the others
        return at

    _current = _identity

    def _literal(self, node: Node, at: str) -> str:  # noqa: ARG002 - as the others
        return self.constant(node["value"])

    def _index(self, node: Node, at: str) -> str:
        return self.let(f"index({at}, {int(node['value'])})")

    def _slice(self, node: Node, at: str) -> str:
        return self.let(f"{at}[{self.constant(slice(*node['children']))}] if isinstance({at}, list) else None")

    def _key_val_pair(self, node: Node, at: str) -> str:
        return self._of(node["children"][0], at)

    def _multi_select_list(self, node: Node, at: str) -> str:
        return self._select(node, at, lambda names: f"[{', '.join(names)}]")

    def _multi_select_dict(self, node: Node, at: str) -> str:
        keys = [self._key(child["value"]) for child in node["children"]]
        return self._select(
            node, at, lambda names: "{" + ", ".join(f"{k}: {v}" for k, v in zip(keys, names, strict=True)) + "}"
        )

    def _select(self, node: Node, at: str, made: Callable[[list[str]], str]) -> str:
        if at == "raw":
            return self.let(made([self._of(child, at) for child in node["children"]]))
        out = self.let("None")
        with self.block(f"if {at} is not None:"):
            self.line(f"{out} = {made([self._of(child, at) for child in node['children']])}")
        return out

    def _or_expression(self, node: Node, at: str) -> str:
        return self._either(node, at, "{0}")

    def _and_expression(self, node: Node, at: str) -> str:
        return self._either(node, at, "not ({0})")

    def _either(self, node: Node, at: str, when: str) -> str:
        out = self.let(self._of(node["children"][0], at))
        with self.block(f"if {when.format(_FALSE.format(out))}:"):
            self.line(f"{out} = {self._of(node['children'][1], at)}")
        return out

    def _not_expression(self, node: Node, at: str) -> str:
        return self.let(f"negated({self._of(node['children'][0], at)})")

    def _comparator(self, node: Node, at: str) -> str:
        left, right = (self._of(child, at) for child in node["children"])
        sign = {"eq": "==", "ne": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}[node["value"]]
        texts = f"{left} {sign} {right} if type({left}) is str and type({right}) is str else "
        return self.let(f"{texts}{node['value']}({left}, {right})")

    # ------------------------------------------------------------------------------------------------- lists

    def _projection(self, node: Node, at: str) -> str:
        base, each = node["children"]
        return self._walk(self._of(base, at), each)

    def _filter_projection(self, node: Node, at: str) -> str:
        base, each, condition = node["children"]
        return self._walk(self._of(base, at), each, condition)

    def _value_projection(self, node: Node, at: str) -> str:
        base, each = node["children"]
        return self._walk(self.let(f"values({self._of(base, at)})"), each)

    def _walk(self, base: str, each: Node, condition: Node | None = None) -> str:
        out, item = self.let("None"), self.name()
        with self.block(f"if isinstance({base}, list):"):
            self._refuse_longer(base)
            self.line(f"{out} = []")
            with self.block(f"for {item} in {base}:"):
                if condition is not None:
                    self.line(f"if {_FALSE.format(self._of(condition, item))}: continue")
                found = self._of(each, item)
                self.line(f"if {found} is not None: {out}.append({found})")
        return out

    def _flatten(self, node: Node, at: str) -> str:
        base = self._of(node["children"][0], at)
        out = self.let("None")
        with self.block(f"if isinstance({base}, list):"):
            self._refuse_longer(base)
            self.line(f"{out} = flat({base}, {self._size})")
        return out

    def _refuse_longer(self, name: str, times: int = 1) -> None:
        self.line(f"if len({name}) > {self._size * times}: raise Odd")

    # --------------------------------------------------------------------------------------------- functions

    def _function_expression(self, node: Node, at: str) -> str:
        called = str(node["value"])
        given = ", ".join([self._of(child, at) for child in node["children"]])
        if called in _GUARDED:
            out = self.let(f"{called}_({given})")
        elif _takes_anything(called):
            out = self.let(f"functions._func_{called}({given})")
        else:
            out = self.let(f"functions.call_function({self.constant(called)}, [{given}])")
        if called not in _SHORT:
            with self.block(f"if isinstance({out}, str | list):"):
                self._refuse_longer(out, 10)
        return out


_FALSE = '(not {0} and ({0} is None or {0} is False or {0} == "" or {0} == [] or {0} == {{}}))'
_SHORT_ANSWERS = """
abs avg ceil contains ends_with floor length starts_with sum to_number type
"""
_SHORT = frozenset(_SHORT_ANSWERS.split())
"""Functions of which the answer is never a text or list that counts as steps."""


def _takes_anything(called: str) -> bool:
    return not any(argument["types"] for argument in Functions.FUNCTION_TABLE[called]["signature"])


def inside(value: Any, key: str) -> Any:
    """One step of a plain path: a null on the way is the source's word that there is none."""
    if isinstance(value, dict):
        return value.get(key, ABSENT)
    return None if value is None else ABSENT


def _field(value: Any, key: str) -> Any:
    try:
        return value.get(key)
    except AttributeError:
        return None


def _index(value: Any, at: int) -> Any:
    if not isinstance(value, list):
        return None
    return value[at] if -len(value) <= at < len(value) else None


def _values(value: Any) -> list[Any] | None:
    if type(value) is dict:
        return list(value.values())
    if hasattr(value, "values"):
        raise Odd
    return None


def _flat(items: list[Any], most: int) -> list[Any]:
    merged: list[Any] = []
    for item in items:
        if isinstance(item, list):
            merged.extend(item)
        else:
            merged.append(item)
        if len(merged) > most:
            raise Odd
    return merged


def _negated(value: Any) -> bool:
    # JMESPath holds every number for true, zero too.
    return False if isinstance(value, Number) and not isinstance(value, bool) else not value


def _ordered(name: str) -> Callable[[Any, Any], Any]:
    compare = TreeInterpreter.COMPARATOR_FUNC[name]

    def ordered(left: Any, right: Any) -> Any:
        if left is None or right is None:
            return None
        if type(left) in _NUMBERS and type(right) in _NUMBERS:
            return compare(left, right)
        raise Odd

    return ordered


_NUMBERS = frozenset({int, float})
_FUNCTIONS = Functions()


def _contains(subject: Any, search: Any) -> bool:
    if type(subject) is list or type(subject) is str:
        return search in subject
    raise Odd


def _join(separator: Any, texts: Any) -> str:
    if type(separator) is str and type(texts) is list:
        return separator.join(texts)
    raise Odd


def _starts_with(text: Any, start: Any) -> bool:
    if type(text) is str and type(start) is str:
        return text.startswith(start)
    raise Odd


def _ends_with(text: Any, end: Any) -> bool:
    if type(text) is str and type(end) is str:
        return text.endswith(end)
    raise Odd


_GUARDED = {"contains": _contains, "join": _join, "starts_with": _starts_with, "ends_with": _ends_with}
_HELP: dict[str, Any] = {
    "ABSENT": ABSENT,
    "Odd": Odd,
    "inside": inside,
    "field": _field,
    "index": _index,
    "values": _values,
    "flat": _flat,
    "negated": _negated,
    "functions": _FUNCTIONS,
    "eq": TreeInterpreter.COMPARATOR_FUNC["eq"],
    "ne": TreeInterpreter.COMPARATOR_FUNC["ne"],
    **{name: _ordered(name) for name in ("lt", "lte", "gt", "gte")},
    **{f"{name}_": guarded for name, guarded in _GUARDED.items()},
}
