"""What can go wrong between here and GitHub, told to the person who has to mend it."""

from __future__ import annotations

from autograding.grader.errors import ClassroomError, ConfigurationError
from autograding.grader.report.text import log_line

ACCESS_ADVICE = (
    "make a classic personal access token at https://github.com/settings/tokens with the scopes `repo` and "
    "`read:org` (for an organization with single sign-on, press `Configure SSO` beside it), "
    "then: export GITHUB_TOKEN=<the token>"
)


class GitHubError(ClassroomError):
    """GitHub could not be asked, or answered something that cannot be used."""


class TokenError(ConfigurationError, GitHubError):
    """The token is missing, malformed, expired, or may not read what is needed."""


class UnknownOrganization(ConfigurationError, GitHubError):
    """There is no such organization, or the token may not see it."""


class RateLimited(GitHubError):
    """The request budget is used up, and waiting for the next one would take too long."""


class Overloaded(GitHubError):
    """GitHub took too long over a query, or gave up on it: asking for less may help."""


class BudgetSpent(GitHubError):
    """Another request would cost more than the budget of this collection has left."""


class ExpiredCursor(GitHubError):
    """GitHub no longer knows the place in a list that it named itself."""


def plain(text: object, limit: int = 200) -> str:
    """Text that came over the network, as part of one line for a terminal or a log."""
    return log_line(str(text), limit)
