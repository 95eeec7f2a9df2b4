"""`tito system`: the machine a student works on."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograding.grader.errors import ClassroomError
from autograding.grader.files import sha256_of
from autograding.grader.manifest import Manifest, read_manifest
from autograding.grader.report.text import log_line
from autograding.grader.tito.console import say, table
from autograding.grader.tito.repository import find_repository, git_line, read_lesson_notebook

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]

OLDEST_PYTHON = (3, 11)
MAX_FILES = 5


@dataclass(frozen=True)
class Check:
    """One thing looked at. `state`: ok, note (works, but worth knowing) or problem; then `fix` says more."""

    name: str
    state: str
    detail: str
    fix: str = ""


def add_commands(groups: Groups) -> None:
    """Add `system` and its commands to the parser."""
    parser = groups.add_parser("system", help="your machine", description="Look after your set-up.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    doctor = commands.add_parser(
        "doctor", help="say what is wrong with your set-up, and how to mend it", description=_doctor.__doc__
    )
    doctor.set_defaults(run=_doctor)
    isolation = commands.add_parser(
        "sandbox", help="try what isolates your code when it is graded", description=_try_sandbox.__doc__
    )
    isolation.set_defaults(run=_try_sandbox)


def _doctor(_options: argparse.Namespace) -> int:
    """Look at everything the course needs and say how to mend what is wrong."""
    checks = list(_checks())
    say(table((check.state, check.name, check.detail) for check in checks))
    wrong = [check for check in checks if check.fix]
    for check in wrong:
        say(f"\n{check.name}: {log_line(check.detail, 400)}\n  {check.fix}")
    problems = sum(check.state == "problem" for check in checks)
    say("\n" + (f"{problems} of {len(checks)} checks found a problem." if problems else "All is well."))
    return 1 if problems else 0


def _try_sandbox(_options: argparse.Namespace) -> int:
    """Start the sandbox of this machine, try to get out of it, and say what held."""
    from autograding.grader.worker import sandbox
    from autograding.grader.worker.sandbox.selftest import measure, promised

    kind = sandbox.kind()
    others = [(name, sandbox.why_not(name)) for name in sandbox.KINDS if name != kind]
    say(f"sandbox: {kind}\n")
    for name, reason in others:
        say(f"  {name}: {log_line(reason, 200) or 'works here too'}")
    found, wanted = measure(kind), promised(kind, os.getuid())
    states = {(True, True): "ok", (True, False): "FAILED", (False, True): "ok", (False, False): "no"}
    say("\n" + table((states[item.name in wanted, item.holds], item.name, item.detail) for item in found))
    failed = [item.name for item in found if item.name in wanted and not item.holds]
    say("\n" + (f"This sandbox does not hold: {', '.join(failed)}." if failed else SANDBOXES[kind]))
    return 1 if failed else 0


SANDBOXES = {
    "none": "Nothing is isolated here: graded code runs with limits alone, and the grade says so.",
    "bubblewrap": "What bubblewrap is to hold, it holds here.",
    "namespaces": "What the namespaces are to hold, they hold here.",
}


def _checks() -> Iterator[Check]:
    yield _system()
    yield _python()
    yield _uv()
    yield _package("numpy", "NumPy")
    yield _kernel()
    yield _git()
    try:
        repository = find_repository(Path.cwd())
        manifest = read_manifest(repository)
    except ClassroomError as error:
        yield Check("assignment", "problem", error.what, error.mend or "")
        return
    yield Check("assignment", "ok", f"{manifest.assignment} in {repository}")
    yield _identity(repository)
    yield _remote(repository)
    yield _notebook(repository, manifest)
    yield _protected(repository, manifest)
    yield _sandbox()


def _system() -> Check:
    name = f"{platform.system()} {platform.machine()}"
    if sys.platform == "win32":
        fix = "Grading needs Linux or macOS: work in Codespaces, or in WSL (wsl --install)."
        return Check("system", "problem", name, fix)
    return Check("system", "ok", name)


def _python() -> Check:
    detail = f"{platform.python_version()} in {sys.prefix}"
    if sys.version_info < OLDEST_PYTHON:
        return Check("Python", "problem", detail, "Run uv python install 3.12, delete .venv, then uv sync.")
    if sys.prefix == sys.base_prefix:
        fix = "Run tito through uv, which uses the environment of this repository: uv run tito system doctor"
        return Check("Python", "problem", f"{detail}, which is no virtual environment", fix)
    return Check("Python", "ok", detail)


def _uv() -> Check:
    place = shutil.which("uv")
    if place is None:
        fix = "Install it: https://docs.astral.sh/uv/getting-started/installation/"
        return Check("uv", "note", "not on your PATH", fix)
    return Check("uv", "ok", _output([place, "--version"]).removeprefix("uv ") or "installed")


def _package(module: str, name: str) -> Check:
    try:
        version = __import__(module).__version__
    except Exception as error:  # noqa: BLE001 - a broken installation can raise anything
        return Check(name, "problem", f"cannot be imported ({type(error).__name__}: {error})", _RESTORE)
    return Check(name, "ok", str(version))


_RESTORE = "Make the environment anew: delete the folder .venv, then run uv sync."


def _kernel() -> Check:
    try:
        from jupyter_client.kernelspec import KernelSpecManager

        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except Exception as error:  # noqa: BLE001 - a broken installation can raise anything
        return Check("notebook kernel", "problem", f"not found ({type(error).__name__}: {error})", _RESTORE)
    if shutil.which(program) is None:
        detail = f"starts {program}, which does not exist"
        return Check("notebook kernel", "problem", detail, _RESTORE)
    return Check("notebook kernel", "ok", "python3")


def _git() -> Check:
    if shutil.which("git") is None:
        return Check("git", "problem", "not on your PATH", "Install it: https://git-scm.com/downloads")
    return Check("git", "ok", _output(["git", "--version"]).removeprefix("git version "))


def _identity(repository: Path) -> Check:
    name, mail = (git_line(repository, "config", key) for key in ("user.name", "user.email"))
    if name and mail:
        return Check("git identity", "ok", f"{name} <{mail}>")
    fix = 'git config --global user.name "Your Name" && git config --global user.email you@example.org'
    return Check("git identity", "problem", "git does not know who you are and cannot commit", fix)


def _remote(repository: Path) -> Check:
    if not git_line(repository, "rev-parse", "--git-dir"):
        fix = "Clone the repository with git clone; a downloaded ZIP cannot be pushed."
        return Check("remote", "problem", "this folder is not a git repository", fix)
    url = git_line(repository, "remote", "get-url", "origin")
    if not url:
        fix = "git remote add origin ADDRESS, with the address of your repository on GitHub"
        return Check("remote", "problem", "there is no origin to push to", fix)
    return Check("remote", "ok", url)


def _notebook(repository: Path, manifest: Manifest) -> Check:
    try:
        cells = len(read_lesson_notebook(repository, manifest).cells)
    except ClassroomError as error:
        return Check("notebook", "problem", error.what, error.mend or "")
    return Check("notebook", "ok", f"{manifest.notebook}, {cells} cells")


def _protected(repository: Path, manifest: Manifest) -> Check:
    changed = [name for name, known in manifest.protected.items() if sha256_of(repository, name) != known]
    if not changed:
        return Check("protected files", "ok", f"all {len(manifest.protected)} as they came")
    names = ", ".join(changed[:MAX_FILES]) + (" …" if len(changed) > MAX_FILES else "")
    root = git_line(repository, "rev-list", "--max-parents=0", "HEAD").partition("\n")[0]
    paths = " ".join(sorted({name.partition("/")[0] for name in changed}))
    fix = f"git checkout {root[:12] or 'COMMIT'} -- {log_line(paths)}"
    return Check("protected files", "problem", f"changed or missing: {names}", fix)


def _sandbox() -> Check:
    from autograding.grader.worker import sandbox

    try:
        kind = sandbox.kind()
    except ClassroomError as error:
        return Check("sandbox", "problem", error.what, error.mend or "")
    if kind != "none":
        return Check("sandbox", "ok", f"{kind} (tito system sandbox tries it)")
    fix = "Nothing to mend; your own code runs here with limits on time and memory alone."
    if sys.platform == "linux":
        fix += " To isolate it as well: sudo apt install bubblewrap"
    return Check("sandbox", "note", "none on this machine", fix)


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
