"""What a person at a terminal, or the log of a workflow, sees of a regrade while it runs and after it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograding.grader.grade import plain_number
from autograding.grader.report.text import code, log_line, markdown
from autograding.regrade.model import Chosen, FinalResult, Problem
from autograding.regrade.stages import OnDone, Report

Name = Callable[[Chosen], str]
SHOWN = 50


def by_repository(chosen: Chosen) -> str:
    """A submission by its repository, for the person who has the roster."""
    return log_line(f"{chosen.repository} at {chosen.commit[:12]}")


def by_commit(chosen: Chosen) -> str:
    """A submission without a name, for logs that others may read."""
    return chosen.commit[:12]


@contextmanager
def shown(console: Console, what: str, total: int | None, name: Name) -> Iterator[OnDone]:
    """Show how far a run is: a bar on a terminal, elsewhere a line for each submission."""
    if console.is_terminal and "GITHUB_ACTIONS" not in os.environ:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console) as progress:
            task = progress.add_task(what, total=total)

            def advance(_chosen: Chosen, _result: object) -> None:
                progress.advance(task)

            yield advance
        return
    count = 0

    def line(chosen: Chosen, result: object) -> None:
        nonlocal count
        count += 1
        of = f" of {total}" if total is not None else ""
        say(console, f"{what} {count}{of}: {name(chosen)}: {_brief(result)}")

    yield line


def _brief(result: object) -> str:
    if isinstance(result, FinalResult):
        return f"{plain_number(result.score)} of {plain_number(result.max_score)} points"
    return "no result" if isinstance(result, Problem) else "done"


def summary(report: Report) -> str:
    """What came out, in one line."""
    scores = [result.score for result in report.results]
    mean = f", mean {plain_number(round(sum(scores) / len(scores), 1))} points" if scores else ""
    kept = f" ({report.kept} of them by an earlier run)" if report.kept else ""
    return f"graded finally: {len(scores)}{kept}, without a grade: {len(report.problems)}{mean}"


def attention(problems: Sequence[Problem], name: Name) -> list[str]:
    """A line for each submission that has no grade, safe for a terminal and a log."""
    lines = [f"{name(problem.chosen)}: {log_line(problem.why, 500)}" for problem in problems[:SHOWN]]
    more = len(problems) - SHOWN
    return [*lines, f"... and {more} more"] if more > 0 else lines


def step_summary(report: Report) -> str:
    """The same for the summary of a workflow's step, without names."""
    origin = report.origin
    head = f"# Final grades: {markdown(origin.assignment)}\n\n{markdown(summary(report))}\n\n"
    made = f"Made with the course at {code(origin.course_commit[:12])}.\n"
    rows = [
        f"- {code(by_commit(item.chosen))}: {markdown(item.why, 500)}\n" for item in report.problems[:SHOWN]
    ]
    more = len(report.problems) - SHOWN
    rows += [f"- and {more} more\n"] if more > 0 else []
    return head + made + ("\n## Without a grade\n\n" + "".join(rows) if rows else "")


def say(console: Console, line: str) -> None:
    """One line as it is: no markup, no wrapping."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)
