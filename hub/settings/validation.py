"""From pydantic's errors to problems with a place and no input; and what a model says of a place in the data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from hub.settings.document import Document, Loc
from hub.settings.values import suggest

M = TypeVar("M", bound=BaseModel)

LOADER_FIELDS = frozenset({"ids"})
"""Fields of a connector's config that the loader fills; an operator does not write them."""

_SECRETIVE = re.compile(r"token|secret|pass|key|auth|credential|cookie|sid$", re.I)
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "list_type": "a list ([one, two])",
    "tuple_type": "a list ([one, two])",
}


def read(document: Document, model: type[M], data: Any, loc: Loc = ()) -> M | None:
    """The data as the model, or None after telling the document everything that is wrong below `loc`."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False):
            _tell(document, model, data, loc, found)
        return None


def _tell(document: Document, model: type[BaseModel], data: Any, prefix: Loc, error: ErrorDetails) -> None:
    inner = _in_data(data, error["loc"], keep_last=error["type"] == "missing")
    loc = (*prefix, *inner)
    of_key = error["loc"][-1:] == ("[key]",)
    whole = not inner and any(place[: len(prefix)] == prefix for place in document.broken)
    if document.is_broken(loc) or whole:
        return
    if error["type"] == "extra_forbidden":
        tell_unknown_key(document, loc, _names(model, inner[:-1]))
    elif error["type"] == "missing":
        document.add("HUB-C007", f"'{loc[-1]}' is missing{_inside(loc)}", loc[:-1], key=True)
    elif error["type"].startswith("HUB-"):
        context = error.get("ctx", {})
        document.add(error["type"], str(context["message"]), loc, key=of_key, hint=str(context.get("hint", "")))
    elif of_key:
        tell_unknown_key(document, loc, re.findall(r"'([^']+)'", str(error.get("ctx", {}).get("expected", ""))))
    else:
        message, hint = _wrong_value(data, inner, error)
        document.add("HUB-C005", message, loc, hint=hint)


def tell_unknown_key(document: Document, loc: Loc, known: list[str]) -> None:
    """HUB-C004; what is written behind the key may be anything, so it is hidden unless it is short and harmless."""
    key = str(loc[-1])
    for place, mark, text in document.scalars:
        if place[: len(loc)] == loc and (len(text) > 6 or _SECRETIVE.search(key)):
            document.hidden.append(mark)
    hint = suggest(key, known)
    fix = "" if hint else f"known here: {', '.join(known)}" if known else ""
    document.add("HUB-C004", f"unknown key '{key}'{_inside(loc)}", loc, key=True, hint=hint, fix=fix)


def _wrong_value(data: Any, loc: Loc, error: ErrorDetails) -> tuple[str, str]:
    """Says what is wanted, never what was written."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "literal_error":
        wanted = str(context["expected"])
        return f"'{_last(loc)}' must be {wanted}", suggest(str(_at(data, loc)), re.findall(r"'([^']+)'", wanted))
    if kind in _EXPECTED:
        return f"'{_last(loc)}' must be {_EXPECTED[kind]}, not {_kind_of(_at(data, loc))}", ""
    if kind == "value_error":
        return str(context.get("error", "the value cannot be used")), ""
    words = error["msg"].replace("Input should", "should")
    return f"'{_last(loc)}' {words[0].lower()}{words[1:]}", ""


def _last(loc: Loc) -> str:
    return ".".join(map(str, loc[-2:] if loc and isinstance(loc[-1], int) else loc[-1:])) or "this"


def _kind_of(value: Any) -> str:
    if value is None:
        return "empty"
    kinds = ((bool, "true or false"), (int | float, "a number"), (str, "text"), (list, "a list"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "a mapping")


def _inside(loc: Loc) -> str:
    """The part of the file an operator thinks of: in stream 'customers'."""
    if len(loc) > 2 and loc[0] == "streams":
        return f" in stream '{loc[1]}'"
    return f" in '{loc[-2]}'" if len(loc) > 1 else ""


def _at(data: Any, loc: Loc) -> Any:
    for part in loc:
        data = data[part]
    return data


def _in_data(data: Any, loc: Loc, *, keep_last: bool) -> Loc:
    """The place as it is in the YAML: pydantic also names branches of unions, which nobody wrote."""
    found: list[str | int] = []
    for index, part in enumerate(loc):
        if isinstance(data, dict) and part in data:
            data = data[str(part)]
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        elif not (keep_last and index == len(loc) - 1):
            continue
        found.append(part)
    return tuple(found)


def secret_at(model: type[BaseModel], loc: Loc) -> bool:
    """True where the model wants a SecretStr."""
    return SecretStr in _types_at(model, loc)


def harmless_at(model: type[BaseModel], loc: Loc) -> bool:
    """True where the model wants a single value that is no secret: the only values of `config:` that may be shown."""
    types = _types_at(model, loc)
    return SecretStr not in types and any(_is_single(found) for found in types)


def _is_single(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return False
    return annotation is not type(None) and get_origin(annotation) not in (dict, list, tuple, set, frozenset)


def _names(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that may stand in the mapping at this place."""
    names: list[str] = []
    for found in _types_at(model, loc):
        if isinstance(found, type) and issubclass(found, BaseModel):
            names += [field.alias or name for name, field in found.model_fields.items() if name not in LOADER_FIELDS]
    return names


def _types_at(model: type[BaseModel], loc: Loc) -> set[Any]:
    types: set[Any] = {model}
    for part in loc:
        types = {plain for outer in types for inner in _below(outer, part) for plain in _plain(inner)}
    return types


def _below(outer: Any, part: str | int) -> Iterator[Any]:
    if isinstance(outer, type) and issubclass(outer, BaseModel):
        for name, field in outer.model_fields.items():
            if part in (name, field.alias):
                yield field.annotation
        return
    origin, inner = get_origin(outer), get_args(outer)
    if origin is dict:
        yield inner[1]
    elif origin in (list, tuple, set, frozenset) and inner:
        yield inner[0]


def _plain(annotation: Any) -> Iterator[Any]:
    """The types an annotation allows, without Annotated, Optional and Union around them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _plain(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for inner in get_args(annotation):
            yield from _plain(inner)
    else:
        yield annotation


def hide(document: Document, loc: Loc, visible: Callable[[Loc], bool], exempt: Callable[[str], bool]) -> list[str]:
    """Keep the scalars below `loc` out of every excerpt, but for visible places and exempt texts. Gives them back."""
    hidden = []
    for place, mark, text in document.scalars:
        if place[: len(loc)] == loc and not visible(place) and not exempt(text):
            document.hidden.append(mark)
            hidden.append(text)
    return hidden
