"""The sandbox: one way in (`start`), three backends, one guard, and a view that they all mount alike."""

from autograding.grader.worker.sandbox.backends import CHECKED, KINDS, SETTING
from autograding.grader.worker.sandbox.process import (
    PYTHON_FLAGS,
    Ceilings,
    Sandboxed,
    environment,
    handed_on,
    kind,
    limited_threads,
    start,
    why_not,
)

__all__ = [
    "CHECKED",
    "KINDS",
    "PYTHON_FLAGS",
    "SETTING",
    "Ceilings",
    "Sandboxed",
    "environment",
    "handed_on",
    "kind",
    "limited_threads",
    "start",
    "why_not",
]
