"""The course: `classroom.yml`, `module.yml`, rubrics, known bugs and the roster as typed models."""

from autograding.course.bugs import Edit, KnownBug, bugs_of, load_bug
from autograding.course.classroom import LatePolicy, Weights
from autograding.course.course import (
    Assignment,
    Course,
    load_assignments,
    load_course,
    transitive_prerequisites,
)
from autograding.course.kinds import KINDS, Kind, kind_of
from autograding.course.roster import Student, load_roster
from autograding.course.rubric import Band, Rubric, RubricQuestion, load_rubric, rubric_of

__all__ = [
    "KINDS",
    "Assignment",
    "Band",
    "Course",
    "Edit",
    "Kind",
    "KnownBug",
    "LatePolicy",
    "Rubric",
    "RubricQuestion",
    "Student",
    "Weights",
    "bugs_of",
    "kind_of",
    "load_assignments",
    "load_bug",
    "load_course",
    "load_roster",
    "load_rubric",
    "rubric_of",
    "transitive_prerequisites",
]
