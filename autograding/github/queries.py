"""The GraphQL queries sent to GitHub. Each is checked against GitHub's published schema in the tests."""

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

_OBJECTS = "\n        ".join(f'{alias}: file(path: "{path}") {{ oid }}' for alias, path in PROTECTED.items())

_SUBMISSION = f"""\
fragment Submission on Repository {{
  databaseId nameWithOwner pushedAt isArchived isEmpty
  defaultBranchRef {{
    name
    target {{
      ... on Commit {{
        oid
        {_OBJECTS}
        checkSuites(last: $suites, filterBy: {{appId: {ACTIONS_APP}, checkName: $check}}) {{
          totalCount
          nodes {{
            createdAt status conclusion
            workflowRun {{ databaseId event createdAt file {{ path }} }}
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
    }}
  }}
}}
"""

# A page of 100 costs 3 points with one suite each, whatever the repositories hold: cost
# counts the connections to resolve, never the nodes at the leaves, and `totalCount` is free.
PAGE: Final = f"""\
query Page($organization: String!, $after: String, $size: Int!, $check: String!, $suites: Int!) {{
  rateLimit {{ cost remaining resetAt }}
  organization(login: $organization) {{
    repositories(first: $size, after: $after, orderBy: {{field: PUSHED_AT, direction: DESC}}) {{
      totalCount
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ ...Submission }}
    }}
  }}
}}
{_SUBMISSION}"""

CLOSER: Final = f"""\
query Closer($owner: String!, $name: String!, $check: String!, $suites: Int!) {{
  rateLimit {{ cost remaining resetAt }}
  repository(owner: $owner, name: $name) {{ ...Submission }}
}}
{_SUBMISSION}"""
