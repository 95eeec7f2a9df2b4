"""Keep the gradebook on a branch of the instructor's private repository, between the runs of a workflow.

A branch and not an artifact: artifacts expire, and whoever may write to Actions
can delete them. A commit for each collection that changed something is a backup
of every night, and git refuses a push that would lose one: whoever starts from
an older gradebook, or from none, is turned away.
"""

from __future__ import annotations

import base64
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from autograding.gradebook.errors import GradebookError
from autograding.grader.git import run_git

SIGNATURE: Final = {
    f"GIT_{role}_{key}": text
    for role in ("AUTHOR", "COMMITTER")
    for key, text in {"NAME": "TinyTorch Classroom", "EMAIL": "classroom@tinytorch.invalid"}.items()
}
NO_REF: Final = 2
"""What `git ls-remote --exit-code` ends with where there is no such branch."""


class GradebookBranch:
    """A branch that holds the gradebook and what was exported from it. `token` may write to it."""

    def __init__(self, remote: str, branch: str, token: str = "") -> None:
        self.remote = remote
        self.branch = branch
        self._token = token

    def refuse_the_public(self) -> None:
        """Raise GradebookError where anybody can read the repository: a gradebook is personal data."""
        with tempfile.TemporaryDirectory() as name:
            seen = run_git(Path(name), ["ls-remote", "--quiet", self.remote], settings=_settings(""))
        if seen.returncode == 0 and self.remote.startswith("https:"):
            raise GradebookError(
                "everybody can read this repository, and the gradebook would be public with it",
                where=self.remote,
                mend="make the repository private, or collect on your own machine",
            )

    def fetch(self, folder: Path) -> bool:
        """Bring the files of the branch into `folder`; False where there is no branch yet.

        Raises GradebookError.
        """
        found = self._git(folder, ["ls-remote", "--exit-code", self.remote, self._ref], allowed=(0, NO_REF))
        if found.returncode == NO_REF:
            return False
        with tempfile.TemporaryDirectory() as name:
            store = Path(name)
            commit = self._fetch_into(store)
            for line in self._git(store, ["ls-tree", "-z", "--name-only", commit]).stdout.split(b"\0"):
                if line:
                    data = self._git(store, ["cat-file", "blob", f"{commit}:{line.decode()}"]).stdout
                    target = folder / Path(line.decode()).name
                    target.touch(mode=0o600)
                    target.write_bytes(data)
        return True

    def push(self, files: Sequence[Path], message: str) -> bool:
        """Make these files the newest commit of the branch; False where it holds them already.

        Raises GradebookError, also where the branch has moved since it was fetched: then
        nothing is overwritten.
        """
        listing = ["ls-remote", "--exit-code", self.remote, self._ref]
        with tempfile.TemporaryDirectory() as name:
            store = Path(name)
            exists = self._git(store, listing, allowed=(0, NO_REF)).returncode == 0
            self._git(store, ["init", "--quiet", "--bare", "--template=", "."])
            parent = self._fetch_into(store) if exists else None
            lines = [f"100644 blob {self._hash(store, file)}\t{file.name}\n" for file in sorted(files)]
            tree = self._line(store, ["mktree"], "".join(lines).encode())
            if parent is not None and tree == self._line(store, ["rev-parse", f"{parent}^{{tree}}"]):
                return False
            ancestry = ["-p", parent] if parent else []
            commit = self._line(store, ["commit-tree", tree, *ancestry, "-m", message])
            self._git(store, ["push", "--quiet", self.remote, f"{commit}:{self._ref}"])
        return True

    @property
    def _ref(self) -> str:
        return f"refs/heads/{self.branch}"

    def _hash(self, store: Path, file: Path) -> str:
        return self._line(store, ["hash-object", "-w", "--no-filters", str(file.absolute())])

    def _fetch_into(self, store: Path) -> str:
        if not (store / "HEAD").exists():
            self._git(store, ["init", "--quiet", "--bare", "--template=", "."])
        self._git(store, ["fetch", "--quiet", "--depth", "1", self.remote, self._ref])
        return self._line(store, ["rev-parse", "FETCH_HEAD^{commit}"])

    def _line(self, folder: Path, arguments: Sequence[str], stdin: bytes = b"") -> str:
        return self._git(folder, arguments, stdin).stdout.decode().strip()

    def _git(
        self, folder: Path, arguments: Sequence[str], stdin: bytes = b"", allowed: Sequence[int] = (0,)
    ) -> subprocess.CompletedProcess[bytes]:
        try:
            done = run_git(folder, arguments, stdin=stdin, extra=SIGNATURE, settings=_settings(self._token))
        except (OSError, subprocess.TimeoutExpired) as error:
            raise GradebookError(f"git {arguments[0]} did not come to its end", where=self.branch) from error
        if done.returncode not in allowed:
            said = done.stderr.decode("utf-8", errors="replace").strip()
            raise GradebookError(
                f"git {arguments[0]} failed: {said}",
                where=f"branch {self.branch}",
                mend="nothing was overwritten; run the workflow again",
            )
        return done


def _settings(token: str) -> dict[str, str]:
    """What git needs to reach a remote: the ways, and the token for GitHub alone."""
    settings = {
        "protocol.https.allow": "always",
        "protocol.file.allow": "always",
        # Git shows a header to the very server only, but would follow it elsewhere.
        "http.followRedirects": "false",
    }
    if token:
        secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        settings["http.https://github.com/.extraHeader"] = f"Authorization: Basic {secret}"
    return settings
