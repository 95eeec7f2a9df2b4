"""`scripts/export_reference.py` and the package it writes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def course(tmp_path):
    """A copy of this course."""
    shutil.copytree(ROOT / "modules", tmp_path / "modules")
    shutil.copytree(ROOT / "milestones", tmp_path / "milestones")
    shutil.copytree(ROOT / "tinytorch", tmp_path / "tinytorch")
    for path in ROOT.glob("*.*"):
        if path.suffix in (".yml", ".csv"):
            shutil.copy(path, tmp_path)
    return tmp_path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "export_reference.py"), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_tinytorch_is_what_the_lessons_export_to():
    done = run("--check")
    assert (done.stdout, done.returncode) == ("tinytorch/ is what the lessons export to\n", 0)


def test_the_reference_package_is_formatted_and_free_of_lint():
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "tinytorch"], cwd=ROOT, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout.decode()


def test_a_file_edited_by_hand_is_named_and_left_alone_by_check(course):
    tensor = course / "tinytorch" / "core" / "tensor.py"
    tensor.write_text("edited", encoding="utf-8")
    done = run("--check", "--root", str(course))
    assert (done.stdout, done.stderr, done.returncode) == (
        "tinytorch/core/tensor.py: it differs from what its lesson exports to\n",
        "run `uv run scripts/export_reference.py`, then commit tinytorch/\n",
        1,
    )
    assert tensor.read_text(encoding="utf-8") == "edited"


def test_a_file_edited_by_hand_is_written_again(course):
    tensor = course / "tinytorch" / "core" / "tensor.py"
    before = tensor.read_bytes()
    tensor.write_text("edited", encoding="utf-8")
    done = run("--root", str(course))
    assert (done.stdout, done.returncode) == (
        "tinytorch/core/tensor.py: it differs from what its lesson exports to (mended)\n",
        0,
    )
    assert tensor.read_bytes() == before


def test_a_mistake_in_a_lesson_is_told_with_its_place(course):
    lesson = course / "modules" / "01_tensor" / "tensor.py"
    text = lesson.read_text(encoding="utf-8").replace("### BEGIN SOLUTION", "### BEGIN SOLUTON", 1)
    lesson.write_text(text, encoding="utf-8")
    done = run("--root", str(course))
    line = text.split("\n").index("        ### BEGIN SOLUTON") + 1
    assert done.stderr.startswith(f"{lesson}:{line}: this is not a solution marker: '### BEGIN SOLUTON'")
    assert done.returncode == 2
