"""The files of a rendered repository, as a pure function of the course: path → content."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from autograding.assignments.sources import (
    CHECKPOINT,
    GRADER,
    check_tests_folder,
    source_files,
    visible_data,
    visible_tests,
)
from autograding.assignments.template import TemplateError, render_tree
from autograding.course import Assignment, Course, transitive_prerequisites
from autograding.lesson import (
    Lesson,
    check_lesson,
    checkpoint_notebook,
    notebook_json,
    package_data,
    read_lesson,
    reference_package,
    strip_solutions,
)

TEMPLATE = "template"
VENDORED = "autograding/src/autograding/grader"
CHECKPOINT_NOTEBOOK = "tests/checkpoint.ipynb"


def notebook_name(assignment: Assignment) -> str:
    """Where the lesson stands in the repository: `tensor.ipynb`."""
    return assignment.lesson.stem + ".ipynb"


def shipped_prerequisites(course: Course, assignment: Assignment) -> tuple[Assignment, ...]:
    """The assignments whose reference comes with the repository.

    With `prerequisites: own` students bring their own code along, so there are none.
    """
    return transitive_prerequisites(course, assignment) if course.prerequisites == "reference" else ()


def brought_files(course: Course, assignment: Assignment) -> dict[str, str]:
    """The package files that students bring along, each with the assignment it comes from."""
    if course.prerequisites == "reference":
        return {}
    return {
        item.package.replace(".", "/") + ".py": item.id
        for item in transitive_prerequisites(course, assignment)
    }


def reference_of_brought(course: Course, assignment: Assignment) -> dict[str, bytes]:
    """The reference of what students bring along, for where theirs does not work. Never rendered."""
    package = reference_package(transitive_prerequisites(course, assignment))
    return {path: package[path].encode() for path in brought_files(course, assignment)}


def shipped_package(course: Course, assignment: Assignment) -> dict[str, str]:
    """The files of `tinytorch/` that come with the repository; never the module's own.

    The package's `__init__` files know the names of this module and its prerequisites, so
    that one which is missing explains itself. They know no later module: a change there must
    not change the commit here.
    """
    shipped = {item.id for item in shipped_prerequisites(course, assignment)}
    return reference_package((*transitive_prerequisites(course, assignment), assignment), only=shipped)


def starter_lesson(assignment: Assignment) -> Lesson:
    """The lesson as students get it."""
    lesson = read_lesson(assignment.lesson)
    check_lesson(lesson, assignment)
    return strip_solutions(lesson, assignment.number)


def repository_files(
    course: Course, assignment: Assignment, package: dict[str, str], starter: Lesson
) -> dict[str, bytes]:
    """Every file of the repository but its manifest. Raises ClassroomError."""
    check_tests_folder(assignment)
    parts = [
        render_tree(course.root / TEMPLATE, template_context(course, assignment)),
        {notebook_name(assignment): notebook_json(starter, assignment).encode()},
        {path: text.encode() for path, text in package.items()},
        package_data((*transitive_prerequisites(course, assignment), assignment)),
        _tests(assignment),
        {
            f"{VENDORED}/{path.relative_to(GRADER).as_posix()}": path.read_bytes()
            for path in source_files(GRADER)
        },
    ]
    files: dict[str, bytes] = {}
    for part in parts:
        for path, data in part.items():
            if path in files:
                raise TemplateError(
                    f"{path} is made by the renderer and stands in the template too",
                    where=str(course.root / TEMPLATE),
                    mend="delete it from the template",
                )
            files[path] = data
    return dict(sorted(files.items()))


def _tests(assignment: Assignment) -> dict[str, bytes]:
    visible = [*visible_tests(assignment.tests), *visible_data(assignment.tests)]
    files = {f"tests/{path.name}": path.read_bytes() for path in visible}
    checkpoint = assignment.tests / CHECKPOINT
    if checkpoint.is_file():
        text = checkpoint_notebook(checkpoint.read_text(encoding="utf-8"), str(checkpoint))
        files[CHECKPOINT_NOTEBOOK] = text.encode()
    return files


def template_context(course: Course, assignment: Assignment) -> dict[str, Any]:
    """The names a template may use."""
    automatic = sum(exercise.points for exercise in assignment.exercises)
    written = sum(question.points for question in assignment.questions)
    return {
        "course": course,
        "assignment": assignment,
        "brought": course.prerequisites == "own",
        "prerequisites": transitive_prerequisites(course, assignment),
        "notebook": notebook_name(assignment),
        "package_path": assignment.package.replace(".", "/") + ".py",
        "branch": course.default_branch,
        "automatic_points": _plain(automatic),
        "written_points": _plain(written),
        "total_points": _plain(automatic + written),
        "due": _when(assignment.due, course.timezone),
        "release": _when(assignment.release, course.timezone),
        "has_checkpoint": (assignment.tests / CHECKPOINT).is_file(),
    }


def _plain(points: float) -> float | int:
    return int(points) if float(points).is_integer() else points


def _when(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """`Friday 25 September 2026, 23:59 (Europe/Zurich)`, independent of the machine's language."""
    if moment is None:
        return None
    local = moment.astimezone(zone)
    day = _DAYS[local.weekday()]
    return f"{day} {local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M} ({zone})"


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
