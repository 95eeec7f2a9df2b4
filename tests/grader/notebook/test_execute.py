"""Running a notebook for feedback: whatever it does, its last state comes back with a reason."""

from __future__ import annotations

from collections.abc import Callable

from autograding.grader.manifest import Limits
from autograding.grader.notebook.execute import Executed

LIMITS = Limits(cell_seconds=4.0, total_seconds=40.0, memory_mb=1024)
Execute = Callable[..., Executed]
