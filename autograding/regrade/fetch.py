"""Fetch one commit of a student's repository, by its id, and take only what is graded.

Into a bare repository goes the commit with its trees, without files, and then the
few files that count. Nothing is checked out, so filters, hooks, submodules, LFS
and attributes of the student have nothing to act on. Time and size are bounded.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from autograding.assignments.final import Submission, read_submission, submission_paths
from autograding.assignments.git import GitError, Repository
from autograding.course import Assignment, Course
from autograding.grader.errors import ClassroomError, ConfigurationError
from autograding.grader.git import isolated_environment
from autograding.grader.report.text import one_line

GITHUB = "https://github.com"
MEMORY_MIB = 2048
ATTEMPTS = 3

_SHORT = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_LOCAL = ("localhost", "127.0.0.1", "::1")
_FETCH = (
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-recurse-submodules",
    "--no-auto-maintenance",
    "--filter=blob:none",
)
# What git says (with LC_ALL=C), and what it means. The first that fits counts.
_REASONS = (
    (r"died of signal 25|File too large|file size limit", "it brought more data than one submission may"),
    (r"not our ref|no such remote ref|couldn't find remote ref", "the repository has no such commit"),
    (
        r"could not read Username|Authentication failed|[Rr]epository not found|does not appear to be a git|"
        r"returned error: (401|403|404)|repository '.*' not found",
        "there is no such repository, or the token may not read it",
    ),
    (
        r"unable to update url base from redirection|returned error: 30\d",
        "the repository was renamed or moved",
    ),
    (r"transport '.*' not allowed", "this kind of address is not allowed"),
)
_TRANSIENT = re.compile(
    r"returned error: (429|5\d\d)|Could not resolve|timed out|Connection (reset|refused)|early EOF|"
    r"hung up|Failed to connect|RPC failed|unexpected disconnect",
    re.IGNORECASE,
)


class FetchError(ClassroomError):
    """A commit could not be fetched."""


@dataclass(frozen=True)
class Access:
    """The server where repositories stand, and the token that it alone is shown.

    A fetch may take `seconds` and bring `pack_mib`, compressed (only a server that
    knows no filters sends all files). `first_wait` is the pause, in seconds, before
    a server that stumbled is asked again; the second is twice as long.
    """

    server: str = GITHUB
    token: str = ""
    seconds: float = 120.0
    pack_mib: int = 256
    first_wait: float = 2.0


@dataclass(frozen=True)
class Address:
    """Where git fetches from, and the one protocol it may use."""

    url: str
    protocol: str


def address_of(repository: str, server: str = GITHUB) -> Address:
    """Read `org/name`, `https://…` or a path (`/…`, `./…`, `../…`). Raises ValueError, which says how."""
    if _SHORT.fullmatch(repository) and not repository.startswith("."):
        return address_of(f"{server.rstrip('/')}/{repository}")
    if repository.startswith(("/", "./", "../")):
        folder = Path(repository).resolve()
        if not folder.is_dir():
            raise ValueError(f"there is no folder {one_line(repository, 200)}")
        return Address(folder.as_uri(), "file")
    parts = _split(repository)
    if parts is None or not re.fullmatch(r"/[A-Za-z0-9_.~/-]+", parts.path) or "/../" in f"{parts.path}/":
        raise ValueError(
            "expected a repository such as org/01-tensor-ada, an address with https:// and no password, "
            f"or a folder such as ./clones/ada; got {one_line(repository, 100)}"
        )
    return Address(repository, parts.scheme)


def _split(text: str) -> _Parts | None:
    """The parts of an address that holds no name, password, query or fragment."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    plain = re.fullmatch(r"[!-~]+", text) and not (parts.query or parts.fragment or "@" in parts.netloc)
    allowed = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    return _Parts(parts.scheme, parts.path) if plain and allowed and parts.hostname and port != 0 else None


@dataclass(frozen=True)
class _Parts:
    scheme: str
    path: str


def check_server(server: str) -> str:
    """The address of a server, without the slash at its end. Raises ConfigurationError."""
    if _split(server.rstrip("/")) is None:
        raise ConfigurationError(
            f"not the address of a server: {one_line(server, 100)}",
            where="--server",
            mend=f"give an address such as {GITHUB}",
        )
    return server.rstrip("/")


def fetch_submission(
    course: Course, assignment: Assignment, repository: str, commit: str, access: Access
) -> Submission:
    """Fetch what counts of a commit. Raises FetchError and other ClassroomErrors."""
    try:
        address = address_of(repository, access.server)
    except ValueError as error:
        raise FetchError(str(error), where=repository) from error
    with tempfile.TemporaryDirectory(prefix="fetch-") as name:
        store = Repository.create_bare(Path(name))
        settings = _settings(address, access)
        _fetch(store, [*_FETCH, "--depth=1", "origin", commit], settings, access, repository)
        if _kind(store, commit) != "commit":
            raise FetchError(f"{commit} is not a commit", where=repository)
        entries = (store.entries(commit, path).get(path) for path in submission_paths(course, assignment))
        blobs = [entry.id for entry in entries if entry is not None and entry.kind == "blob"]
        if blobs:
            _fetch(store, [*_FETCH, "origin", *dict.fromkeys(blobs)], settings, access, repository)
        return read_submission(course, assignment, store, commit)


def _kind(store: Repository, id: str) -> str:
    try:
        return store.run("cat-file", "-t", id).decode().strip()
    except GitError:
        return "missing"


def _settings(address: Address, access: Access) -> dict[str, str]:
    settings = {
        "remote.origin.url": address.url,
        f"protocol.{address.protocol}.allow": "always",
        "protocol.version": "2",
        # Git shows a header to the very server only, but would follow it elsewhere.
        "http.followRedirects": "false",
        "credential.helper": "",
        # Larger files are streamed to the disk and never held in memory.
        "core.bigFileThreshold": "8m",
        "transfer.credentialsInUrl": "die",
    }
    if address.protocol == "http":
        # A server on this machine is not reached through a proxy.
        settings["http.proxy"] = ""
    if access.token:
        login = base64.b64encode(f"x-access-token:{access.token}".encode()).decode()
        settings[f"http.{access.server}/.extraHeader"] = f"Authorization: Basic {login}"
    return settings


def _fetch(
    store: Repository, arguments: list[str], settings: dict[str, str], access: Access, repository: str
) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            said = _fetch_once(store, arguments, settings, access)
        except subprocess.TimeoutExpired as error:
            raise FetchError(
                f"the fetch took more than {access.seconds:g} seconds", where=repository
            ) from error
        if not said:
            return
        if attempt == ATTEMPTS or not _TRANSIENT.search(said):
            raise FetchError(reason(said), where=repository)
        time.sleep(access.first_wait * 2 ** (attempt - 1))


def _fetch_once(store: Repository, arguments: list[str], settings: dict[str, str], access: Access) -> str:
    """Run git once; what it said where it failed, else nothing. Raises TimeoutExpired."""
    limits = f'ulimit -f {access.pack_mib * 2048}; ulimit -v {MEMORY_MIB * 1024} 2>/dev/null; exec "$@"'
    command = ["/bin/sh", "-c", limits, "sh", "git", f"--git-dir={store.git_dir}", *arguments]
    # Without an empty GIT_ASKPASS git would ask the desktop for a password.
    extra = {"GIT_CEILING_DIRECTORIES": str(store.folder.parent), "GIT_ASKPASS": ""}
    with subprocess.Popen(
        command,
        cwd=store.folder,
        env=isolated_environment(extra, settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            said = process.communicate(timeout=access.seconds)[1].decode("utf-8", "replace")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return "" if process.returncode == 0 else said or f"exit status {process.returncode}"


def reason(said: str) -> str:
    """What git said, in words for a person; what is not known is quoted, made harmless."""
    for pattern, meaning in _REASONS:
        if re.search(pattern, said):
            return meaning
    lines = [line for line in said.splitlines() if line.startswith(("fatal:", "error:"))] or said.splitlines()
    return "git could not fetch it: " + one_line(lines[0] if lines else "it did not say why", 300)
