"""Write docs/security.md: what is protected from whom, and what came of each attack.

    uv run python -m tests.attacks.page              run every case, then write the page
    uv run python -m tests.attacks.page A42 H01      run the cases whose names begin so
    uv run python -m tests.attacks.page --text       write the page with the results of the last run

The results are kept in `results.json`, each with a digest of its case: a case that changed since
it was run has no result, and `test_page.py` fails.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.attacks.case import FOLDER, Case, load_cases
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "security.md"
MODEL = FOLDER / "threat_model.md"
RESULTS = FOLDER / "results.json"
LISTED = FOLDER / "attacks.yml"
EVERYWHERE = "tests/attacks/test_everywhere.py"
GRADED = "tests/attacks/test_cases.py::test_a_submission_gets_what_its_case_says"
WHERE = {"u": "suite", "w": "workflow", "f": "emulated GitHub", "g": "only on GitHub"}


@dataclass(frozen=True)
class Group:
    """Attacks of one kind: id → (title, letters that say where it can be tested)."""

    title: str
    attacks: dict[str, tuple[str, str]]


def load_groups() -> tuple[Group, ...]:
    listed = yaml.safe_load(LISTED.read_text(encoding="utf-8"))
    return tuple(
        Group(
            item["group"], {name: (about["title"], about["where"]) for name, about in item["attacks"].items()}
        )
        for item in listed
    )


def digest(case: Case) -> str:
    """A short digest of everything in the folder of a case."""
    total = hashlib.sha256()
    for path in sorted(case.folder.rglob("*")):
        if path.is_file():
            total.update(f"{path.relative_to(case.folder)}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


def node_ids(case: Case) -> tuple[str, ...]:
    """The tests that a case stands or falls with. Nothing for a moot one."""
    if case.moot:
        return ()
    if case.everywhere:
        return (EVERYWHERE,)
    return case.tests or (f"{GRADED}[{case.name}]",)


def run(cases: Iterable[Case]) -> dict[str, str]:
    """Run all tests that these cases name: node id → outcome."""
    wanted = sorted({name for case in cases for name in node_ids(case)})
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = ["-n", "0", "-q", "-p", "pytest_jsonreport.plugin"]
        options += ["--json-report", f"--json-report-file={report}"]
        subprocess.run(
            [sys.executable, "-m", "pytest", *options, *wanted],
            cwd=ROOT,
            check=False,
        )
        tests = json.loads(report.read_text(encoding="utf-8"))["tests"]
    return {test["nodeid"]: test["outcome"] for test in tests}


def result_of(case: Case, outcomes: Mapping[str, str]) -> str:
    """`passed` where all tests of the case passed; else the worst that happened."""
    if case.moot:
        return "moot"
    seen = {outcomes[found] for name in node_ids(case) for found in _matching(name, outcomes)}
    missing = any(not _matching(name, outcomes) for name in node_ids(case))
    if missing or not seen:
        return "not run"
    return next((bad for bad in ("failed", "error", "skipped") if bad in seen), "passed")


def _matching(name: str, outcomes: Mapping[str, str]) -> list[str]:
    """The outcomes of a test, of all its parameters, or of all tests of a file."""
    return [key for key in outcomes if key == name or key.startswith((f"{name}[", f"{name}::"))]


def results(cases: Iterable[Case], outcomes: Mapping[str, str]) -> dict[str, Any]:
    return {case.name: {"digest": digest(case), "result": result_of(case, outcomes)} for case in cases}


def page(groups: Iterable[Group], cases: Iterable[Case], known: Mapping[str, Any]) -> str:
    """The page, as a pure function of the list, the cases and what came out of them."""
    by_id: dict[str, list[Case]] = {}
    for case in cases:
        by_id.setdefault(case.id, []).append(case)
    lines = [MODEL.read_text(encoding="utf-8").rstrip(), ""]
    counts = {"stopped": 0, "moot": 0, "no case yet": 0, "only on GitHub": 0, "not stopped": 0, "not run": 0}
    for group in groups:
        lines += [
            "",
            f"### {group.title}",
            "",
            "| id | attack | what comes of it | shown by |",
            "|---|---|---|---|",
        ]
        for name, (title, where) in group.attacks.items():
            result = _result(by_id.get(name, ()), where, known)
            counts[result] += 1
            lines.append(_row(name, title, result, by_id.get(name, ())))
    total = sum(counts.values())
    summary = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    text = "\n".join(lines).replace("{{ counts }}", f"Of {total} attacks: {summary}.")
    honest = [case for case in cases if case.id.startswith("H")]
    rows = [
        f"| `{case.name}` | {case.attack.removeprefix('None, ')} | {_mark(case, known)} |" for case in honest
    ]
    return "\n".join(
        [
            text,
            "",
            "### Honest work near the border",
            "",
            "| case | what it is | full marks |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _mark(case: Case, known: Mapping[str, Any]) -> str:
    return "yes" if known.get(case.name) == {"digest": digest(case), "result": "passed"} else "not run"


def _result(cases: Iterable[Case], where: str, known: Mapping[str, Any]) -> str:
    found = list(cases)
    if not found:
        return "only on GitHub" if where == "g" else "no case yet"
    seen = {
        known[case.name]["result"] if known.get(case.name, {}).get("digest") == digest(case) else "not run"
        for case in found
    }
    if seen == {"moot"}:
        return "moot"
    if seen <= {"passed", "moot"}:
        return "stopped"
    return "not stopped" if seen & {"failed", "error"} else "not run"


def _row(name: str, title: str, result: str, cases: Iterable[Case]) -> str:
    found = list(cases)
    why = " ".join(dict.fromkeys(case.harmless for case in found))
    shown = ", ".join(f"[{case.name}](../tests/attacks/{case.name}/case.yml)" for case in found)
    return f"| {name} | {title} | **{result}**{'. ' + why if why else ''} | {shown} |".replace("\n", " ")


def main() -> None:
    """Run the cases unless told otherwise, and write results and page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--text", action="store_true", help="write the page without running anything")
    parser.add_argument("names", nargs="*", help="how the names of the cases to run begin; all without any")
    asked = parser.parse_args()
    cases = load_cases()
    if not asked.text:
        wanted = [case for case in cases if case.name.startswith(tuple(asked.names) or "")]
        known = read_results() | results(wanted, run(wanted))
        kept = {case.name: known[case.name] for case in cases if case.name in known}
        RESULTS.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(page(load_groups(), cases, read_results()), encoding="utf-8")


def read_results() -> dict[str, Any]:
    """What the last run gave: case → digest and result."""
    known: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    return known


if __name__ == "__main__":
    main()
