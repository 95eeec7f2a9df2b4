"""Classroom 50's `result.json`, one for each student and assignment with a commit that counts."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from autograding.course import Assignment
from autograding.gradebook.formats.sheet import GITHUB, Sheet, utc
from autograding.gradebook.policy import Considered, Scored

SCHEMA = "classroom50/result/v1"
_COMPACT = str.maketrans("", "", "-:")
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def classroom50_archive(sheet: Sheet) -> bytes:
    """A zip with `<classroom>-<assignment>-<username>/result.json`; equal grades give equal bytes."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as archive:
        for name, text in classroom50_results(sheet):
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.external_attr = 0o644 << 16
            archive.writestr(info, text)
    return data.getvalue()


def classroom50_results(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """The path and the text of each result. Students without a login have no repository, and no result."""
    classroom = sheet.organization.lower()
    for assignment in sheet.assignments:
        full = whole_points([item.points for item in assignment.exercises])
        for student in sheet.students:
            grade = sheet.grades[student.identifier, assignment.id]
            if grade.chosen is not None and grade.chosen.submitted is not None and student.login:
                name = f"{classroom}-{assignment.slug}-{student.login}".lower()
                result: dict[str, object] = {"owner": sheet.organization, "classroom": classroom}
                result |= _result(assignment, grade.chosen, grade.chosen.submitted, full)
                yield f"{name}/result.json", _ENCODER.encode(result) + "\n"


def _result(
    assignment: Assignment, chosen: Considered, submitted: datetime, full: Sequence[int]
) -> dict[str, object]:
    tests = _tests(assignment.exercises, chosen.exercises, full)
    when = utc(submitted)
    page = f"{GITHUB}/{chosen.repository}"
    run = f"{page}/actions/runs/{chosen.run_id}" if chosen.run_id else f"{page}/commit/{chosen.commit}"
    return {
        "schema": SCHEMA,
        "assignment": assignment.slug,
        "assignment_type": "individual",
        "submission": f"submit/{when.translate(_COMPACT)}-{chosen.commit[:7]}",
        "commit": f"{page}/commit/{chosen.commit}",
        "release": f"{page}/releases",
        "review": run,
        "datetime": when,
        "graded_at": when,
        "score": sum(score for _, score, _ in tests),
        "max-score": sum(most for _, _, most in tests),
        "tests": [
            {"test-name": name, "passed": score == most, "score": score, "max-score": most}
            for name, score, most in tests
        ],
    }


def _tests(
    exercises: Sequence[Scored], scores: Mapping[str, float], full: Sequence[int]
) -> list[tuple[str, int, int]]:
    """Name, points and most points of each exercise in whole numbers."""
    found = whole_points([scores.get(item.id, 0.0) for item in exercises])
    return [
        (item.id, min(score, most), most) for item, score, most in zip(exercises, found, full, strict=True)
    ]


def whole_points(points: Sequence[float]) -> list[int]:
    """Whole numbers nearest to these whose sum is the rounded sum: the format knows no others."""
    whole = [math.floor(item) for item in points]
    if all(map(float.is_integer, map(float, points))):
        return whole
    # Half a point more rounds up, however the sum was added.
    missing = math.floor(round(sum(points), 6) + 0.5) - sum(whole)
    by_rest = sorted(range(len(points)), key=lambda place: (whole[place] - points[place], place))
    for place in by_rest[:missing]:
        whole[place] += 1
    return whole
