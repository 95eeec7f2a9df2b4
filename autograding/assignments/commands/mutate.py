"""`mutate_reference.py`: do the tests notice when the reference is changed?"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograding.assignments.commands.shared import DONE, LOOK, report
from autograding.assignments.mutation.explained import load_explanations
from autograding.assignments.mutation.mutants import Mutant, read_mutants
from autograding.assignments.mutation.report import GOAL, HEADINGS, ModuleResult, markdown, row, total_row
from autograding.assignments.mutation.workspace import prepare, run_mutmut
from autograding.course import Assignment, Course, load_course
from autograding.grader.errors import ClassroomError, ConfigurationError

REPORT = "report.md"


def mutate(console: Console, root: Path, names: Sequence[str], output: Path) -> int:
    """Test the tests of the named modules, or of all, and write the report."""
    try:
        _require_mutmut()
        course = load_course(root)
        modules = [item for item in course.known if item.kind == "module"]
        chosen = dict.fromkeys([course.resolve(name) for name in names] or modules)
        explanations = {item.id: load_explanations(item) for item in chosen}
        results = []
        for assignment in chosen:
            console.print(f"[dim]mutating {assignment.package} …[/]")
            mutants = _mutants(course, assignment, output / assignment.id)
            results.append(ModuleResult(assignment.id, mutants, explanations[assignment.id]))
    except ClassroomError as error:
        return report(console, [error])
    path = output / REPORT
    path.write_text(markdown(results), encoding="utf-8")
    _print(console, results, path)
    return DONE if all(result.passed for result in results) else LOOK


def _mutants(course: Course, assignment: Assignment, folder: Path) -> tuple[Mutant, ...]:
    workspace = prepare(course, assignment, folder)
    run_mutmut(workspace, assignment.limits.memory_mb)
    return read_mutants(
        workspace.mutated.read_text(encoding="utf-8"), workspace.results.read_text(encoding="utf-8")
    )


def _require_mutmut() -> None:
    if importlib.util.find_spec("mutmut") is None:
        raise ConfigurationError(
            "mutmut is not installed",
            mend="run this as `uv run --group mutation scripts/mutate_reference.py`",
        )


def _print(console: Console, results: Sequence[ModuleResult], path: Path) -> None:
    """A row for each module, and what keeps a module from passing."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "module" else "right", no_wrap=True)
    for result in results:
        table.add_row(*row(result))
    if len(results) > 1:
        table.add_row(*total_row(results))
    console.print(table)
    for result in results:
        for mutant in result.unexplained:
            change = mutant.change
            console.print(
                f"[red]{result.module}[/] unexplained in {change.function}:", highlight=False, soft_wrap=True
            )
            console.print(
                f"  - {change.was}\n  + {change.now}", markup=False, highlight=False, soft_wrap=True
            )
        if result.percent < GOAL:
            console.print(f"[red]{result.module}[/]: fewer than {GOAL:g} % of the mutants die")
    console.print(f"[dim]{path}[/]", soft_wrap=True)
