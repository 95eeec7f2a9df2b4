"""What can be wrong with a gradebook file."""

from __future__ import annotations

from autograding.grader.errors import ClassroomError


class GradebookError(ClassroomError):
    """The gradebook cannot be opened, read or written. It is never deleted or overwritten."""
