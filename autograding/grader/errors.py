"""The one error hierarchy of the project: mistakes that a person can mend."""

from __future__ import annotations


class ClassroomError(Exception):
    """Something a person must mend: what is wrong, where it stands, and how to mend it.

    Commands print it without a traceback. Any other exception that reaches a
    user is a defect of this project.
    """

    def __init__(self, what: str, *, where: str | None = None, mend: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.mend = mend

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f"\n  {self.mend}" if self.mend else ""
        return f"{place}{self.what}{advice}"


class ConfigurationError(ClassroomError):
    """A course file (`classroom.yml`, `module.yml`, a manifest, a roster) says something wrong."""


class LessonError(ClassroomError):
    """A lesson source or a known bug does not follow the grammar."""


class NotebookError(ClassroomError):
    """A submitted file is not a notebook that can be graded."""


class GradingError(ClassroomError):
    """A repository cannot be graded for a reason that is not the student's code."""
