"""What every sandbox promises, tried from inside and outside, and the choice between them."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograding.grader.errors import ConfigurationError
from autograding.grader.worker import sandbox
from autograding.grader.worker.sandbox.selftest import Property, measure, promised
from tests.needs import missing

ORDINARY_USER = Path(__file__).with_name("ordinary_user.py")
USER = 1001
MEASURE = (
    "import sys, json, dataclasses; from autograding.grader.worker.sandbox.selftest import measure; "
    "print(json.dumps([dataclasses.asdict(item) for item in measure(sys.argv[1])]))"
)

PLAIN = ("-n", "0", "-q", "-p", "no:cacheprovider")
NOTEBOOK_TEST = "test_a_notebook_uses_the_package"

# Who starts which sandbox, and on what kind of machine.
PLACES = {
    "bubblewrap": ("bubblewrap", None),
    "namespaces": ("namespaces", None),
    "none": ("none", None),
    "namespaces through sudo, as on a hosted runner": ("namespaces", "hosted"),
    "bubblewrap of an ordinary user": ("bubblewrap", "desktop"),
    "none of an ordinary user": ("none", "desktop"),
}
PROMISES = [
    (place, name)
    for place, (kind, machine) in PLACES.items()
    for name in promised(kind, USER if machine else os.getuid())
]


def as_user(machine: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as an ordinary user who has sudo, on a machine of the given kind."""
    if os.geteuid() != 0:
        pytest.skip("only root can make an ordinary user to test with")
    if shutil.which("sudo") is None:
        missing("there is no sudo here")
    with tempfile.TemporaryDirectory(prefix="machine-") as folder:
        whole = ["unshare", "--mount", sys.executable, str(ORDINARY_USER), folder, machine, *command]
        return subprocess.run(whole, capture_output=True, text=True, check=False, timeout=300)


@functools.cache
def measured(place: str) -> dict[str, Property]:
    """What the self-test finds there, tried once for all tests."""
    kind, machine = PLACES[place]
    if machine is not None:
        done = as_user(machine, sys.executable, "-B", "-c", MEASURE, kind)
        assert done.returncode == 0, done.stderr
        return {item["name"]: Property(**item) for item in json.loads(done.stdout)}
    if reason := sandbox.why_not(kind):
        pytest.skip(f"{kind} does not work here: {reason}")
    return {item.name: item for item in measure(kind)}


@pytest.mark.slow
@pytest.mark.parametrize(("place", "name"), PROMISES)
def test_a_sandbox_holds_what_it_promises(place: str, name: str) -> None:
    found = measured(place)[name]
    assert found.holds, found.detail


@pytest.mark.slow
def test_the_self_test_sees_what_limits_alone_do_not_hold() -> None:
    lost = {"network", "other processes", "judge and tests", "read-only", "disk space"}
    assert lost <= {name for name, item in measured("none").items() if not item.holds}


@pytest.mark.slow
def test_a_hosted_runner_lets_nobody_make_namespaces() -> None:
    answer = as_user("hosted", "unshare", "--user", "true")
    assert "Operation not permitted" in answer.stderr


@pytest.mark.slow
def test_the_fork_server_and_the_notebook_work_through_sudo() -> None:
    here = Path(__file__).parent
    tests = [str(here / "test_session.py"), f"{here.parent}/notebook/test_execute.py::{NOTEBOOK_TEST}"]
    answer = as_user("hosted", sys.executable, "-B", "-m", "pytest", *PLAIN, *tests)
    assert answer.returncode == 0, answer.stdout


@pytest.fixture
def choice(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """What is chosen when the variable asks for a kind."""

    def choose(name: str) -> str:
        monkeypatch.setenv(sandbox.SETTING, name)
        monkeypatch.delenv(sandbox.CHECKED, raising=False)
        sandbox.kind.cache_clear()
        return sandbox.kind()

    yield choose
    sandbox.kind.cache_clear()


def test_a_person_can_ask_for_limits_alone(choice: Callable[[str], str]) -> None:
    assert choice("none") == "none"


def test_an_unknown_sandbox_is_refused_with_the_names_there_are(choice: Callable[[str], str]) -> None:
    with pytest.raises(ConfigurationError, match="no sandbox of this name: 'docker'"):
        choice("docker")


def test_a_sandbox_that_does_not_work_here_is_refused_with_the_reason(
    choice: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        ConfigurationError, match="'bubblewrap' does not work on this machine: there is no bwrap"
    ):
        choice("bubblewrap")


def test_without_a_wish_the_first_that_works_is_taken(
    choice: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert choice("") == "none"
