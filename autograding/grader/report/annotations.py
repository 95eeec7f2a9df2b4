"""The lines by which a run announces its result to GitHub: the grade record and the points notice."""

import json

from autograding.grader.errors import GradingError
from autograding.grader.grade import RECORD_LIMIT, RECORD_TITLE, Grade, encode_record, plain_number
from autograding.grader.report.text import command_data, command_property


def annotations(grade: Grade) -> list[str]:
    """Workflow commands, one a line: the grade record first, then the points notice.

    Only the record is ever collected. The other two are what tools made for
    GitHub Classroom look for; anything that prints can forge them. Raises
    GradingError when the record is too long for the runner, which would cut it.
    """
    record = encode_record(grade)
    if len(record.encode()) > RECORD_LIMIT:
        raise GradingError(
            f"the grade record has {len(record.encode())} bytes; GitHub keeps {RECORD_LIMIT}",
            mend="give the exercises of this assignment shorter ids, or split it",
        )
    points, most = plain_number(grade.score), plain_number(grade.max_score)
    report = json.dumps({"totalPoints": points, "maxPoints": most}, separators=(",", ":"))
    return [
        notice(RECORD_TITLE, record),
        notice("Autograding complete", f"Points {points}/{most}"),
        notice("Autograding report", report),
    ]


def notice(title: str, message: str) -> str:
    """One notice annotation."""
    return f"::notice title={command_property(title)}::{command_data(message)}"
