"""Answer for grades and enter what people decide: scores, extensions, excusals, overrides, releases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer

from autograding.gradebook import entries
from autograding.gradebook.desk import Desk, copy_gradebook, enter, explain, open_desk, signature
from autograding.gradebook.events import AnyEvent
from autograding.gradebook.exporting import FORMATS, export, fill_file, left_out, off_the_roster, told
from autograding.gradebook.formats.fill import SYSTEMS
from autograding.gradebook.roster_check import look_at_roster
from autograding.grader.errors import ClassroomError, ConfigurationError

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Answer for grades, and enter what people decide. Nothing that was entered is ever lost: "
    "entering it again changes it, and the earlier entry stays in the gradebook.\n\n"
    "Exit status: 0 done, 1 a person must look, 2 wrong usage or configuration.",
)

Book = Annotated[Path, typer.Option("--gradebook", help="The gradebook.")]
Folder = Annotated[Path, typer.Option("--course", help="The course repository.")]
Who = Annotated[str | None, typer.Option("--by", help="Who enters this (default: your account's name).")]
Why = Annotated[str, typer.Option("--reason", help="Why, for those who ask later.")]
AssignmentName = Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="Such as 01_tensor, 01 or tensor.")]
StudentName = Annotated[str, typer.Argument(metavar="STUDENT", help="An identifier or login of the roster.")]
BOOK, HERE = Path("gradebook.sqlite"), Path()


@app.command("explain")
def explain_grade(
    student: StudentName,
    assignment: Annotated[str | None, typer.Argument(help="Without it: the course grade.")] = None,
    gradebook: Book = BOOK,
    course: Folder = HERE,
) -> None:
    """Print where a grade comes from, line by line, with the evidence."""
    run(lambda: explain(open_desk(course, gradebook), student, assignment))


@app.command()
def extend(
    assignment: AssignmentName,
    student: StudentName,
    due: Annotated[str | None, typer.Argument(help="Their date, such as 2027-02-12 (its end).")] = None,
    lift: Annotated[bool, typer.Option("--lift", help="Take the extension back.")] = False,
    reason: Why = "",
    by: Who = None,
    gradebook: Book = BOOK,
    course: Folder = HERE,
) -> None:
    """Give a student a due date of their own. It can never lower a grade."""
    one_of(due, lift, "the date")
    record(
        gradebook,
        course,
        lambda desk: [entries.extension(entry(desk, assignment, student, by, reason), due, desk.course)],
    )


@app.command()
def excuse(
    assignment: AssignmentName,
    student: StudentName,
    lift: Annotated[bool, typer.Option("--lift", help="Take the excusal back.")] = False,
    reason: Why = "",
    by: Who = None,
    gradebook: Book = BOOK,
    course: Folder = HERE,
) -> None:
    """Leave an assignment out of a student's course grade."""
    record(
        gradebook,
        course,
        lambda desk: [entries.excusal(entry(desk, assignment, student, by, reason), not lift)],
    )


@app.command()
def override(
    assignment: AssignmentName,
    student: StudentName,
    points: Annotated[str | None, typer.Argument(help="The points of all exercises together.")] = None,
    lift: Annotated[bool, typer.Option("--lift", help="Let what was collected count again.")] = False,
    reason: Why = "",
    by: Who = None,
    gradebook: Book = BOOK,
    course: Folder = HERE,
) -> None:
    """Set the points of the exercises by hand, whatever is collected later."""
    one_of(points, lift, "the points")
    record(
        gradebook,
        course,
        lambda desk: [entries.override(entry(desk, assignment, student, by, reason), points)],
    )


@app.command()
def release(
    assignment: AssignmentName,
    student: StudentName,
    commit: Annotated[str | None, typer.Argument(help="Default: the newest commit.")] = None,
    reject: Annotated[bool, typer.Option("--reject", help="It does not count.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take the decision back.")] = False,
    reason: Why = "",
    by: Who = None,
    gradebook: Book = BOOK,
    course: Folder = HERE,
) -> None:
    """Decide that the record of a commit counts although it is flagged, or (--reject) that it does not."""
    if reject and undo:
        raise typer.BadParameter("--reject and --undo exclude each other")
    counts = None if undo else not reject

    def decide(desk: Desk) -> list[AnyEvent]:
        grade = desk.find(assignment, student)[2]
        return [entries.decision(entry(desk, assignment, student, by, reason), grade, commit, counts)]

    record(gradebook, course, decide)


@app.command()
def score(
    assignment: AssignmentName,
    student: StudentName,
    question: Annotated[str, typer.Argument(help="Such as q1.")],
    points: Annotated[str | None, typer.Argument(help="Its points.")] = None,
    lift: Annotated[bool, typer.Option("--lift", help="Take the score back.")] = False,
    comment: Annotated[str, typer.Option("--comment", help="For the student.")] = "",
    commit: Annotated[
        str | None, typer.Option("--commit", help="Where the answer was read (default: what counts now).")
    ] = None,
    by: Who = None,
    gradebook: Book = BOOK,
    course: Folder = HERE,
) -> None:
    """Enter a grader's points for one written answer."""
    one_of(points, lift, "the points")

    def scored(desk: Desk) -> list[AnyEvent]:
        found, _, grade = desk.find(assignment, student)
        return [
            entries.question_score(
                grade, found, question, points, grader=signature(by), comment=comment, commit=commit
            )
        ]

    record(gradebook, course, scored)


@app.command()
def scores(
    table: Annotated[
        Path, typer.Argument(help="A CSV: assignment,student,question,points[,comment,grader,commit].")
    ],
    by: Who = None,
    gradebook: Book = BOOK,
    course: Folder = HERE,
) -> None:
    """Enter all scores of a table, or none where one of its rows is wrong."""
    record(
        gradebook,
        course,
        lambda desk: entries.read_scores(table, desk.course, desk.students, desk.grades, signature(by)),
    )


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The file to write.")], gradebook: Book = BOOK
) -> None:
    """Copy the gradebook as it is at this moment, also while a collection writes to it."""
    run(lambda: [copy_gradebook(gradebook, target)])


@app.command("export")
def export_grades(
    formats: Annotated[
        list[str] | None, typer.Argument(help=f"Of {', '.join(FORMATS)}; default: all.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", help="The folder to write into.")] = HERE,
    gradebook: Book = BOOK,
    course: Folder = HERE,
) -> None:
    """Write the grades of everybody on the roster in other programs' formats."""

    def write() -> tuple[list[str], list[str]]:
        desk = open_desk(course, gradebook)
        return export(desk, output, formats or []), off_the_roster(desk)

    run_and_look(write)


@app.command("fill")
def fill_export(
    system: Annotated[str, typer.Argument(help=f"Whose file it is: {' or '.join(SYSTEMS)}.")],
    exported: Annotated[Path, typer.Argument(help="A gradebook that was exported there.")],
    output: Annotated[Path, typer.Option("--output", help="The file to write, to be imported there.")],
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="ASSIGNMENT=HEADER, where the name of a column is another."),
    ] = None,
    gradebook: Book = BOOK,
    course: Folder = HERE,
) -> None:
    """Fill our columns of a Canvas or Moodle export, and leave every other byte of it as it is."""
    if system.lower() not in SYSTEMS:
        raise typer.BadParameter(f"expected {' or '.join(SYSTEMS)}, got {system}")

    def write() -> tuple[list[str], list[str]]:
        desk = open_desk(course, gradebook)
        filled = fill_file(desk, SYSTEMS[system.lower()], exported, output, column or [])
        return [*told(filled), f"written: {output}"], left_out(filled)

    run_and_look(write)


@app.command()
def roster(gradebook: Book = BOOK, course: Folder = HERE) -> None:
    """Look for mistakes in the roster: doubles, names that look alike, logins that have changed."""

    def look() -> tuple[list[str], list[str]]:
        desk = open_desk(course, gradebook)
        findings = look_at_roster(desk)
        return [f"students: {len(desk.roster)}, findings: {len(findings)}"], findings

    run_and_look(look)


def entry(desk: Desk, assignment: str, student: str, by: str | None, reason: str) -> entries.Entry:
    """The entry that the arguments of a command describe."""
    found, person, _ = desk.find(assignment, student)
    return entries.Entry(found, person, signature(by), reason)


def record(gradebook: Path, course: Path, make: Callable[[Desk], Iterable[AnyEvent]]) -> None:
    """Enter events and print what changed."""

    def work() -> list[str]:
        desk = open_desk(course, gradebook)
        return enter(desk, list(make(desk)))

    run(work)


def run(work: Callable[[], list[str]]) -> None:
    """Print lines, or a mistake with its exit status."""
    run_and_look(lambda: (work(), []))


def run_and_look(work: Callable[[], tuple[list[str], list[str]]]) -> None:
    """Print lines, and on the error output what a person must look at, which is status 1."""
    try:
        lines, attention = work()
    except ClassroomError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from error
    for line in lines:
        typer.echo(line)
    if attention:
        typer.echo("\nA person must look:", err=True)
        for line in attention:
            typer.echo(f"  {line}", err=True)
        raise typer.Exit(1)


def one_of(value: str | None, lift: bool, name: str) -> None:
    """A value or --lift, and not both."""
    if (value is None) != lift:
        raise typer.BadParameter(f"give {name}, or --lift to take back what was entered")


if __name__ == "__main__":
    app()
