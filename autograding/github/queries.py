"""The GraphQL queries sent to GitHub, and what each costs.

Each is checked against GitHub's published schema in the tests, and its cost
against the rules that GitHub documents: the connections to be resolved, divided
by 100, rounded, at least 1. Scalars and single objects are free, so whatever
can be told by one of those (the number of a run, who pushed, the head before a
push) is not asked of a connection.
"""

from __future__ import annotations

from typing import Final

ACTIONS_APP: Final = 15368
"""The app id of GitHub Actions: check suites of other apps are not ours."""

CHECK_NAME: Final = "run-autograding-tests"
"""The name of the one job of a student repository's workflow."""

WORKFLOW_PATH: Final = ".github/workflows/autograde.yml"
WORKFLOW_EVENTS: Final = frozenset({"push", "workflow_dispatch"})

ANNOTATIONS: Final = 50
"""Annotations read per check: as many as GitHub keeps for one job."""

PROTECTED: Final = {
    "github": ".github",
    "tests": "tests",
    "grader": "autograding",
    "manifest": "assignment.json",
    "project": "pyproject.toml",
    "lock": "uv.lock",
}
"""Alias in the query -> protected folder or file, whose git object id must be the rendered one."""

SUITES: Final = 20
"""Check suites read of one commit where it has more than one."""

PAGE_SIZE: Final = 100
"""Repositories, commits or workflows in one query: GitHub allows no more."""

CLOSE_BATCH: Final = 10
"""Commits in one closer look, which reads up to SUITES check suites of each."""

RUNS: Final = 50
"""Runs of one workflow in one answer."""

HISTORY: Final = 20
"""Commits behind a head that has no run: how far back earlier runs are looked for."""

_OBJECTS = "\n  ".join(f'{alias}: file(path: "{path}") {{ oid }}' for alias, path in PROTECTED.items())

_GRADED = f"""\
fragment Graded on Commit {{
  id oid
  {_OBJECTS}
  checkSuites(last: $suites, filterBy: {{appId: {ACTIONS_APP}, checkName: $check}}) {{
    totalCount
    nodes {{
      createdAt status conclusion
      push {{ previousSha pusher {{ ... on User {{ databaseId }} }} }}
      workflowRun {{ databaseId runNumber event createdAt file {{ path }} workflow {{ id }} }}
      checkRuns(last: 1, filterBy: {{checkName: $check, checkType: LATEST}}) {{
        totalCount
        nodes {{
          databaseId status conclusion
          annotations(first: {ANNOTATIONS}) {{ totalCount nodes {{ title message }} }}
        }}
      }}
    }}
  }}
}}
"""

PAGE: Final = f"""\
query Page($organization: String!, $after: String, $size: Int!, $check: String!, $suites: Int!) {{
  rateLimit {{ cost remaining resetAt }}
  organization(login: $organization) {{
    repositories(first: $size, after: $after, orderBy: {{field: PUSHED_AT, direction: DESC}}) {{
      totalCount
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        databaseId nameWithOwner pushedAt isArchived isEmpty
        defaultBranchRef {{ name target {{ ...Graded }} }}
      }}
    }}
  }}
}}
{_GRADED}"""

COMMITS: Final = f"""\
query Commits($ids: [ID!]!, $check: String!, $suites: Int!) {{
  rateLimit {{ cost remaining resetAt }}
  nodes(ids: $ids) {{
    ... on Commit {{
      repository {{ databaseId nameWithOwner }}
      ...Graded
    }}
  }}
}}
{_GRADED}"""

WORKFLOWS: Final = f"""\
query Workflows($ids: [ID!]!, $after: String) {{
  rateLimit {{ cost remaining resetAt }}
  nodes(ids: $ids) {{
    ... on Workflow {{
      id
      runs(first: {RUNS}, after: $after, orderBy: {{field: CREATED_AT, direction: DESC}}) {{
        pageInfo {{ hasNextPage endCursor }}
        nodes {{ runNumber checkSuite {{ commit {{ id oid }} }} }}
      }}
    }}
  }}
}}
"""

HISTORIES: Final = f"""\
query Histories($ids: [ID!]!) {{
  rateLimit {{ cost remaining resetAt }}
  nodes(ids: $ids) {{
    ... on Commit {{
      id
      history(first: {HISTORY}) {{ nodes {{ id oid }} }}
    }}
  }}
}}
"""

NEWEST: Final = """\
query Newest($organization: String!, $after: String, $size: Int!) {
  rateLimit { cost remaining resetAt }
  organization(login: $organization) {
    repositories(first: $size, after: $after, orderBy: {field: PUSHED_AT, direction: DESC}) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { pushedAt }
    }
  }
}
"""


def page_points(size: int) -> int:
    """What a page of so many repositories costs."""
    return _points(1 + 3 * size)


def commits_points(count: int, suites: int = 1) -> int:
    """What reading so many commits costs, with up to `suites` check suites of each."""
    return _points(count * (1 + 2 * suites))


def lists_points(count: int) -> int:
    """What reading so many lists of runs, or so many histories, costs."""
    return _points(count)


def _points(connections: int) -> int:
    return max(1, (connections + 50) // 100)
