"""What a query costs, by the rules GitHub documents.

Every connection needs `first` or `last` between 1 and 100. Resolving it costs
one request for each node of the connections around it, all assumed full; the
points are the requests divided by 100, rounded, and at least 1. A query may ask
for 500,000 nodes at most. How GitHub counts `nodes(ids: ...)` is not documented;
here each id counts like a node of a connection, which is the most it can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableValues,
    get_argument_values,
    get_named_type,
    get_variable_values,
    is_interface_type,
    is_object_type,
)

NODE_LIMIT = 500_000
PAGE_LIMIT = 100


@dataclass(frozen=True)
class Cost:
    """`points` count against the budget of an hour, `nodes` is the most the answer can hold."""

    points: int
    nodes: int


@dataclass
class _Tally:
    requests: int = 0
    nodes: int = 0


def query_cost(schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any]) -> Cost:
    """The cost of a valid query. Raises GraphQLError where it asks for too much or without bounds."""
    fragments = {
        item.name.value: item for item in document.definitions if isinstance(item, FragmentDefinitionNode)
    }
    tally = _Tally()
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            given = get_variable_values(schema, operation.variable_definitions or (), variables)
            if isinstance(given, list):
                raise given[0]
            root = schema.get_root_type(operation.operation)
            _add(schema, operation.selection_set, root, 1, given, fragments, tally)
    if tally.nodes > NODE_LIMIT:
        raise GraphQLError(
            f"This query requests up to {tally.nodes:,} possible nodes which exceeds the maximum limit of "
            f"{NODE_LIMIT:,}.",
            extensions={"type": "MAX_NODE_LIMIT_EXCEEDED"},
        )
    return Cost(points=max(1, (tally.requests + 50) // 100), nodes=tally.nodes)


def _add(
    schema: GraphQLSchema,
    selections: SelectionSetNode | None,
    parent: GraphQLNamedType | None,
    parents: int,
    variables: VariableValues,
    fragments: dict[str, FragmentDefinitionNode],
    tally: _Tally,
) -> None:
    """Count what `selections` of `parents` objects of the type `parent` need."""
    for item in selections.selections if selections else ():
        if isinstance(item, FragmentSpreadNode):
            fragment = fragments[item.name.value]
            kind = schema.get_type(fragment.type_condition.name.value)
            _add(schema, fragment.selection_set, kind, parents, variables, fragments, tally)
        elif isinstance(item, InlineFragmentNode):
            kind = schema.get_type(item.type_condition.name.value) if item.type_condition else parent
            _add(schema, item.selection_set, kind, parents, variables, fragments, tally)
        elif isinstance(item, FieldNode) and (is_object_type(parent) or is_interface_type(parent)):
            definition = parent.fields.get(item.name.value)
            if definition is None:
                continue
            kind = get_named_type(definition.type)
            objects = parents
            arguments = get_argument_values(definition, item, variables)
            if isinstance(ids := arguments.get("ids"), list):
                objects = parents * len(ids)
            if kind.name.endswith("Connection"):
                objects = parents * _page_size(item, arguments)
                tally.requests += parents
                tally.nodes += objects
            _add(schema, item.selection_set, kind, objects, variables, fragments, tally)


def _page_size(field: FieldNode, arguments: dict[str, Any]) -> int:
    name = field.name.value
    size = arguments.get("first") if arguments.get("first") is not None else arguments.get("last")
    if size is None:
        raise GraphQLError(
            f"You must provide a `first` or `last` value to properly paginate the `{name}` connection.",
            nodes=[field],
            extensions={"type": "MISSING_PAGINATION_BOUNDARIES"},
        )
    if not 1 <= size <= PAGE_LIMIT:
        raise GraphQLError(
            f"Requesting {size} records on the `{name}` connection exceeds the `first` limit of "
            f"{PAGE_LIMIT} records.",
            nodes=[field],
            extensions={"type": "EXCESSIVE_PAGINATION"},
        )
    return int(size)
