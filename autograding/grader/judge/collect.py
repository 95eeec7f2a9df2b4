"""List a module's tests without running them, for the manifest."""

from autograding.grader.judge.run_tests import collect_tests

__all__ = ["collect_tests"]
