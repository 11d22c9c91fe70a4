"""A GraphQL document made into plain functions over nodes; what is behind an interface is told by its gid.

graphql-core parses, validates and coerces; its executor is left out because it needs several times the time of the
rest of a reply for a page of 250 nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
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
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSkipDirective,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    build_schema,
    get_named_type,
    parse,
    validate,
)
from graphql.execution.values import get_argument_values, get_directive_values, get_variable_values

from connectors.shopify.simulator.search import stamp

SCHEMA = build_schema(Path(__file__).with_name("schema.graphql").read_text())
assert SCHEMA.query_type is not None  # noqa: S101 - our own schema names both
assert SCHEMA.mutation_type is not None  # noqa: S101
ROOTS = {OperationType.QUERY: SCHEMA.query_type, OperationType.MUTATION: SCHEMA.mutation_type}
Value = Any
Shape = Callable[[Value], Value]
"""Makes of a node, a list of nodes or None what the query asked of it."""


def _moment(value: Any) -> str:
    """A DateTime variable in the store's own spelling, to the second."""
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        read = None
    if read is None or read.tzinfo is None:
        raise GraphQLError("is no valid DateTime")
    return stamp(read)


# the scalars that build_schema makes let anything pass
SCHEMA.type_map["DateTime"].coerce_input_value = _moment  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Field:
    """One field of a selection set, with the arguments and the selection under it.

    `variants`: for a field that holds an interface, the selection by the name of the type that is there.
    """

    key: str
    name: str
    arguments: dict[str, Any]
    parent: GraphQLObjectType
    selected: tuple[Field, ...]
    variants: dict[str, tuple[Field, ...]] = field(default_factory=dict)


@lru_cache(maxsize=1024)
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
    return _Selection(fragments, values).fields(ROOTS[operation.operation], operation.selection_set)


class _Selection:
    """Flattens selection sets: fragments spread, @include and @skip decided, equal keys merged."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode], variables: Any) -> None:
        self.fragments = fragments
        self.variables = variables

    def fields(self, parent: GraphQLObjectType, *sets: SelectionSetNode) -> tuple[Field, ...]:
        grouped: dict[str, list[FieldNode]] = {}
        for selection in sets:
            self._collect(parent, selection, grouped)
        return tuple(self._field(parent, key, nodes) for key, nodes in grouped.items())

    def _collect(
        self, parent: GraphQLObjectType, selection_set: SelectionSetNode, grouped: dict[str, list[FieldNode]]
    ) -> None:
        for selection in selection_set.selections:
            if not self._wanted(selection):
                continue
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                grouped.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                if _fits(parent, selection.type_condition):
                    self._collect(parent, selection.selection_set, grouped)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self.fragments[selection.name.value]
                if _fits(parent, fragment.type_condition):
                    self._collect(parent, fragment.selection_set, grouped)

    def _wanted(self, node: Any) -> bool:
        if not node.directives:
            return True
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
        arguments = get_argument_values(definition, nodes[0], self.variables) if definition.args else {}
        return Field(key, name, arguments, parent, selected, self._variants(below, sets))

    def _variants(self, below: Any, sets: list[SelectionSetNode]) -> dict[str, tuple[Field, ...]]:
        if not isinstance(below, GraphQLInterfaceType):
            return {}
        return {kind.name: self.fields(kind, *sets) for kind in SCHEMA.get_possible_types(below)}


def _fits(parent: GraphQLObjectType, condition: NamedTypeNode | None) -> bool:
    """Whether a fragment on that type (or on an interface of it) says anything of this object."""
    return condition is None or condition.name.value in {parent.name, *(kind.name for kind in parent.interfaces)}


def shape(fields: tuple[Field, ...], special: Callable[[Field], Shape | None]) -> Shape:
    """The function that picks these fields out of a node. `special` may give a field's own way to get its value."""
    getters = [(field.key, special(field) or _getter(field, special)) for field in fields]

    def one(node: Value) -> Value:
        return {key: get(node) for key, get in getters}

    return one


def below_of(field: Field, special: Callable[[Field], Shape | None]) -> Shape:
    """The function that picks what is asked under this field out of one node there."""
    if not field.variants:
        return shape(field.selected, special)
    kinds = {name: shape(selected, special) for name, selected in field.variants.items()}
    return lambda node: kinds[type_of(node["id"])](node)


def type_of(gid: str) -> str:
    """`Customer` of a `gid://shopify/Customer/123`; "" for anything else."""
    scheme, _, rest = gid.partition("gid://shopify/")
    return rest.partition("/")[0] if not scheme else ""


def _getter(field: Field, special: Callable[[Field], Shape | None]) -> Shape:
    name = field.name
    if name == "__typename":
        type_name = field.parent.name
        return lambda _node: type_name
    if not field.selected and not field.variants:
        return lambda node: node.get(name)
    inner = below_of(field, special)

    def below(node: Value) -> Value:
        value = node.get(name)
        if value is None:
            return None
        return [inner(item) for item in value] if isinstance(value, list) else inner(value)

    return below
