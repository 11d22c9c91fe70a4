"""A GraphQL document made into plain functions over nodes.

graphql-core parses, validates and coerces; its executor is left out because it needs several times the time of the
rest of a reply for a page of 250 nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLDirective,
    GraphQLError,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    get_named_type,
    parse,
    validate,
)
from graphql.execution.values import get_argument_values, get_directive_values, get_variable_values

SCHEMA = build_schema(Path(__file__).with_name("schema.graphql").read_text())
Value = Any
Shape = Callable[[Value], Value]
"""Makes of a node, a list of nodes or None what the query asked of it."""


@dataclass(frozen=True)
class Field:
    """One field of a selection set, with the arguments and the selection under it."""

    key: str
    name: str
    arguments: dict[str, Any]
    parent: GraphQLObjectType
    selected: tuple[Field, ...]


@lru_cache(maxsize=128)
def document(text: str) -> tuple[OperationDefinitionNode, dict[str, FragmentDefinitionNode]]:
    """The one operation of a query text and its fragments; raises GraphQLError with the first thing wrong in it."""
    parsed = parse(text)
    for error in validate(SCHEMA, parsed):
        raise error
    operations = [part for part in parsed.definitions if isinstance(part, OperationDefinitionNode)]
    if len(operations) != 1:
        raise GraphQLError("An operation name is required")
    fragments = {part.name.value: part for part in parsed.definitions if isinstance(part, FragmentDefinitionNode)}
    return operations[0], fragments


def root_fields(text: str, variables: dict[str, Any]) -> tuple[Field, ...]:
    """What the operation asks of the root; raises GraphQLError."""
    operation, fragments = document(text)
    values = get_variable_values(SCHEMA, operation.variable_definitions or (), variables)
    if isinstance(values, list):
        raise values[0]
    assert SCHEMA.query_type is not None  # noqa: S101 - our own schema names one
    return _Selection(fragments, values).fields(SCHEMA.query_type, operation.selection_set)


class _Selection:
    """Flattens selection sets: fragments spread, @include and @skip decided, equal keys merged."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode], variables: Any) -> None:
        self.fragments = fragments
        self.variables = variables

    def fields(self, parent: GraphQLObjectType, *sets: SelectionSetNode) -> tuple[Field, ...]:
        grouped: dict[str, list[FieldNode]] = {}
        for selection in sets:
            self._collect(selection, grouped)
        return tuple(self._field(parent, key, nodes) for key, nodes in grouped.items())

    def _collect(self, selection_set: SelectionSetNode, grouped: dict[str, list[FieldNode]]) -> None:
        for selection in selection_set.selections:
            if not self._wanted(selection):
                continue
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                grouped.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                self._collect(selection.selection_set, grouped)
            elif isinstance(selection, FragmentSpreadNode):
                self._collect(self.fragments[selection.name.value].selection_set, grouped)

    def _wanted(self, node: Any) -> bool:
        return self._if(GraphQLIncludeDirective, node, True) and not self._if(GraphQLSkipDirective, node, False)

    def _if(self, directive: GraphQLDirective, node: Any, otherwise: bool) -> bool:
        values = get_directive_values(directive, node, self.variables)
        return bool(values["if"]) if values else otherwise

    def _field(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Field:
        name = nodes[0].name.value
        definition: GraphQLField | None = parent.fields.get(name)
        if definition is None:  # __typename
            return Field(key, name, {}, parent, ())
        below = get_named_type(definition.type)
        sets = [node.selection_set for node in nodes if node.selection_set]
        selected = self.fields(below, *sets) if isinstance(below, GraphQLObjectType) else ()
        return Field(key, name, get_argument_values(definition, nodes[0], self.variables), parent, selected)


def shape(fields: tuple[Field, ...], special: Callable[[Field], Shape | None]) -> Shape:
    """The function that picks these fields out of a node. `special` may give a field's own way to get its value."""
    getters = [(field.key, special(field) or _getter(field, special)) for field in fields]

    def one(node: Value) -> Value:
        return {key: get(node) for key, get in getters}

    return one


def _getter(field: Field, special: Callable[[Field], Shape | None]) -> Shape:
    name = field.name
    if name == "__typename":
        type_name = field.parent.name
        return lambda _node: type_name
    if not field.selected:
        return lambda node: node.get(name)
    inner = shape(field.selected, special)

    def below(node: Value) -> Value:
        value = node.get(name)
        if value is None:
            return None
        return [inner(item) for item in value] if isinstance(value, list) else inner(value)

    return below
