"""The queries against GitHub's published schema."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    parse,
    validate,
    validate_schema,
)

from autograding.github.emulator.cost import query_cost
from autograding.github.emulator.server import SCHEMA, load_schema
from autograding.github.queries import (
    ANNOTATIONS,
    COMMITS,
    HISTORIES,
    NEWEST,
    PAGE,
    PROTECTED,
    SUITES,
    WORKFLOWS,
    commits_points,
    lists_points,
    page_points,
)

QUERIES = [PAGE, COMMITS, WORKFLOWS, HISTORIES, NEWEST]
VARIABLES = {"organization": "o", "size": 100, "check": "c", "suites": 1}


def described(path: Path) -> set[str]:
    """Each field, argument, input field and enum value of a schema as one line with its type."""
    lines = set()
    for name, kind in load_schema(path).type_map.items():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__"):
            for field, definition in kind.fields.items():
                lines.add(f"{name}.{field}: {definition.type}")
                lines.update(f"{name}.{field}({arg}: {given.type})" for arg, given in definition.args.items())
        elif isinstance(kind, GraphQLInputObjectType):
            lines.update(f"{name}.{field}: {given.type}" for field, given in kind.fields.items())
        elif isinstance(kind, GraphQLEnumType) and not name.startswith("__"):
            lines.update(f"{name}.{value}" for value in kind.values)
    return lines


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_is_valid_in_githubs_schema(github_schema, query):
    assert validate(load_schema(github_schema), parse(query)) == []


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_is_valid_in_the_schema_the_rehearsal_uses(query):
    assert validate(load_schema(SCHEMA), parse(query)) == []


def test_the_small_schema_is_a_valid_schema():
    assert validate_schema(build_schema(SCHEMA.read_text(encoding="utf-8"))) == []


def test_everything_in_the_small_schema_stands_in_githubs_schema_with_the_same_type(github_schema):
    assert described(SCHEMA) - described(github_schema) == set()


def points(schema, query, **variables):
    return query_cost(load_schema(schema), parse(query), VARIABLES | variables).points


@pytest.mark.parametrize("size", [1, 10, 50, 100])
def test_a_page_costs_what_the_collection_expects(github_schema, size):
    assert points(github_schema, PAGE, size=size) == page_points(size)


@pytest.mark.parametrize(("count", "suites"), [(1, 1), (100, 1), (10, SUITES), (1, SUITES)])
def test_commits_cost_what_the_collection_expects(github_schema, count, suites):
    ids = [str(number) for number in range(count)]
    assert points(github_schema, COMMITS, ids=ids, suites=suites) == commits_points(count, suites)


@pytest.mark.parametrize("query", [WORKFLOWS, HISTORIES])
@pytest.mark.parametrize("count", [1, 100])
def test_lists_cost_what_the_collection_expects(github_schema, query, count):
    ids = [str(number) for number in range(count)]
    assert points(github_schema, query, ids=ids) == lists_points(count)


def test_a_page_of_a_hundred_repositories_costs_three_points(github_schema):
    assert points(github_schema, PAGE) == 3


def test_a_page_stays_far_below_githubs_limit_of_nodes(github_schema):
    cost = query_cost(load_schema(github_schema), parse(PAGE), VARIABLES)
    assert cost.nodes == 100 + 100 + 100 + 100 * ANNOTATIONS


@pytest.mark.parametrize("path", PROTECTED.values())
def test_every_protected_path_is_asked_for(path):
    assert f'file(path: "{path}")' in PAGE


def test_the_date_a_student_can_forge_is_not_even_asked_for():
    assert "committedDate" not in "".join(QUERIES)
