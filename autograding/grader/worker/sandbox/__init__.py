"""The sandbox: one way in (`start`), three backends, one guard, and a view that they all mount alike."""

from autograding.grader.worker.sandbox.backends import CHECKED, KINDS, SETTING
from autograding.grader.worker.sandbox.process import Ceilings, Sandboxed, handed_on, kind, start, why_not

__all__ = ["CHECKED", "KINDS", "SETTING", "Ceilings", "Sandboxed", "handed_on", "kind", "start", "why_not"]
