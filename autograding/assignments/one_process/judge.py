"""Judge variants of one package of our own making."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograding.assignments.one_process.known import Known, know
from autograding.assignments.one_process.limits import cpu_seconds
from autograding.assignments.one_process.processes import Processes
from autograding.grader.judge.run_tests import Judged, judge_package, judged, specification
from autograding.grader.manifest import Limits


class OneProcessJudge:
    """Judges like `judge_package`, much faster and without a sandbox, what it has learned a variant of.

    Where the tests do not end by themselves, because code loops or crashes, and where nothing
    has been learned, it is `judge_package` that judges.
    """

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._known: Known | None = None

    def learn(
        self, root: Path, files: Sequence[str], package: Path, limits: Limits, seed: str = ""
    ) -> Judged:
        """Judge a package that should pass all tests, and note which functions each of them enters.

        From then on only those tests run on a package that may come out differently. `files`
        and `seed` have to stay the same.
        """
        spec = specification(root, files, package, limits, seed)
        result = self._processes.ask(spec | {"only": None, "cpu_seconds": int(limits.total_seconds)})
        if result is None:
            return judge_package(root, files, package, limits, seed)
        self._known = know(package, result)
        return judged(result)

    def __call__(
        self, root: Path, files: Sequence[str], package: Path, limits: Limits, seed: str = ""
    ) -> Judged:
        known, result = self._known, None
        if known is not None:
            spec = specification(root, files, package, limits, seed)
            seconds = cpu_seconds(known.result["seconds"])
            result = self._processes.ask(spec | {"only": known.open_tests(package), "cpu_seconds": seconds})
        if known is None or result is None:
            return judge_package(root, files, package, limits, seed)
        return judged(known.completed(result))
