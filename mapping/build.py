"""Building models of values that are already normal, without pydantic looking at them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)

# The slots' own setters: frozen models refuse the usual way, and object.__setattr__ looks each slot up by its name.
_put_values, _put_fields_set, _put_extra, _put_private = (
    vars(BaseModel)[slot].__set__
    for slot in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)


def builder(model: type[M]) -> Callable[[dict[str, Any]], M]:
    """`model_construct` for one model at a fifth of the time: defaults are looked up once, not for each record.

    Required fields must be among the values. Defaults are shared, so they must never be changed.
    """
    defaults: Mapping[str, Any] = {
        name: None if field.is_required() else field.get_default(call_default_factory=True, validated_data={})
        for name, field in model.model_fields.items()
    }
    new = object.__new__

    def build(values: dict[str, Any]) -> M:
        made = new(model)
        _put_values(made, {**defaults, **values})
        _put_fields_set(made, set(values))
        _put_extra(made, None)
        _put_private(made, None)
        return made

    return build


def whole_builder(model: type[M]) -> Callable[[dict[str, Any]], M]:
    """A `builder` for when every field is given, in the model's order; the values become the model's own."""
    new, given = object.__new__, tuple(model.model_fields)

    def build(values: dict[str, Any]) -> M:
        made = new(model)
        _put_values(made, values)
        _put_fields_set(made, set(given))
        _put_extra(made, None)
        _put_private(made, None)
        return made

    return build
