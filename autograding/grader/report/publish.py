"""Tell GitHub Actions what came out: the step summary, the log and the annotations."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TextIO

from autograding.grader.errors import GradingError

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"
OUTPUT_VARIABLE = "GITHUB_OUTPUT"


def publish(
    environment: Mapping[str, str],
    out: TextIO,
    *,
    summary: str,
    text: str,
    commands: Iterable[str] = (),
    outputs: Mapping[str, object] | None = None,
) -> None:
    """Append the summary to the step's, print `text` for the log, then the workflow `commands`.

    `outputs` become outputs of the step: values on one line that no student's text is in.
    Outside Actions only the text is printed. In Actions it stands between
    `::stop-commands::` lines with a token nobody can guess: everything in it
    is escaped already, and this makes it sure.
    """
    place = environment.get(SUMMARY_VARIABLE)
    if not place:
        out.write(text)
        return
    _append(place, "step summary", summary)
    if OUTPUT_VARIABLE in environment:
        lines = "".join(f"{name}={value}\n" for name, value in (outputs or {}).items())
        _append(environment[OUTPUT_VARIABLE], "step output", lines)
    token = uuid.uuid4().hex
    out.write(f"::stop-commands::{token}\n{text.rstrip()}\n::{token}::\n")
    out.writelines(f"{command}\n" for command in commands)
    out.flush()


def _append(place: str, what: str, text: str) -> None:
    try:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise GradingError(f"the {what} cannot be written ({error.strerror})") from error
