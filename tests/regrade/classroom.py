"""A class of the small course: a course in a git repository, and students' repositories on a server."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from autograding.course import Assignment, Course, load_course
from autograding.regrade.files import Folder
from autograding.regrade.model import Chosen, Origin
from autograding.regrade.origin import origin_of
from autograding.rehearsal.students import notebook_with
from tests.assignments.conftest import SMALL_COURSE
from tests.regrade.repositories import NOTEBOOK, git, make_repository

SECRET = "the secret of the course"
ROSTER = """identifier,github_username,github_id,name
ann@example.org,Ann,1,Ann
bob@example.org,bob,2,Bob
cyd@example.org,cyd,3,Cyd
dan@example.org,dan,4,Dan
eve@example.org,eve,5,Eve
"""
EVERYTHING = ("spread", "label")


@dataclass(frozen=True)
class Classroom:
    """The course in `root` and students' repositories below `server`, one commit each but where said."""

    root: Path
    server: Path
    commits: dict[str, str]

    @property
    def course(self) -> Course:
        return load_course(self.root)

    @property
    def alpha(self) -> Assignment:
        return self.course.resolve("alpha")

    @property
    def origin(self) -> Origin:
        return origin_of(self.course, self.alpha, SECRET)

    def chosen(self, *logins: str) -> tuple[Chosen, ...]:
        return tuple(
            Chosen(
                student=f"{login.lower()}@example.org",
                login=login,
                repository=str(self.server / f"01-alpha-{login.lower()}"),
                commit=self.commits[login],
            )
            for login in logins
        )

    def write_list(self, path: Path, *logins: str) -> Path:
        rows = [f"{item.login},{item.repository},{item.commit}" for item in self.chosen(*logins)]
        path.write_text("\n".join(["student,repository,commit", *rows]) + "\n")
        return path


def make_classroom(folder: Path) -> Classroom:
    """Ann has done all, Bob half; Cyd has no repository, Dan lost a commit, Eve's is no notebook."""
    root, server = folder / "course", folder / "server" / "org"
    shutil.copytree(SMALL_COURSE, root)
    with (root / "classroom.yml").open("a") as settings:
        settings.write("roster: roster.csv\n")
    (root / "roster.csv").write_text(ROSTER)
    git(root, "init", "--quiet")
    git(root, "add", "--all", "--force")
    git(root, "commit", "--quiet", "--message", "Course")
    alpha = load_course(root).resolve("alpha")
    source = alpha.lesson.read_text()
    ann, bob = notebook_with(alpha, source, EVERYTHING), notebook_with(alpha, source, ["spread"])
    commits = {
        "Ann": make_repository(server / "01-alpha-ann", {NOTEBOOK: ann}),
        "bob": make_repository(server / "01-alpha-bob", {NOTEBOOK: bob}),
        "cyd": "c" * 40,
        "eve": make_repository(server / "01-alpha-eve", {NOTEBOOK: "<<<<<<< HEAD\n"}),
    }
    make_repository(server / "01-alpha-dan", {NOTEBOOK: ann})
    return Classroom(root, server, commits | {"dan": "d" * 40})


def copied(classroom: Classroom, folder: Path) -> Classroom:
    """The same class with a course that a test may change."""
    shutil.copytree(classroom.root, folder / "course", symlinks=True)
    return replace(classroom, root=folder / "course")


def names(folder: Folder) -> list[str]:
    """The files of a regrade that a person sees."""
    return sorted(path.name for path in folder.path.iterdir() if not path.name.startswith("."))
