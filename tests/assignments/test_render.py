"""What a render makes, and what it leaves alone."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograding.assignments.confidential import secrets_of
from autograding.assignments.contents import VENDORED
from autograding.assignments.leaks import LeakError
from autograding.assignments.release import StillOpenError
from autograding.assignments.render import DestinationError
from autograding.assignments.sources import GRADER
from autograding.assignments.template import TemplateError
from autograding.grader.errors import ClassroomError, LessonError
from autograding.grader.manifest import read_manifest
from tests.assignments.conftest import PROJECT, Workshop

IN_MARCH = datetime(2027, 3, 1, tzinfo=UTC)
RENDER_BOTH = """
import os, sys, time
from pathlib import Path
from autograding.assignments.render import render_assignment
from autograding.course import load_course
os.umask(int(sys.argv[3], 8))
course = load_course(Path(sys.argv[1]))
for assignment in course.assignments:
    rendered = render_assignment(course, assignment, Path(sys.argv[2]) / assignment.slug, reveal_open=True)
    print(rendered.commit)
"""


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def test_the_repository_holds_exactly_what_a_student_needs(workshop: Workshop) -> None:
    path = workshop.render().path
    grader = {name for name in files_in(path) if name.startswith(VENDORED)}
    assert set(files_in(path)) - grader == {
        ".gitattributes",
        ".github/workflows/autograde.yml",
        ".gitignore",
        "README.md",
        "alpha.ipynb",
        "assignment.json",
        "pyproject.toml",
        "tests/checkpoint.ipynb",
        "tests/test_alpha.py",
        "tinytorch/__init__.py",
        "tinytorch/_lazy.py",
        "tinytorch/core/__init__.py",
    }


def test_the_whole_grader_is_vendored_without_caches(workshop: Workshop) -> None:
    path = workshop.render().path
    vendored = {name.removeprefix(f"{VENDORED}/") for name in files_in(path) if name.startswith(VENDORED)}
    expected = {file.relative_to(GRADER).as_posix() for file in GRADER.rglob("*.py")}
    assert expected <= vendored
    assert not [name for name in vendored if "__pycache__" in name]


def test_a_template_is_rendered_and_other_files_are_copied_byte_for_byte(workshop: Workshop) -> None:
    workshop.write("template/notes.txt", "{{ assignment.title }}\n")
    path = workshop.render().path
    assert (path / "notes.txt").read_text() == "{{ assignment.title }}\n"
    assert (path / "README.md").read_text() == (
        "# Alpha\n\nThe smallest lesson there can be. It gives 100 points "
        "and is due Friday 12 February 2027, 23:59 (Europe/Zurich).\n"
    )


def test_the_history_is_one_commit_by_the_course_at_a_fixed_time(workshop: Workshop) -> None:
    path = workshop.render().path
    log = git(path, "log", "--all", "--format=%an|%cn|%ad|%cd|%s", "--date=iso")
    assert log == (
        "TinyTorch Classroom|TinyTorch Classroom|2026-01-01 00:00:00 +0000|2026-01-01 00:00:00 +0000"
        "|Start of 01-alpha: Alpha\n"
    )
    assert git(path, "branch", "--show-current") == "main\n"
    assert git(path, "status", "--porcelain", "--ignored") == ""


def test_the_object_store_holds_nothing_but_the_commit(workshop: Workshop) -> None:
    path = workshop.render().path
    check = subprocess.run(["git", "fsck", "--strict", "--full"], cwd=path, capture_output=True, text=True)
    assert (check.returncode, check.stdout) == (0, "")


def test_no_hook_template_or_reflog_of_the_machine_gets_in(workshop: Workshop) -> None:
    path = workshop.render().path
    assert not (path / ".git" / "hooks").exists()
    assert not (path / ".git" / "logs").exists()


def test_two_machines_make_the_same_commits(workshop: Workshop, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[user]\nname = Somebody\nemail = s@example.org\n[core]\nautocrlf = true\nfileMode = false\n"
        "[commit]\ngpgSign = true\n[init]\ndefaultBranch = trunk\n"
    )
    elsewhere = tmp_path / "another" / "much longer" / "folder"
    shutil.copytree(workshop.root, elsewhere)
    here = {"TZ": "UTC", "LC_ALL": "C"}
    there = {
        "TZ": "Pacific/Auckland",
        "HOME": str(home),
        "GIT_AUTHOR_DATE": "2001-01-01T00:00:00",
        "GIT_DIR": "/nowhere",
    }
    one = _render_elsewhere(workshop.root, tmp_path / "out one", "022", here)
    two = _render_elsewhere(elsewhere, tmp_path / "two", "077", there)
    assert len(one.split()) == 2
    assert one == two


def _render_elsewhere(root: Path, output: Path, umask: str, env: dict[str, str]) -> str:
    command = [sys.executable, "-c", RENDER_BOTH, str(root), str(output), umask]
    return subprocess.run(
        command, env=os.environ | env, capture_output=True, text=True, check=True, cwd=PROJECT
    ).stdout


def test_file_modes_do_not_depend_on_the_umask(workshop: Workshop) -> None:
    workshop.write("template/start", "#!/bin/sh\nexit 0\n")
    old = os.umask(0o077)
    try:
        path = workshop.render().path
    finally:
        os.umask(old)
    assert (path / "start").stat().st_mode & 0o777 == 0o755
    assert (path / "README.md").stat().st_mode & 0o777 == 0o644
    assert (path / "tests").stat().st_mode & 0o777 == 0o755
    assert git(path, "ls-files", "--stage", "start").startswith("100755")


def test_the_manifest_expects_every_parametrized_test_with_its_exercise(workshop: Workshop) -> None:
    manifest = workshop.render().manifest
    assert [(test.id, test.exercise, test.weight) for test in manifest.tests] == [
        ("tests/test_alpha.py::test_spread_of_a_few_numbers[values0-3.0]", "01.spread", 1.0),
        ("tests/test_alpha.py::test_spread_of_a_few_numbers[values1-3.0]", "01.spread", 1.0),
        ("tests/test_alpha.py::test_label_of_zero", "01.label", 1.0),
        ("tests/test_alpha.py::test_label_of_others", "01.label", 2.0),
    ]
    assert manifest.tests[2].hint == "zero is neither"


def test_the_manifest_describes_the_assignment(workshop: Workshop) -> None:
    rendered = workshop.render()
    manifest = read_manifest(rendered.path)
    assert manifest == rendered.manifest
    assert manifest.max_score == 70
    assert manifest.checkpoint == "tests/checkpoint.ipynb"
    assert manifest.due == "2027-02-12T23:59:00+01:00"
    assert manifest.parameters == {"QUICK": True}
    assert [cell.id for cell in manifest.cells] == [
        "imports",
        "parameters",
        "spread",
        "spread-check",
        "label",
        "q1",
        "q2",
    ]


def test_the_manifest_has_the_hash_of_every_protected_file_and_not_its_own(workshop: Workshop) -> None:
    rendered = workshop.render()
    protected = rendered.manifest.protected
    files = files_in(rendered.path)
    expected = {
        name for name in files if name.split("/")[0] in {".github", "tests", "autograding", "pyproject.toml"}
    }
    assert set(protected) == expected
    assert protected["tests/test_alpha.py"] == hashlib.sha256(files["tests/test_alpha.py"]).hexdigest()


def test_the_manifest_has_the_git_ids_of_protected_folders(workshop: Workshop) -> None:
    rendered = workshop.render()
    assert rendered.manifest.trees == {
        name: git(rendered.path, "rev-parse", f"HEAD:{name}").strip()
        for name in (".github", "autograding", "pyproject.toml", "tests")
    }


def test_the_reference_of_closed_prerequisites_is_shipped(workshop: Workshop) -> None:
    rendered = workshop.render("beta", now=IN_MARCH)
    assert "numbers.max() - numbers.min()" in (rendered.path / "tinytorch/core/alpha.py").read_text()
    assert not (rendered.path / "tinytorch/core/beta.py").exists()
    assert set(rendered.manifest.shipped) == {
        "tinytorch/__init__.py",
        "tinytorch/_lazy.py",
        "tinytorch/core/__init__.py",
        "tinytorch/core/alpha.py",
    }
    assert rendered.manifest.prerequisites == ("01_alpha",)


def test_with_own_prerequisites_no_reference_is_shipped(workshop: Workshop) -> None:
    workshop.edit("classroom.yml", "assignments:\n", "prerequisites: own\nassignments:\n")
    rendered = workshop.render("beta", now=datetime(2027, 2, 1, tzinfo=UTC))
    assert not (rendered.path / "tinytorch/core/alpha.py").exists()


def test_a_module_that_would_reveal_an_open_one_is_refused(workshop: Workshop) -> None:
    with pytest.raises(StillOpenError) as caught:
        workshop.render("beta", now=datetime(2027, 2, 12, 22, 58, tzinfo=UTC))
    assert "would reveal the solution of 01_alpha (open until 2027-02-12 23:59 UTC+01:00)" in str(
        caught.value
    )
    assert "--reveal-open" in str(caught.value)
    assert not workshop.output.exists()


def test_a_prerequisite_closes_at_its_due_date(workshop: Workshop) -> None:
    assert workshop.render("beta", now=datetime(2027, 2, 12, 22, 59, tzinfo=UTC)).fresh


def test_a_prerequisite_stays_open_for_the_minutes_of_grace(workshop: Workshop) -> None:
    workshop.write(
        "classroom.yml", (workshop.root / "classroom.yml").read_text() + "late: {grace_minutes: 90}\n"
    )
    with pytest.raises(StillOpenError):
        workshop.render("beta", now=datetime(2027, 2, 13, 0, 28, tzinfo=UTC))
    assert workshop.render("beta", now=datetime(2027, 2, 13, 0, 30, tzinfo=UTC)).fresh


def test_an_open_prerequisite_can_be_revealed_on_purpose(workshop: Workshop) -> None:
    rendered = workshop.render("beta", now=datetime(2027, 2, 1, tzinfo=UTC), reveal_open=True)
    assert (rendered.path / "tinytorch/core/alpha.py").exists()


def test_an_undefined_name_in_a_template_is_reported_with_file_and_line(workshop: Workshop) -> None:
    workshop.write("template/help.md.j2", "# Help\n\nAsk {{ teacher }} for it.\n")
    with pytest.raises(TemplateError) as caught:
        workshop.render()
    assert caught.value.where == f"{workshop.root}/template/help.md.j2:3"
    assert "'teacher' is undefined" in caught.value.what


def test_an_undefined_attribute_in_a_template_is_reported_with_file_and_line(workshop: Workshop) -> None:
    workshop.write("template/help.md.j2", "{% if true %}\n{{ assignment.teacher }}\n{% endif %}\n")
    with pytest.raises(TemplateError) as caught:
        workshop.render()
    assert caught.value.where == f"{workshop.root}/template/help.md.j2:2"


def test_a_template_with_a_syntax_error_is_reported_with_file_and_line(workshop: Workshop) -> None:
    workshop.write("template/help.md.j2", "one\n{% if %}\n")
    with pytest.raises(TemplateError) as caught:
        workshop.render()
    assert caught.value.where == f"{workshop.root}/template/help.md.j2:2"


def test_a_file_that_the_renderer_makes_cannot_be_in_the_template(workshop: Workshop) -> None:
    workshop.write("template/alpha.ipynb", "{}")
    with pytest.raises(TemplateError, match=r"alpha\.ipynb is made by the renderer"):
        workshop.render()


def test_a_file_that_git_would_ignore_is_refused(workshop: Workshop) -> None:
    workshop.write("template/.gitattributes", "*.txt text eol=crlf\n")
    workshop.write("template/notes.txt", "one\r\ntwo\n")
    with pytest.raises(
        ClassroomError, match=r"git would change or ignore files of the repository: notes\.txt"
    ):
        workshop.render()


def test_a_test_of_an_undeclared_exercise_is_refused_with_its_line(workshop: Workshop) -> None:
    workshop.edit("modules/01_alpha/tests/test_alpha.py", '"label", hint="zero', '"lable", hint="zero')
    with pytest.raises(LessonError) as caught:
        workshop.render()
    assert caught.value.where == f"{workshop.root}/modules/01_alpha/tests/test_alpha.py:15"
    assert "scores 01.lable, which is no exercise" in caught.value.what
    assert "01.label" in str(caught.value.mend)


def test_a_test_without_the_decorator_is_refused_with_its_line(workshop: Workshop) -> None:
    workshop.edit("modules/01_alpha/tests/test_alpha.py", '@exercise("label", hint="zero is neither")\n', "")
    with pytest.raises(LessonError) as caught:
        workshop.render()
    assert caught.value.where == f"{workshop.root}/modules/01_alpha/tests/test_alpha.py:14"
    assert "@exercise" in str(caught.value.mend)


def test_an_exercise_without_a_visible_test_is_refused_with_its_line(workshop: Workshop) -> None:
    path = "modules/01_alpha/tests/test_alpha.py"
    text = (workshop.root / path).read_text()
    workshop.write(path, text[: text.index('@exercise("label"')])
    with pytest.raises(LessonError) as caught:
        workshop.render()
    assert caught.value.where == f"{workshop.root}/modules/01_alpha/module.yml:10"
    assert "the exercise label has no visible test" in caught.value.what


def test_a_test_file_that_does_not_import_is_refused_with_its_reason(workshop: Workshop) -> None:
    workshop.write("modules/01_alpha/tests/test_more.py", "import nonexistent_package\n")
    with pytest.raises(LessonError, match="nonexistent_package"):
        workshop.render()


def test_a_file_that_is_no_test_is_refused_in_a_tests_folder(workshop: Workshop) -> None:
    workshop.write("modules/01_alpha/tests/helpers.py", "")
    with pytest.raises(LessonError, match="not a file that a module's tests may have"):
        workshop.render()


def test_an_unchanged_course_is_not_rendered_again(workshop: Workshop) -> None:
    first = workshop.render()
    again = workshop.render()
    assert (first.fresh, again.fresh) == (True, False)
    assert again.commit == first.commit
    assert again.manifest == first.manifest


def test_a_changed_lesson_is_rendered_again(workshop: Workshop) -> None:
    first = workshop.render()
    workshop.edit("modules/01_alpha/alpha.py", "How far apart are", "How far from each other are")
    again = workshop.render()
    assert again.fresh
    assert again.commit != first.commit
    assert git(again.path, "rev-list", "--all", "--count") == "1\n"


def test_litter_in_a_rendered_repository_is_gone_after_the_next_render(workshop: Workshop) -> None:
    path = workshop.render().path
    (path / "__pycache__").mkdir()
    (path / "__pycache__" / "alpha.pyc").write_bytes(b"\0")
    assert workshop.render().fresh
    assert not (path / "__pycache__").exists()


def test_a_failed_render_leaves_the_old_repository_as_it_was(workshop: Workshop) -> None:
    path = workshop.render().path
    before = files_in(path), git(path, "rev-parse", "HEAD")
    workshop.write("template/help.md", "return float(numbers.max() - numbers.min())\n")
    with pytest.raises(LeakError):
        workshop.render()
    assert (files_in(path), git(path, "rev-parse", "HEAD")) == before
    assert [item.name for item in workshop.output.iterdir()] == ["01-alpha"]


def test_a_failed_render_leaves_nothing_where_nothing_was(workshop: Workshop) -> None:
    workshop.write("template/help.md.j2", "{{ teacher }}")
    with pytest.raises(TemplateError):
        workshop.render()
    assert list(workshop.output.iterdir()) == []


def test_a_folder_of_somebody_else_is_not_replaced(workshop: Workshop) -> None:
    theirs = workshop.output / "01-alpha" / "thesis.tex"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("chapter one")
    with pytest.raises(DestinationError, match="not a rendered repository"):
        workshop.render()
    assert theirs.read_text() == "chapter one"


def test_a_repository_with_commits_of_its_own_is_not_replaced(workshop: Workshop) -> None:
    path = workshop.render().path
    git(path, "-c", "user.name=S", "-c", "user.email=s@example.org", "commit", "--allow-empty", "-m", "mine")
    workshop.edit("modules/01_alpha/alpha.py", "How far apart are", "How far from each other are")
    with pytest.raises(DestinationError, match="has commits of its own"):
        workshop.render()


def test_a_repository_with_changed_files_is_not_replaced(workshop: Workshop) -> None:
    path = workshop.render().path
    (path / "alpha.ipynb").write_text("{}")
    with pytest.raises(DestinationError, match=r"files were changed here \(alpha\.ipynb\)"):
        workshop.render()
    assert (path / "alpha.ipynb").read_text() == "{}"


def test_an_empty_folder_may_be_filled(workshop: Workshop) -> None:
    (workshop.output / "01-alpha").mkdir(parents=True)
    assert workshop.render().fresh


def test_a_draft_of_another_module_does_not_stop_a_render(workshop: Workshop) -> None:
    workshop.write("modules/02_beta/beta.py", "# %% [markdown\n### BEGIN SOLUTION\ndef (")
    workshop.write("modules/02_beta/rubric.yml", "questions: [")
    workshop.write("modules/02_beta/bugs/no_magnitude.yml", "edits: {")
    assert workshop.render().fresh


def test_the_secrets_of_a_module_of_another_term_are_guarded_too(workshop: Workshop) -> None:
    shutil.copytree(workshop.root / "modules/02_beta", workshop.root / "modules/09_old")
    workshop.edit("modules/09_old/beta.py", "abs(value) for value", "abs(number) for number")
    course = workshop.course
    others = secrets_of(course, course.resolve("alpha"), ()).of_others
    sources = {secret.source.split(":")[0] for secret in others}
    assert "modules/09_old/beta.py" in sources


def test_a_rendered_notebook_has_no_outputs(workshop: Workshop) -> None:
    notebook = json.loads((workshop.render().path / "alpha.ipynb").read_text())
    assert all(cell["outputs"] == [] for cell in notebook["cells"] if cell["cell_type"] == "code")
