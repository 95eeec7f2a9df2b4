"""The roster against itself and against what was collected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autograding.course import Student
from autograding.course.lookalikes import lint_roster
from autograding.gradebook.desk import Desk
from autograding.gradebook.events import GradeObserved
from autograding.gradebook.exporting import off_the_roster
from autograding.gradebook.store import Stored
from autograding.grader.report.text import one_line


def look_at_roster(desk: Desk) -> list[str]:
    """A line for each thing that a person should look at."""
    slugs = {assignment.id: assignment.slug for assignment in desk.course.assignments}
    found = [*lint_roster(desk.roster), *changed_logins(desk.roster, slugs, desk.events)]
    found += [
        f"{student.identifier} has no GitHub login yet, so no repository is theirs"
        for student in desk.roster
        if not student.login
    ]
    return [one_line(line, 400) for line in (*found, *off_the_roster(desk))]


def changed_logins(
    students: Sequence[Student], slugs: dict[str, str], events: Iterable[Stored]
) -> Iterator[str]:
    """Students whose repositories were collected under another login than the roster has now.

    A repository keeps its id when it or its owner is renamed, so the newest name of
    each id is what counts.
    """
    logins = {student.identifier: student.login for student in students}
    newest: dict[int, GradeObserved] = {}
    for item in sorted(events, key=lambda stored: stored.id):
        if isinstance(item.event, GradeObserved):
            newest[item.event.repository_id] = item.event
    for event in newest.values():
        login, slug = logins.get(event.student), slugs.get(event.assignment)
        name = event.repository.rpartition("/")[2].lower()
        if login is not None and slug is not None and name != f"{slug}-{login}".lower():
            yield (
                f"{event.student}: the roster says {login or 'no login'}, but the repository "
                f"{event.repository} (id {event.repository_id}) was collected: has the login changed?"
            )
