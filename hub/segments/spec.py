"""The shape of segments.yaml. Whether a field, its operator and its value go together is told by `compiled`."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from hub.segments.fields import FIELDS

Channel = Literal["email", "sms", "voice", "whatsapp", "push", "post"]

GROUPS: Final = ("all", "any", "none")

_Single = Annotated[Any, WithJsonSchema({"type": ["string", "number", "boolean"]})]
_Number = Annotated[Any, WithJsonSchema({"type": "number"})]
_Text = Annotated[Any, WithJsonSchema({"type": "string"})]
_Flag = Annotated[Any, WithJsonSchema({"type": "boolean"})]
_List = Annotated[Any, WithJsonSchema({"type": "array", "items": {"type": ["string", "number"]}, "minItems": 1})]
_Duration = Annotated[Any, WithJsonSchema({"type": "string", "pattern": "^([0-9]{1,6}[smhdw])+$"})]


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ConditionSpec(Model):
    """One field, one operator. `before` and `after` take a day (2026-01-31) or a moment, `within` a duration."""

    field: Annotated[str, WithJsonSchema({"enum": list(FIELDS)})]
    is_: _Single = Field(None, alias="is")
    is_not: _Single = None
    in_: _List = Field(None, alias="in")
    contains: _Text = None
    starts_with: _Text = None
    at_least: _Number = None
    at_most: _Number = None
    before: _Text = None
    after: _Text = None
    within: _Duration = None
    not_within: _Duration = None
    known: _Flag = None

    @property
    def written(self) -> dict[str, Any]:
        """The operators that were written, each with its value."""
        values = {(type(self).model_fields[name].alias or name): getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in values.items() if name != "field"}


class GroupSpec(Model):
    """Conditions inside a group: all, any and none must each hold where they are written."""

    all_: tuple[ConditionSpec, ...] = Field((), alias="all")
    any_: tuple[ConditionSpec, ...] = Field((), alias="any")
    none_: tuple[ConditionSpec, ...] = Field((), alias="none")


def _branch(data: Any) -> str:
    grouped = isinstance(data, GroupSpec) or (isinstance(data, dict) and any(name in data for name in GROUPS))
    return "<group>" if grouped else "<condition>"


Item = Annotated[
    Annotated[ConditionSpec, Tag("<condition>")] | Annotated[GroupSpec, Tag("<group>")], Discriminator(_branch)
]


class SegmentSpec(Model):
    """One segment: who is in it, and the channel on which its members will be addressed."""

    title: Annotated[str, Field(min_length=1, max_length=100)]
    channel: Channel = "email"
    all_: tuple[Item, ...] = Field((), alias="all")
    any_: tuple[Item, ...] = Field((), alias="any")
    none_: tuple[Item, ...] = Field((), alias="none")


class SegmentsFile(Model):
    """segments.yaml."""

    segments: dict[str, SegmentSpec] = {}
