"""The files by which a step of a workflow speaks to the runner are out of reach for student code."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograding.grader.worker import sandbox
from autograding.grader.worker.session import ForkServer
from tests.grader.conftest import QUICK_LIMITS, MakePackage

CHANNELS = ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_STATE")
STUDENT = """
    import glob, os

    places = {
        *(value for name, value in os.environ.items() if name.startswith(("GITHUB_", "RUNNER_", "ACTIONS_"))),
        *glob.glob("/tmp/**/_runner_file_commands/*", recursive=True),
        *glob.glob("/proc/*/environ"),
    }
    written = []
    for place in places:
        try:
            if b"GITHUB_ENV=" in open(place, "rb").read():
                written.append(place)
            with open(place, "a") as file:
                file.write("PYTEST_ADDOPTS=-p evil\\n")
            written.append(place)
        except OSError:
            pass
"""


@pytest.mark.needs(sandbox.kind() != "none", "there are limits alone on this machine")
def test_student_code_finds_no_channel_of_the_runner(
    make_package: MakePackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "_runner_file_commands"
    folder.mkdir()
    for name in CHANNELS:
        (folder / name).touch()
        (folder / name).chmod(0o666)
        monkeypatch.setenv(name, str(folder / name))
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path))
    with ForkServer(make_package(STUDENT), QUICK_LIMITS) as server:
        session = server.session()
        root = session.request("module", "tinytorch")["ok"]
        assert session.request("getattr", root, "written") == {"ok": []}
    assert {name: (folder / name).read_text() for name in CHANNELS} == dict.fromkeys(CHANNELS, "")
