"""Run git, cut off from the configuration of the machine and of the person who runs it.

Every call names its repository, so a folder inside another repository (such as
`build/` in this one) is never mistaken for it. Files reach the object store
without filters and with modes that depend on their content alone: the same files
give the same commit under any umask, attribute or line-ending setting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograding.grader.errors import ClassroomError
from autograding.grader.git import run_git

AUTHOR = "TinyTorch Classroom"
EMAIL = "classroom@tinytorch.invalid"
# The date of every root commit. A real date would make each render another commit.
DATE = "1767225600 +0000"

_SIGNATURE = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", AUTHOR), ("EMAIL", EMAIL), ("DATE", DATE))
}


class GitError(ClassroomError):
    """git refused what was asked of it."""


@dataclass(frozen=True)
class GitObject:
    """One object of a repository's store."""

    id: str
    kind: str
    data: bytes


@dataclass(frozen=True)
class Entry:
    """One name in a tree: its mode (`100644`, `120000`, …), kind and object id."""

    mode: str
    kind: str
    id: str


@dataclass(frozen=True)
class Repository:
    """A git repository with its working tree in `folder`, or a `bare` one, which has none."""

    folder: Path
    bare: bool = False

    @classmethod
    def create(cls, folder: Path, branch: str) -> Repository:
        """Make an empty repository: no template, no hooks, nothing of the machine's."""
        options = ["init", "--quiet", "--template=", "--object-format=sha1", f"--initial-branch={branch}"]
        _run([*options, "--", str(folder)], folder)
        return cls(folder)

    @classmethod
    def create_bare(cls, folder: Path) -> Repository:
        """Make an empty repository that never has files, only objects."""
        _run(["init", "--quiet", "--bare", "--template=", "--object-format=sha1", "--", str(folder)], folder)
        return cls(folder, bare=True)

    @property
    def git_dir(self) -> Path:
        return self.folder.absolute() if self.bare else self.folder.absolute() / ".git"

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run git here and return what it printed. Raises GitError."""
        work_tree = [] if self.bare else [f"--work-tree={self.folder.absolute()}"]
        place = [f"--git-dir={self.git_dir}", *work_tree, "--literal-pathspecs"]
        return _run([*place, *arguments], self.folder, stdin)

    def head(self) -> str | None:
        """The commit that HEAD names; None when there is none yet."""
        try:
            return self.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
        except GitError:
            return None

    def commits(self) -> list[str]:
        """Every commit that some reference reaches."""
        return self.run("rev-list", "--all").decode().split()

    def author(self, commit: str) -> str:
        """`Name <address>` of a commit. Read from the object: `git log` may run a program to verify it."""
        header = self.run("cat-file", "commit", commit).decode("utf-8", "replace").partition("\n\n")[0]
        line = next(line for line in header.split("\n") if line.startswith("author "))
        return line.removeprefix("author ").rsplit(" ", 2)[0]

    def changes(self, *, ignored: bool = False) -> list[str]:
        """Paths of the working tree that differ from HEAD; with `ignored`, untracked ones too."""
        others = ["--untracked-files=all", "--ignored"] if ignored else ["--untracked-files=no"]
        lines = self.run("status", "--porcelain", "-z", *others).decode("utf-8", "replace").split("\0")
        return [line[3:] for line in lines if line]

    def stage(self, files: Mapping[str, bytes]) -> str:
        """Put these files of the working tree into the index; returns the tree's id."""
        paths = sorted(files)
        listing = "".join(f"{path}\n" for path in paths).encode()
        ids = self.run("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=listing).decode().split()
        lines = [f"{git_mode(files[path])} {id}\t{path}\0" for path, id in zip(paths, ids, strict=True)]
        self.run("update-index", "-z", "--add", "--index-info", stdin="".join(lines).encode())
        return self.run("write-tree").decode().strip()

    def commit_root(self, tree: str, branch: str, message: str) -> str:
        """Make `tree` the only commit of `branch`, by a fixed author at a fixed time."""
        commit = self.run("commit-tree", tree, "-F", "-", stdin=message.encode()).decode().strip()
        self.run("update-ref", f"refs/heads/{branch}", commit)
        self.run("update-index", "-q", "--refresh")
        # The tree that was made for its entries' ids, before the manifest was there.
        self.run("prune", "--expire=now")
        return commit

    def entries(self, tree: str, path: str = "") -> dict[str, Entry]:
        """The entries of a tree (or of the one path in it)."""
        output = self.run("ls-tree", "-z", "--full-tree", tree, *([path] if path else []))
        return dict(_parse_entries(output))

    def blob(self, id: str) -> bytes:
        """The content of a blob as it was committed: no filters, no line-ending changes."""
        return self.run("cat-file", "blob", id)

    def size(self, id: str) -> int:
        return int(self.run("cat-file", "-s", id))

    def objects(self) -> Iterator[GitObject]:
        """Every object of the store: loose or packed, reachable or forgotten."""
        output = self.run("cat-file", "--batch-all-objects", "--batch", "--unordered")
        position = 0
        while position < len(output):
            end = output.index(b"\n", position)
            id, kind, size = output[position:end].decode().split()
            start = end + 1
            position = start + int(size) + 1
            yield GitObject(id, kind, output[start : position - 1])


def git_mode(data: bytes) -> str:
    """A script (it starts with `#!`) is executable, whatever the file system says; nothing else is."""
    return "100755" if data.startswith(b"#!") else "100644"


def _parse_entries(output: bytes) -> Iterable[tuple[str, Entry]]:
    for line in output.decode("utf-8", "surrogateescape").split("\0"):
        if line:
            description, path = line.split("\t", 1)
            yield path, Entry(*description.split())


def _run(arguments: list[str], folder: Path, stdin: bytes = b"") -> bytes:
    try:
        result = run_git(folder, arguments, stdin=stdin, extra=_SIGNATURE)
    except FileNotFoundError as error:
        raise GitError("git is not installed", mend="install git 2.30 or newer") from error
    if result.returncode != 0:
        said = result.stderr.decode("utf-8", "replace").strip() or f"exit status {result.returncode}"
        command = next((item for item in arguments if not item.startswith("-")), "")
        raise GitError(f"git {command} failed: {said}", where=str(folder))
    return result.stdout
