"""The result as `classroom-resources/autograding-grading-reporter@v1` reads it, for those who use that.

One entry an exercise. The action's table counts entries and its notice sums
scores, so the two agree only where exercises weigh the same; the grade record
is what counts here.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from autograding.grader.grade import ExerciseGrade, Grade
from autograding.grader.report.text import one_line

MESSAGE_LIMIT = 500


def reporter_result(grade: Grade) -> str:
    """The value of the action's `…_RESULTS` variable: JSON in base64, one line."""
    full = grade.score == grade.max_score
    payload = {
        "version": 1,
        "status": "pass" if full else "fail",
        "max_score": grade.max_score,
        "tests": [_entry(exercise) for exercise in grade.exercises],
    }
    return base64.b64encode(json.dumps(payload).encode()).decode("ascii")


def _entry(exercise: ExerciseGrade) -> dict[str, Any]:
    hints = [test.hint for test in exercise.tests if test.outcome != "passed"]
    return {
        "name": one_line(f"{exercise.id} {exercise.title}"),
        "status": "pass" if exercise.score == exercise.max_score else "fail",
        "score": exercise.score,
        "message": one_line("; ".join(dict.fromkeys(hints)), MESSAGE_LIMIT),
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "duration": 0,
    }
