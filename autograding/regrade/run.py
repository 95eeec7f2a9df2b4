"""Work through many submissions side by side: what fails is listed, and stops nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from autograding.grader.errors import ClassroomError
from autograding.grader.report.text import one_line
from autograding.regrade.files import Folder, write
from autograding.regrade.model import Chosen, Problem

Result = TypeVar("Result")


@dataclass
class Outcome(Generic[Result]):
    """What came of a run. `problems` are in the order in which they came up."""

    done: list[Result] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def run_all(
    items: Sequence[Chosen],
    work: Callable[[Chosen], Result],
    *,
    jobs: int,
    folder: Folder,
    on_done: Callable[[Chosen, object], None] = lambda _chosen, _result: None,
) -> Outcome[Result]:
    """Do `work` for every commit, `jobs` at a time.

    An error is kept as a Problem in the folder. An interruption starts nothing
    more and lets what is running come to its end.
    """
    outcome: Outcome[Result] = Outcome()
    with ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(work, item): item for item in items}
        try:
            for future in as_completed(futures):
                chosen = futures[future]
                result = _result(future, chosen, folder)
                if isinstance(result, Problem):
                    outcome.problems.append(result)
                else:
                    outcome.done.append(result)
                on_done(chosen, result)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return outcome


def _result(future: Future[Result], chosen: Chosen, folder: Folder) -> Result | Problem:
    try:
        return future.result()
    except ClassroomError as error:
        # Without the place, which names the student: whoever shows a problem says whose it is.
        why = error.what
    except Exception as error:  # noqa: BLE001 - a defect or a full disk must not cost the others their grades
        why = f"{type(error).__name__}: {error}"
    problem = Problem(chosen=chosen, why=one_line(why, 500))
    _keep(problem, folder)
    return problem


def _keep(problem: Problem, folder: Folder) -> None:
    try:
        write(folder.problem(problem.chosen.key), problem)
    except OSError:
        # It is in the outcome as well, which is what a person reads; the file is for other machines.
        return
